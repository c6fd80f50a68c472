import type { Server } from "node:http";

const CHECK_MS = 100;
/** Longer than any command takes, and short enough that the shutdown can still write what is pending. */
const ANSWER_LIMIT_MS = 7_500;

/**
 * Ends the connections of a server that closes as soon as their answers are sent. Node ends only those that are idle
 * at that moment: a connection whose answer was on its way would hold up the shutdown for its whole keep-alive time,
 * and one whose client has stopped reading for longer.
 */
export function endConnections(server: Server): void {
  if (!server.listening) return;
  const idle = setInterval(() => server.closeIdleConnections(), CHECK_MS);
  const all = setTimeout(() => server.closeAllConnections(), ANSWER_LIMIT_MS);
  server.once("close", () => {
    clearInterval(idle);
    clearTimeout(all);
  });
}
