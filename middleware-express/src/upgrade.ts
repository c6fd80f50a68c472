import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";
import { ConfigurationError, type UpgradeResult } from "@byo-session/core";
import { answerUpgrade, viewOf } from "@byo-session/core/node";
import type { Application, RequestHandler } from "express";
import { middlewares } from "./middleware.ts";
import { ipOf, requestOf } from "./trust-proxy.ts";

export interface UpgradeOptions {
  /** The Express app, whose `trust proxy` determines the client's address. Default: the app that the server serves. */
  app?: Application;
  /** What `byoSession()` returned; needed if the application has more than one. */
  sessions?: RequestHandler;
}

/**
 * The session of a request that opens a WebSocket. `Origin` is checked, and the token is not rotated. It never
 * rejects. Once called, it handles the socket's errors, so a peer that resets the connection cannot crash the process.
 * An error of the app, such as in a function among its options, is logged, and the result is `InternalError`.
 *
 * @example server.on("upgrade", async (req, socket, head) => {
 *   const opened = await authenticateUpgrade(req);
 *   if (!opened.ok) return socket.end(opened.response);
 *   // hand req, socket and head to the WebSocket library; call opened.revalidate() every 60 s
 * })
 */
export function authenticateUpgrade(req: IncomingMessage, options: UpgradeOptions = {}): Promise<UpgradeResult> {
  return answerUpgrade(req, () => authenticate(req, options), console.error);
}

async function authenticate(req: IncomingMessage, options: UpgradeOptions): Promise<UpgradeResult> {
  const { gate, prepare } = middlewares.pick(options.sessions);
  const app = options.app ?? appOf(req);
  prepare(app);
  const request = requestOf(app, req);
  const view = viewOf(req, request, gate.settings.clientIp ?? ipOf);
  return gate.authenticateUpgrade(request, view);
}

/** `app.listen()` and `http.createServer(app)` make the app itself the server's listener. */
function appOf(req: IncomingMessage): Application {
  const { server } = req.socket as Socket & { server?: Server };
  const app = server?.listeners("request").find((listener): listener is Application => "request" in listener);
  if (app) return app;
  throw new ConfigurationError("ERR_NOT_MOUNTED", "authenticateUpgrade(): pass the Express app as `app`");
}
