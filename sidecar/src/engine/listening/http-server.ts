import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { FastPath } from "../fast-path/fast-path.ts";
import { answerRaw } from "../raw-answer.ts";
import type { CountAnswer } from "../requests/answers.ts";
import { receive } from "../requests/receive.ts";
import { boundPipelining } from "./bound-pipelining.ts";
import { keepUnsent } from "./keep-unsent.ts";

/** A certificate and its key, as PEM. */
export interface TlsFiles {
  cert: Buffer;
  key: Buffer;
}

export interface HttpServerOptions {
  tls: TlsFiles | undefined;
  /** Undefined: the fast path is off, and requests for it get 404. */
  fastPath: FastPath | undefined;
  countAnswer: CountAnswer;
}

const LIMITS = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: 65_000,
};

/** Makes the servers of the API, for the port and for the Unix socket. */
export function createHttpServer(handler: RequestListener, { tls, fastPath, countAnswer }: HttpServerOptions): Server {
  // A client may offer HTTP/2 with an Upgrade header on any request (RFC 9110, section 7.8): the offer is ignored.
  const shouldUpgradeCallback = fastPath?.isAskedFor ?? (() => false);
  const options = { ...LIMITS, shouldUpgradeCallback };
  const bounded = boundPipelining(receive(handler, countAnswer));
  const server = tls ? createSecureServer({ ...options, ...tls }, bounded) : createServer(options, bounded);
  keepUnsent(server, tls ? "secureConnection" : "connection");
  if (!fastPath) return server;
  server.on("upgrade", (request, socket, head) => {
    if (fastPath.isAskedFor(request)) return void fastPath.open(request, socket, head);
    // Only before Node 24.9, which cannot ignore the offer.
    const error = { type: "UnexpectedError", details: "expected a request without the header Upgrade" } as const;
    answerRaw(socket, { route: "other", status: 400, error }, countAnswer);
  });
  return server;
}
