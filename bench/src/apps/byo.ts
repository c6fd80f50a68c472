import { byoSession, requireSession } from "@byo-session/express/side-by-side";
import express from "express";
import { listen } from "./listen.ts";

/**
 * Ours, with everything switched on: rotation, policies, activity, audit. `BYO_URL` and `BYO_INTEGRATION_KEY` set the
 * sidecar.
 */
const app = express();
app.use(byoSession());
app.post("/login", async (req, res) => {
  await req.byo.login({ userId: `bench-${crypto.randomUUID()}` });
  res.end();
});
app.get("/me", requireSession(), (req, res) => {
  res.json({ userId: req.byo.session?.userId });
});
listen(app);
