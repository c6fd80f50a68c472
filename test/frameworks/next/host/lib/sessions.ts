import { createSessions } from "@byo-session/next";

export const { byo, getSession, requireSession, sessionRoutes, withByo, withProxy, withSession } = createSessions({
  loginUrl: "/login",
  protect: ["/whoami/private", "/:locale/whoami/private", "/guarded/page"],
});
