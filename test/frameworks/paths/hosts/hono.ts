import { byoSession, requireSession } from "@byo-session/web/hono";
import { getRequestListener } from "@hono/node-server";
import { Hono, type MiddlewareHandler } from "hono";
import { serve } from "../../../harness/serve.ts";
import type { PathHost, Place } from "../host.ts";

type Mount = (sessions: MiddlewareHandler, routes: Hono) => Hono;

const MOUNTS: Readonly<Record<string, { path: string; mount: Mount }>> = {
  "the app": { path: "", mount: (sessions, routes) => new Hono().use(sessions).route("/", routes) },
  "a sub-app": {
    path: "/shop",
    mount: (sessions, routes) => new Hono().route("/shop", new Hono().use(sessions).route("/", routes)),
  },
  "a sub-app in a sub-app": {
    path: "/shop/inner",
    mount(sessions, routes) {
      const inner = new Hono().use(sessions).route("/", routes);
      return new Hono().route("/shop", new Hono().route("/inner", inner));
    },
  },
  "a sub-app with a parameter": {
    path: "/shop",
    mount: (sessions, routes) => new Hono().route("/:tenant", new Hono().use(sessions).route("/", routes)),
  },
  "a base path": {
    path: "/shop",
    mount: (sessions, routes) => new Hono().basePath("/shop").use(sessions).route("/", routes),
  },
};

function createRoutes(): Hono {
  const routes = new Hono();
  routes.get("/me", requireSession(), (c) => c.json({ session: c.get("session") }));
  routes.get("/sign-in", (c) => c.json({ session: c.get("session") }));
  routes.post("/login", async (c) => c.json(await c.get("byo").login(await c.req.json())));
  return routes;
}

const PLACES: readonly Place[] = Object.entries(MOUNTS).map(([title, { path, mount }]) => ({
  ...{ title, path },
  async start(options) {
    const sessions = byoSession({ ...options, clientIp: () => "203.0.113.9" });
    return serve(getRequestListener(mount(sessions, createRoutes()).fetch));
  },
}));

export const honoHost: PathHost = { name: "Hono 4", places: PLACES };
