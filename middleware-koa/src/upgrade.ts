import type { IncomingMessage } from "node:http";
import type { UpgradeResult } from "@byo-session/core";
import { answerUpgrade, viewOf } from "@byo-session/core/node";
import type Application from "koa";
import type { Middleware } from "koa";
import { middlewares } from "./middleware.ts";
import { contextOf, ipOf } from "./proxy.ts";

export interface UpgradeOptions {
  /** The Koa app, whose `proxy` and `maxIpsCount` tell the client's address. */
  app: Application;
  /** What `byoSession()` returned, in an application that has more than one. */
  sessions?: Middleware;
}

/**
 * The session of a request that opens a WebSocket: `Origin` is checked, nothing is rotated. It never rejects, and from its
 * call on the socket's errors are heard: a peer that resets the connection ends nothing else. An error of the app, as of a
 * function among its options, is told as the app's `error` event, and the result is `InternalError`.
 *
 * @example server.on("upgrade", async (req, socket, head) => {
 *   const opened = await authenticateUpgrade(req, { app });
 *   if (!opened.ok) return socket.end(opened.response);
 *   // hand req, socket and head to the WebSocket library; then
 *   // opened.closed.then(({ reason }) => ws.close(4401, reason))
 * })
 */
export function authenticateUpgrade(req: IncomingMessage, options: UpgradeOptions): Promise<UpgradeResult> {
  return answerUpgrade(
    req,
    () => authenticate(req, options),
    (error) => tell(options.app, error),
  );
}

/** As Koa itself tells of errors; it has a listener of its own only once `callback()` was called. */
function tell(app: Application, error: unknown): void {
  if (app.listenerCount("error") > 0) app.emit("error", error);
  else console.error(error);
}

async function authenticate(req: IncomingMessage, options: UpgradeOptions): Promise<UpgradeResult> {
  const { gate, prepare } = middlewares.pick(options.sessions);
  prepare(options.app);
  const ctx = contextOf(options.app, req);
  const view = viewOf(req, ctx, gate.settings.clientIp ?? ipOf);
  return gate.authenticateUpgrade(ctx, view);
}
