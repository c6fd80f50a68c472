import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { answerBrokenRequests } from "../broken-request.ts";
import type { Settings } from "../config/env.ts";
import { createHttpServer, type HttpServerOptions } from "./http-server.ts";
import { listenOnSocket } from "./unix-socket.ts";

export interface ListenOptions extends HttpServerOptions {
  settings: Settings;
}

/** Listens on the port, and on the Unix socket if one is configured. Both end when the app closes. */
export async function listen(app: FastifyInstance, { settings, tls, fastPath, countAnswer }: ListenOptions) {
  let leaveSocket: (() => Promise<void>) | undefined;
  app.addHook("onClose", () => leaveSocket?.());
  await app.listen({ host: settings.host, port: settings.port });
  if (settings.socketPath !== undefined) {
    // The file's mode decides who may connect, so the socket needs no TLS.
    const server = createHttpServer((request, response) => app.routing(request, response), {
      tls: undefined,
      fastPath,
      countAnswer,
    });
    server.on("clientError", answerBrokenRequests(countAnswer));
    leaveSocket = await listenOnSocket(server, settings.socketPath);
  }
  const { port } = app.server.address() as AddressInfo;
  return { port, url: `${tls ? "https" : "http"}://${urlHost(settings.host)}:${port}` };
}

/** A listening address as it is written in a URL. "All addresses" becomes loopback, which can be opened. */
export function urlHost(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}
