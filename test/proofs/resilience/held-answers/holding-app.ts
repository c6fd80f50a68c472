import type { AddressInfo } from "node:net";
import { createClient } from "@byo-session/core";
import { byoSession, requireSession } from "@byo-session/express";
import express from "express";

/** An application as a process of its own, which holds answers. The environment names the sidecar. */
const { BYO_URL: url = "", BYO_INTEGRATION_KEY: integrationKey = "" } = process.env;
const client = createClient({ url, integrationKey, timeoutMs: 1500, log: () => {} });
const app = express();
app.get("/holds", (_req, res) => {
  res.json(client.holds?.counts);
});
app.use(byoSession({ client }));
app.get("/me", requireSession(), (req, res) => {
  res.send(req.session?.userId);
});
const server = app.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
server.keepAliveTimeout = 120_000;
process.once("disconnect", () => process.exit(0));
