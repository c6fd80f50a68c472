import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { type CommandError, ERROR_STATUS, LIMITS } from "@byo-session/core/contract";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { Dashboard } from "./dashboard/http/dashboard.ts";
import { answerBrokenRequests } from "./engine/broken-request.ts";
import type { ServeCommand, ServedAnswer } from "./engine/commands/serve-command.ts";
import { DatabaseUnavailable } from "./engine/db/database.ts";
import type { FastPath } from "./engine/fast-path/fast-path.ts";
import type { IntegrationKeys, KeyCheck } from "./engine/keys/integration-keys.ts";
import { endConnections } from "./engine/listening/end-connections.ts";
import { createHttpServer, type TlsFiles } from "./engine/listening/http-server.ts";
import type { MetricsAccess } from "./engine/metrics/access.ts";
import type { Metrics } from "./engine/metrics/metrics.ts";
import { internalError } from "./engine/requests/internal-error.ts";

export interface AppDependencies {
  serve: ServeCommand;
  /** Serves commands over connections that stay open. Undefined: commands come by single requests only. */
  fastPath: FastPath | undefined;
  /** Undefined: the port speaks plain HTTP. */
  tls: TlsFiles | undefined;
  keys: Pick<IntegrationKeys, "authenticate">;
  /** The public keys of stateless tokens. */
  publicKeys: () => Promise<ServedAnswer>;
  metrics: Metrics;
  /** Why commands cannot be served now. Undefined: they can. */
  unreadyReason: () => Promise<string | undefined>;
  metricsAccess: MetricsAccess;
  /** Undefined: the dashboard is off, or has a port of its own. */
  dashboard: Dashboard | undefined;
  /** How long a stopping sidecar keeps answering while clients move elsewhere. */
  drainMs: number;
  onUnexpected: (error: unknown) => void;
}

declare module "fastify" {
  interface FastifyRequest {
    integrationKey: Extract<KeyCheck, { ok: true }> | null;
  }
}

/** How long caches may keep the public keys; a new key should be published for longer than this before it signs. */
const JWKS_MAX_AGE_SECS = 60;

const METRICS_REFUSED =
  "metrics: expected METRICS_TOKEN as bearer token, or a request from this machine if METRICS_TOKEN is not set";

/** The sidecar's HTTP interface: routes only. */
export function buildApp({
  serve,
  fastPath,
  tls,
  keys,
  publicKeys,
  metrics,
  unreadyReason,
  metricsAccess,
  dashboard,
  drainMs,
  onUnexpected,
}: AppDependencies): FastifyInstance {
  const app = fastify({
    bodyLimit: LIMITS.bodyBytes,
    serverFactory: (handler) => createHttpServer(handler, { tls, fastPath, countAnswer: metrics.answered }),
    forceCloseConnections: "idle",
    // Accepted requests are answered even while the server closes.
    return503OnClosing: false,
    exposeHeadRoutes: false,
    // Fastify's own log lines and answers would contain URLs as they were sent.
    logger: false,
    frameworkErrors(_error, request, reply) {
      dashboard?.setSecurityHeaders(request, reply);
      void answerError(reply, 400, unexpected("malformed request"));
    },
    clientErrorHandler: answerBrokenRequests(metrics.answered),
  });
  let isClosing = false;

  // Without this a keep-alive connection would hold up the shutdown, and closing it would break a request that is on
  // its way. So each connection gets one more answer with "Connection: close"; then the idle ones are closed.
  app.addHook("preClose", async () => {
    isClosing = true;
    await Promise.all([sleep(drainMs), fastPath?.close()]);
    // Waiting connections are accepted in this turn of the event loop; the system would reset them otherwise.
    await setImmediate();
    endConnections(app.server);
  });
  app.addHook("onSend", async (_request, reply) => {
    if (isClosing) reply.header("connection", "close");
  });

  if (dashboard) {
    app.addHook("onRequest", async (request, reply) => {
      // No browser shows this answer, and the headers would cost time at a thousand calls a second.
      if (request.url !== "/run-command") dashboard.setSecurityHeaders(request, reply);
    });
  }
  const pages = dashboard?.addTo(app);

  // The command runner reads the body itself, whatever its content type says.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  app.decorateRequest("integrationKey", null);

  /**
   * An answer that comes before the whole body ends the connection: otherwise anyone without a key could send forever.
   */
  app.addHook("onSend", async (request, reply) => {
    const { "content-length": length = 0, "transfer-encoding": coding } = request.headers;
    const mayBeLong = coding !== undefined || Number(length) > LIMITS.bodyBytes;
    if (mayBeLong && !request.raw.complete) reply.header("connection", "close");
  });

  /** Runs before the body is read: nothing is parsed for a caller without a key. */
  async function authenticate(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const check = await keys.authenticate(request.headers.authorization);
    if (check.ok) {
      request.integrationKey = check;
    } else {
      await answerError(reply, ERROR_STATUS[check.error.type], check.error);
    }
  }

  app.post("/run-command", { onRequest: authenticate }, async (request, reply) => {
    const key = request.integrationKey;
    if (!key) throw new Error("a command without a key got past the check");
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const answer = await serve(body, key);
    return reply.code(answer.status).header("cache-control", "no-store").send(answer.body);
  });

  app.get("/.well-known/jwks.json", async (_request, reply) => {
    const { status, body } = await publicKeys();
    const caching = status === 200 ? `public, max-age=${JWKS_MAX_AGE_SECS}` : "no-store";
    return reply.code(status).header("cache-control", caching).send(body);
  });

  app.get("/healthz", async () => ({ status: "ok" }));

  app.get("/readyz", async (_request, reply) => {
    const problem = isClosing ? "stopping" : await unreadyReason();
    return reply.code(problem ? 503 : 200).send({ status: problem ?? "ready" });
  });

  app.get("/metrics", async (request, reply) => {
    if (!metricsAccess(request.raw)) return answerError(reply, 401, unexpected(METRICS_REFUSED));
    const { contentType, text } = await metrics.exposition();
    return reply.header("content-type", contentType).send(text);
  });

  app.setNotFoundHandler((request, reply) => {
    if (pages?.answer(request, reply)) return;
    void answerError(reply, 404, unexpected("no such route; commands are POST /run-command"));
  });

  app.setErrorHandler((error: { statusCode?: number; code?: string }, _request, reply) => {
    if (error instanceof DatabaseUnavailable) return answerError(reply, 503, unexpected("the database did not answer"));
    const status = error.statusCode ?? 500;
    if (error.code === "FST_ERR_CTP_BODY_TOO_LARGE") {
      return answerError(reply, 400, unexpected(`body: expected at most ${LIMITS.bodyBytes} bytes`));
    }
    if (status < 500) return answerError(reply, status, unexpected("malformed request"));
    onUnexpected(error);
    return answerError(reply, 500, unexpected(internalError()));
  });

  return app;
}

function unexpected(details: string): CommandError {
  return { type: "UnexpectedError", details };
}

function answerError(reply: FastifyReply, status: number, error: CommandError): FastifyReply {
  return reply.code(status).header("cache-control", "no-store").send(error);
}
