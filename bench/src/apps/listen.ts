import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { driveWhenAsked } from "./in-memory.ts";

/** Listens on any free port and reports it to the parent process. Works with Express and Koa. */
export function listen(app: { listen(port: number, host: string, ready: () => void): Server }): void {
  const server = app.listen(0, "127.0.0.1", () => announce((server.address() as AddressInfo).port));
  driveWhenAsked(server);
}

/** Reports the port to the parent process, and ends when that process does. */
export function announce(port: number): void {
  process.send?.(port);
  process.once("disconnect", () => process.exit(0));
}
