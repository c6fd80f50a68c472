import type { IncomingMessage } from "node:http";
import type { UpgradeResult } from "@byo-session/core";
import { answerUpgrade, viewOf } from "@byo-session/core/node";
import type { FastifyInstance } from "fastify";
import { requestOf } from "./client-address.ts";
import { gates, ipOf } from "./plugin.ts";

export interface UpgradeOptions {
  /** The instance that `byoSession` was registered on: its `trustProxy` determines the client's address. */
  app: FastifyInstance;
}

/**
 * The session of a request that opens a WebSocket. `Origin` is checked, and the token is not rotated. It never
 * rejects. Once called, it handles the socket's errors, so a peer that resets the connection cannot crash the process.
 * The instance logs an error of the app, such as in a function among its options, and the result is `InternalError`.
 *
 * @example app.server.on("upgrade", async (req, socket, head) => {
 *   const opened = await authenticateUpgrade(req, { app });
 *   if (!opened.ok) return socket.end(opened.response);
 *   // hand req, socket and head to the WebSocket library; call opened.revalidate() every 60 s
 * })
 */
export function authenticateUpgrade(req: IncomingMessage, { app }: UpgradeOptions): Promise<UpgradeResult> {
  return answerUpgrade(
    req,
    () => authenticate(req, app),
    (error) => app.log.error(error),
  );
}

async function authenticate(req: IncomingMessage, app: FastifyInstance): Promise<UpgradeResult> {
  const gate = gates.pick(app);
  const request = requestOf(app, req);
  const view = viewOf(req, request, gate.settings.clientIp ?? ipOf);
  return gate.authenticateUpgrade(request, view);
}
