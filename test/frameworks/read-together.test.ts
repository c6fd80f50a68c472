import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import type { RequestListener } from "node:http";
import { connect, type Socket } from "node:net";
import { createClient, type SidecarClient } from "@byo-session/core";
import * as ofExpress from "@byo-session/express";
import { byoSession as ofFastify, requireSession as requireInFastify } from "@byo-session/fastify";
import * as ofKoa from "@byo-session/koa";
import express from "express";
import { fastify } from "fastify";
import Koa from "koa";
import { expect, it } from "vitest";
import { createBrowserClient } from "../harness/browser-client.ts";
import { stopAfterFile } from "../harness/leftovers.ts";
import { serve } from "../harness/serve.ts";
import { startTestSidecar } from "../harness/test-sidecar.ts";

const CONNECTIONS = 8;
const USER = "ada";
const USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/** What the app did, in this order, and of which request each handler knew that it was its own. */
interface Seen {
  readonly steps: string[];
  readonly own: AsyncLocalStorage<string>;
}

/** An app on whose way `read` runs first and `handled` last, and which logs in by POST. */
type CreateApp = (client: SidecarClient, seen: Seen) => RequestListener | Promise<RequestListener>;

const read = ({ steps, own }: Seen, id: unknown) => {
  steps.push("read");
  own.enterWith(String(id));
};
const handled = ({ steps, own }: Seen, id: unknown) => {
  steps.push("handled");
  return own.getStore() === id ? "its own" : "another's";
};

const APPS: Record<string, CreateApp> = {
  Express(client, seen) {
    const app = express().set("env", "test");
    app.use((req, _res, next) => {
      read(seen, req.headers["x-id"]);
      next();
    }, ofExpress.byoSession({ client }));
    app.post("/", (req, res, next) => void req.byo.login({ userId: USER }).then(() => res.end(), next));
    app.get("/", ofExpress.requireSession(), (req, res) => void res.send(handled(seen, req.headers["x-id"])));
    return app;
  },
  async Fastify(client, seen) {
    const app = fastify();
    app.addHook("onRequest", (request, _reply, done) => {
      read(seen, request.headers["x-id"]);
      done();
    });
    await app.register(ofFastify, { client });
    app.post("/", async (request) => void (await request.byo.login({ userId: USER })));
    app.get("/", { preHandler: requireInFastify() }, async (request) => handled(seen, request.headers["x-id"]));
    await app.ready();
    return (req, res) => void app.routing(req, res);
  },
  Koa(client, seen) {
    const app = new Koa();
    app.use((ctx, next) => {
      read(seen, ctx.get("x-id"));
      return next();
    });
    app.use(ofKoa.byoSession({ client }));
    app.use(async (ctx, next) => {
      if (ctx.method !== "POST") return next();
      await ctx.byo.login({ userId: USER });
      ctx.body = "";
    });
    app.use(ofKoa.requireSession());
    app.use((ctx) => {
      ctx.body = handled(seen, ctx.get("x-id"));
    });
    return app.callback();
  },
};

it.each(Object.entries(APPS))(
  "%s: requests that arrive together are all read before the first is handled, each in its own context",
  async (_name, create) => {
    const { url, integrationKey } = await startTestSidecar({ env: { SESSION_CACHE: "on" } });
    const client = createClient({ url, integrationKey });
    stopAfterFile(() => client.close());
    const seen: Seen = { steps: [], own: new AsyncLocalStorage() };
    const app = await serve(await create(client, seen));
    const browser = createBrowserClient(app.url, { userAgent: USER_AGENT });
    await browser.fetch("/", { method: "POST" });
    const cookie = `__Host-sessionToken=${await browser.cookie("__Host-sessionToken")}`;
    const connections = await Promise.all(
      Array.from({ length: CONNECTIONS }, (_, id) =>
        openConnection(app.url, `X-Id: ${id}\r\nUser-Agent: ${USER_AGENT}\r\nCookie: ${cookie}`),
      ),
    );
    await expect
      .poll(async () => {
        await Promise.all(connections.map((connection) => connection.ask()));
        return client.holds?.counts.served;
      })
      .toBeGreaterThanOrEqual(CONNECTIONS);

    seen.steps.length = 0;
    const answers = connections.map((connection) => connection.ask());
    // Until the system has brought all of them to the server, which runs in this process too.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    expect(await Promise.all(answers)).toEqual(Array(CONNECTIONS).fill("its own"));
    expect(seen.steps).toEqual([...Array(CONNECTIONS).fill("read"), ...Array(CONNECTIONS).fill("handled")]);
  },
);

/** A connection that stays open, with one request after the other. */
async function openConnection(url: string, headers: string): Promise<{ ask(): Promise<string> }> {
  const { port, host } = new URL(url);
  const socket: Socket = connect(Number(port), "127.0.0.1");
  stopAfterFile(async () => void socket.destroy());
  await once(socket, "connect");
  return {
    async ask() {
      socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n${headers}\r\n\r\n`);
      const [answer] = (await once(socket, "data")) as [Buffer];
      return answer.toString().split("\r\n\r\n").at(-1) ?? "";
    },
  };
}
