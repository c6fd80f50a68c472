import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { failedUpgrade, type UpgradeResult } from "../gate/upgrade.ts";

/**
 * The answer to a request that opens a WebSocket, whatever happens. It is called from an `upgrade` listener, where
 * nobody would catch an error, so an error would end the process.
 *
 * @param report Reports an error of the application to the host: in its setup or in a function among its options.
 */
export async function answerUpgrade(
  req: IncomingMessage,
  authenticate: () => Promise<UpgradeResult>,
  report: (error: unknown) => void,
): Promise<UpgradeResult> {
  watchForErrors(req.socket);
  try {
    return await authenticate();
  } catch (error) {
    report(error);
    return failedUpgrade();
  }
}

/**
 * Node removes its own error listener from a socket that it passes on. Until the app's WebSocket library adds one, a
 * peer that resets the connection would cause an uncaught exception. The app learns about it from `close`.
 */
export function watchForErrors(socket: Socket): void {
  if (!socket.listeners("error").includes(ignoreError)) socket.on("error", ignoreError);
}

function ignoreError(): void {}
