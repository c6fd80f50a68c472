import { createSessions } from "@byo-session/next";

export const { getSession, proxy, requireSession, withByo, withSession } = createSessions({
  lazy: process.env.SESSIONS_LAZY !== undefined,
  loginUrl: "/login",
  protect: ["/account", "/:locale/private", "/members"],
  publicUrl: `http://localhost:${process.env.PORT}/shop`,
  routes: { prefix: "/session" },
});
