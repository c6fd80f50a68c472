import { createSessions } from "@byo-session/next";

export const { byo, getSession, proxy, requireSession } = createSessions({
  loginUrl: "/login",
  protect: ["/account/:path*"],
  publicUrl: process.env.PUBLIC_URL ?? `http://localhost:${process.env.PORT ?? 3000}`,
  routes: { prefix: "/session" },
});
