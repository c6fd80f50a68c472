import { createSessions } from "@byo-session/next";

export const { apiWithByo, apiWithSession, propsWithByo, propsWithSession, proxy, requireSession } = createSessions({
  loginUrl: "/login",
  protect: ["/screened"],
  publicUrl: `http://localhost:${process.env.PORT}`,
  routes: { prefix: "/session" },
});

/** As in an app without a proxy: a file of its own serves the ready-made routes. */
export const { apiWithByo: withRoutes } = createSessions({ routes: { prefix: "/api/outside/session" } });
