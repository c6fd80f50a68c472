import { createClient } from "@byo-session/core";
import { byoSession, requireSession } from "@byo-session/express/side-by-side";
import express from "express";
import { listen } from "./listen.ts";

/**
 * Ours, with everything switched on: rotation, policies, activity, audit. `BYO_URL` and `BYO_INTEGRATION_KEY` set the
 * sidecar. `HOLD=off`: every request asks it.
 */
const { BYO_URL: url = "", BYO_INTEGRATION_KEY: integrationKey = "", HOLD } = process.env;
const client = createClient({ url, integrationKey, hold: HOLD !== "off" });
const app = express();
app.use(byoSession({ client, hold: HOLD !== "off" }));
app.post("/login", async (req, res) => {
  await req.byo.login({ userId: `bench-${crypto.randomUUID()}` });
  res.end();
});
app.get("/me", requireSession(), (req, res) => {
  res.json({ userId: req.byo.session?.userId });
});
app.get("/holds", (_req, res) => {
  res.json(client.holds?.counts ?? {});
});
listen(app);
