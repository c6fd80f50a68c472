import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Listens on any free port and tells it to the process that started this one. Express and Koa both fit. */
export function listen(app: { listen(port: number, host: string, ready: () => void): Server }): void {
  const server = app.listen(0, "127.0.0.1", () => announce((server.address() as AddressInfo).port));
}

/** Tells the port to the process that started this one, and ends when that does. */
export function announce(port: number): void {
  process.send?.(port);
  process.once("disconnect", () => process.exit(0));
}
