// The sources as they are, in a Hono app for a runtime's own server.
import process from "node:process";
import { verifyStatelessToken } from "@byo-session/core/stateless";
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
  app.get("/reports", async (c) => {
    const jwksUrl = `${process.env.BYO_URL}/.well-known/jwks.json`;
    const verified = verifyStatelessToken(c.req.query("token") ?? "", { jwksUrl });
    return verified.then(
      (token) => c.json(token),
      ({ code }) => c.json({ code }, 401),
    );
  });
  app.get("/redirect", () => Response.redirect("http://elsewhere.example/"));
  app.get("/list", async (c) => c.json(await c.get("byo").listSessions()));
  app.get(
    "/socket",
    upgradeWebSocket((c) => ({ onOpen: (_event, socket) => socket.send(JSON.stringify(c.get("session"))) })),
  );
  return app;
}
