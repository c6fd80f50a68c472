import type { FastifyInstance } from "fastify";
import { answerBrokenRequests } from "../broken-request.ts";
import type { Settings } from "../config/settings.ts";
import { createHttpServer, type HttpServerOptions } from "./http-server.ts";
import { listenOn, urlHost } from "./listen-on.ts";
import { listenOnSocket } from "./unix-socket.ts";

export interface ListenOptions extends HttpServerOptions {
  settings: Settings;
}

/** Listens on the port, and on the Unix socket if one is configured. Both end when the app closes. */
export async function listen(app: FastifyInstance, { settings, tls, fastPath, countAnswer }: ListenOptions) {
  let leaveSocket: (() => Promise<void>) | undefined;
  app.addHook("onClose", () => leaveSocket?.());
  const port = await listenOn(app, { host: settings.host, port: settings.port, settings: "HOST, PORT" });
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
  return { port, url: urlOf(settings.host, port, tls !== undefined) };
}

/** A URL that leads to a listening address. "All addresses" becomes loopback, which can be opened. */
export function urlOf(host: string, port: number, isSecure: boolean): string {
  const reachable = { "0.0.0.0": "127.0.0.1", "::": "::1" }[host] ?? host;
  return `${isSecure ? "https" : "http"}://${urlHost(reachable)}:${port}`;
}
