import type { AddressInfo } from "node:net";
import { byoSession, requireSession } from "@byo-session/express";
import express from "express";

/** An application as a process of its own, so that its memory can be told. The environment names the sidecar. */
const app = express();
app.use(byoSession());
app.get("/me", requireSession(), (req, res) => {
  res.send(req.session?.userId);
});
const server = app.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.once("disconnect", () => process.exit(0));
