import { createSessions } from "@byo-session/next";

export const { getSession, proxy, requireSession, withByo, withSession } = createSessions({
  loginUrl: "/login",
  protect: ["/account", "/:locale/private"],
  publicUrl: `http://localhost:${process.env.PORT}/shop`,
  routes: { prefix: "/session" },
});
