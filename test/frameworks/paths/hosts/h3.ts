import { byoSession, requireSession } from "@byo-session/web/h3";
import { H3, type Middleware, toNodeHandler } from "h3";
import { serve } from "../../../harness/serve.ts";
import type { PathHost, Place } from "../host.ts";

type Mount = (inner: H3) => H3;

const MOUNTS: Readonly<Record<string, { path: string; mount: Mount }>> = {
  "the app": { path: "", mount: (inner) => inner },
  "a sub-app": { path: "/shop", mount: (inner) => new H3().mount("/shop", inner) },
  "a sub-app in a sub-app": {
    path: "/shop/inner",
    mount: (inner) => new H3().mount("/shop", new H3().mount("/inner", inner)),
  },
};

function createApp(sessions: Middleware): H3 {
  const app = new H3({ silent: true });
  app.use(sessions);
  app.get("/me", ({ context }) => ({ session: context.session }), { middleware: [requireSession()] });
  app.get("/sign-in", ({ context }) => ({ session: context.session }));
  app.post("/login", async ({ context, req }) => context.byo.login(Object(await req.json())));
  return app;
}

const PLACES: readonly Place[] = Object.entries(MOUNTS).map(([title, { path, mount }]) => ({
  ...{ title, path },
  async start(options) {
    const sessions = byoSession({ ...options, clientIp: () => "203.0.113.9" });
    return serve(toNodeHandler(mount(createApp(sessions))));
  },
}));

export const h3Host: PathHost = { name: "h3 2", places: PLACES };
