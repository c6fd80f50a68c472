import { createSessions } from "@byo-session/next";

export const { getSession, proxy, requireSession, withByo, withSession } = createSessions({
  lazy: process.env.SESSIONS_LAZY !== undefined,
  loginUrl: "/login",
  protect: ["/account", "/:locale/private", "/members"],
  publicUrl: `${process.env.PUBLIC_URL}/shop`,
  clientIp: ({ headers }) => headers.get("x-real-ip") ?? undefined,
  routes: { prefix: "/session" },
});
