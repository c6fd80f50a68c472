import type { IncomingMessage } from "node:http";
import type { UpgradeResult } from "@byo-session/core";
import { answerUpgrade, viewOf } from "@byo-session/core/node";
import type Application from "koa";
import type { Middleware } from "koa";
import { middlewares } from "./middleware.ts";
import { contextOf, ipOf } from "./proxy.ts";

export interface UpgradeOptions {
  /** The Koa app, whose `proxy` and `maxIpsCount` determine the client's address. */
  app: Application;
  /** What `byoSession()` returned; needed if the application has more than one. */
  sessions?: Middleware;
}

/**
 * The session of a request that opens a WebSocket. `Origin` is checked, and the token is not rotated. It never
 * rejects. Once called, it handles the socket's errors, so a peer that resets the connection cannot crash the process.
 * An error of the app, such as in a function among its options, becomes the app's `error` event, and the result is
 * `InternalError`.
 *
 * @example server.on("upgrade", async (req, socket, head) => {
 *   const opened = await authenticateUpgrade(req, { app });
 *   if (!opened.ok) return socket.end(opened.response);
 *   // hand req, socket and head to the WebSocket library; call opened.revalidate() every 60 s
 * })
 */
export function authenticateUpgrade(req: IncomingMessage, options: UpgradeOptions): Promise<UpgradeResult> {
  return answerUpgrade(
    req,
    () => authenticate(req, options),
    (error) => tell(options.app, error),
  );
}

/** The way Koa itself reports errors; it has its own listener only after `callback()` was called. */
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
