import { byoSession, requireSession } from "@byo-session/fastify";
import express from "express";
import Fastify, { type FastifyInstance, type FastifyServerOptions } from "fastify";
import { stopAfterFile } from "../../../harness/leftovers.ts";
import { serve } from "../../../harness/serve.ts";
import type { PathHost, PathOptions, Place } from "../host.ts";

type Application = (app: FastifyInstance) => Promise<void>;

interface Mount {
  readonly path: string;
  readonly server?: FastifyServerOptions;
  /** Where an Express app serves it. */
  readonly within?: string;
  mount(app: FastifyInstance, application: Application): unknown;
}

const MOUNTS: Readonly<Record<string, Mount>> = {
  "the app": { path: "", mount: (app, application) => application(app) },
  "a scope": { path: "/shop", mount: (app, application) => app.register(application, { prefix: "/shop" }) },
  "a scope in a scope": {
    path: "/shop/inner",
    mount: (app, application) =>
      app.register(async (scope) => void (await scope.register(application, { prefix: "/inner" })), {
        prefix: "/shop",
      }),
  },
  "a scope with a parameter": {
    path: "/shop",
    mount: (app, application) => app.register(application, { prefix: "/:tenant" }),
  },
  "a case-insensitive scope": {
    path: "/SHOP",
    server: { routerOptions: { caseSensitive: false } },
    mount: (app, application) => app.register(application, { prefix: "/shop" }),
  },
  "an app in an Express app": { path: "/shop", within: "/shop", mount: (app, application) => application(app) },
  "behind code that rewrites `url`": {
    path: "/shop",
    server: { rewriteUrl: ({ url = "/" }) => url.replace(/^\/shop(?=\/)/, "") },
    mount: (app, application) => application(app),
  },
};

const applicationWith =
  (options: PathOptions): Application =>
  async (app) => {
    await app.register(byoSession, options);
    app.get("/me", { preHandler: requireSession() }, async ({ session }) => ({ session }));
    app.get("/sign-in", async ({ session }) => ({ session }));
    app.post<{ Body: { userId: string } }>("/login", ({ byo, body }) => byo.login(body));
  };

const PLACES: readonly Place[] = Object.entries(MOUNTS).map(([title, { path, server, within, mount }]) => ({
  ...{ title, path },
  async start(options) {
    const app = Fastify({ ...server, forceCloseConnections: true });
    await mount(app, applicationWith(options));
    if (within) {
      await app.ready();
      return serve(express().use(within, (req, res) => app.routing(req, res)));
    }
    const url = await app.listen({ port: 0, host: "127.0.0.1" });
    return { url, stop: stopAfterFile(() => app.close()) };
  },
}));

export const fastify5Host: PathHost = { name: "Fastify 5", places: PLACES };
