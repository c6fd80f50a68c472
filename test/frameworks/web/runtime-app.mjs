// The sources as they are, in a Hono app for a runtime's own server.
import { byoSession, requireSession } from "@byo-session/web/hono";
import { Hono } from "hono";

export function createApp({ getConnInfo, upgradeWebSocket }) {
  const app = new Hono();
  app.use(byoSession({ routes: { prefix: "/session" }, clientIp: (c) => getConnInfo(c).remote.address }));
  app.get("/me", requireSession(), (c) => c.json(c.get("session")));
  app.post("/login", async (c) => c.json(await c.get("byo").login(await c.req.json())));
  app.post("/login-and-wait", async (c) => {
    await c.get("byo").login({ userId: "left early" });
    await new Promise((resolve) => setTimeout(resolve, 500));
    return c.text("too late");
  });
  app.get("/redirect", () => Response.redirect("http://elsewhere.example/"));
  app.get("/list", async (c) => c.json(await c.get("byo").listSessions()));
  app.get(
    "/socket",
    upgradeWebSocket((c) => ({ onOpen: (_event, socket) => socket.send(JSON.stringify(c.get("session"))) })),
  );
  return app;
}
