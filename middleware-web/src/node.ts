/** For hosts on a Node server: the `upgrade` event, which they do not see themselves. */
import type { IncomingMessage } from "node:http";
import type { UpgradeResult } from "@byo-session/core";
import { answerUpgrade, headersOf } from "@byo-session/core/node";
import type { UpgradeAuthenticator } from "./upgrade-authenticator.ts";

export interface UpgradeOptions {
  /** What `byoSession()` returned. */
  sessions: UpgradeAuthenticator;
}

/**
 * The session of a request that opens a WebSocket. `Origin` is checked, and the token is not rotated. It never
 * rejects. Once called, it handles the socket's errors, so a peer that resets the connection cannot crash the process.
 * An error of the app, such as in a function among its options, is written to stderr, and the result is
 * `InternalError`. Those functions find Node's request in the host's usual place: `c.env.incoming` in Hono,
 * `event.runtime.node.req` in h3.
 *
 * @example server.on("upgrade", async (req, socket, head) => {
 *   const opened = await authenticateUpgrade(req, { sessions });
 *   if (!opened.ok) return socket.end(opened.response);
 *   // hand req, socket and head to the WebSocket library; then
 *   // opened.closed.then(({ reason }) => ws.close(4401, reason))
 * })
 */
export function authenticateUpgrade(req: IncomingMessage, { sessions }: UpgradeOptions): Promise<UpgradeResult> {
  return answerUpgrade(
    req,
    () => sessions.authenticateUpgrade(requestOf(req), { incoming: req }),
    (error) => console.error(error),
  );
}

function requestOf(req: IncomingMessage): Request {
  const path = req.url?.startsWith("/") ? req.url : "/";
  const url = `http://${req.headers.host}${path}`;
  // A client may send any Host; the URL is built from that header.
  return new Request(URL.canParse(url) ? url : `http://localhost${path}`, { headers: headersOf(req) });
}

export type { UpgradeResult } from "@byo-session/core";
