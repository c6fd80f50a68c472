import { createSessions } from "@byo-session/next";

const sessions = createSessions({
  loginUrl: "/login",
  protect: ["/whoami/private", "/:locale/whoami/private", "/guarded/page"],
});

export const { byo, getSession, propsWithSession, requireSession, sessionRoutes, withByo, withProxy, withSession } =
  sessions;
