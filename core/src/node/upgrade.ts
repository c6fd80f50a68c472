import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { failedUpgrade, type UpgradeResult } from "../gate/upgrade.ts";

/**
 * The answer to a request that opens a WebSocket, whatever happens meanwhile. Called from an `upgrade` listener, whose
 * failure nobody would catch: it would end the process.
 *
 * @param report Tells the host of an error of the application: of its set-up or of a function among its options.
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
 * Node takes its own listener off a socket that it hands over. Until the app's WebSocket library has one, a peer that
 * resets the connection would be an uncaught exception. What the error means for the app, `close` tells it.
 */
export function watchForErrors(socket: Socket): void {
  if (!socket.listeners("error").includes(ignoreError)) socket.on("error", ignoreError);
}

function ignoreError(): void {}
