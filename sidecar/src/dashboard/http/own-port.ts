import type { AddressInfo } from "node:net";
import fastify, { type FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { answerBrokenRequest } from "../../broken-request.ts";
import type { CleanUp } from "../../clean-up.ts";
import type { Settings } from "../../config/env.ts";
import { createHttpServer, type TlsFiles } from "../../listening/http-server.ts";
import { urlHost } from "../../listening/listen.ts";
import type { AddDashboard } from "../compose.ts";
import { answerError, errorOf } from "./answers.ts";
import { setSecurityHeaders } from "./security-headers.ts";

interface OwnPortOptions {
  addDashboard: AddDashboard;
  /** Undefined: the port speaks plain HTTP. */
  tls: TlsFiles | undefined;
  onUnexpected: (error: unknown) => void;
}

/** The dashboard on a port of its own: nothing of the API answers there. */
function buildDashboardApp({ addDashboard, tls, onUnexpected }: OwnPortOptions): FastifyInstance {
  const app = fastify({
    serverFactory: (handler) => createHttpServer(handler, { tls, fastPath: undefined }),
    forceCloseConnections: "idle",
    exposeHeadRoutes: false,
    logger: false,
    frameworkErrors(_error, _request, reply) {
      setSecurityHeaders(reply);
      void answerError(reply, { type: "InvalidInput", message: "The request cannot be read." });
    },
    clientErrorHandler: answerBrokenRequest,
  });
  app.addHook("onRequest", async (_request, reply) => setSecurityHeaders(reply));
  app.setErrorHandler((error, _request, reply) => answerError(reply, errorOf(error, onUnexpected)));
  const pages = addDashboard(app);
  app.setNotFoundHandler((request, reply) => {
    if (!pages.answer(request, reply)) void answerError(reply, { type: "NotFound", message: "Nothing is here." });
  });
  return app;
}

interface ListenOptions {
  settings: Settings;
  tls: TlsFiles | undefined;
  log: Logger;
  cleanUp: CleanUp;
}

/** Listens on DASHBOARD_PORT and gives where that is. */
export async function listenForDashboard(
  addDashboard: AddDashboard,
  { settings, tls, log, cleanUp }: ListenOptions,
): Promise<string> {
  const onUnexpected = (error: unknown) => log.error({ err: error }, "a request of the dashboard failed unexpectedly");
  const app = buildDashboardApp({ addDashboard, tls, onUnexpected });
  cleanUp.push(() => app.close());
  const host = settings.dashboardHost ?? settings.host;
  await app.listen({ host, port: settings.dashboardPort ?? 0 });
  const { port } = app.server.address() as AddressInfo;
  return `${tls ? "https" : "http"}://${urlHost(host)}:${port}`;
}
