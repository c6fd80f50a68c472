import type { AddressInfo } from "node:net";
import type { Express } from "express";

/** Listens on any free port and tells it to the process that started this one. */
export function listen(app: Express): void {
  const server = app.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
  process.once("disconnect", () => process.exit(0));
}
