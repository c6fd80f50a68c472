import fastify, { type FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { answerBrokenRequests } from "../../engine/broken-request.ts";
import type { CleanUp } from "../../engine/clean-up.ts";
import { dashboardHost } from "../../engine/config/env.ts";
import type { Settings } from "../../engine/config/settings.ts";
import { endConnections } from "../../engine/listening/end-connections.ts";
import { createHttpServer, type TlsFiles } from "../../engine/listening/http-server.ts";
import { urlOf } from "../../engine/listening/listen.ts";
import { listenOn } from "../../engine/listening/listen-on.ts";
import type { FollowedTls } from "../../engine/listening/tls-files.ts";
import type { CountAnswer } from "../../engine/requests/answers.ts";
import { answerError, errorOf } from "./answers.ts";
import type { Dashboard } from "./dashboard.ts";

interface OwnPortOptions {
  dashboard: Dashboard;
  /** Undefined: the port speaks plain HTTP. */
  tls: TlsFiles | undefined;
  countAnswer: CountAnswer;
  onUnexpected: (error: unknown) => void;
}

/** Serves the dashboard on a port of its own, without the API. */
function buildDashboardApp({ dashboard, tls, countAnswer, onUnexpected }: OwnPortOptions): FastifyInstance {
  const app = fastify({
    serverFactory: (handler) => createHttpServer(handler, { tls, fastPath: undefined, countAnswer }),
    forceCloseConnections: "idle",
    exposeHeadRoutes: false,
    logger: false,
    frameworkErrors(_error, request, reply) {
      dashboard.setSecurityHeaders(request, reply);
      void answerError(reply, { type: "InvalidInput", message: "The request is malformed." });
    },
    clientErrorHandler: answerBrokenRequests(countAnswer),
  });
  app.addHook("preClose", async () => endConnections(app.server));
  app.addHook("onRequest", async (request, reply) => dashboard.setSecurityHeaders(request, reply));
  app.setErrorHandler((error, _request, reply) => answerError(reply, errorOf(error, onUnexpected)));
  const pages = dashboard.addTo(app);
  app.setNotFoundHandler((request, reply) => {
    if (!pages.answer(request, reply))
      void answerError(reply, { type: "NotFound", message: "There is nothing at this address." });
  });
  return app;
}

interface ListenOptions {
  settings: Settings;
  tls: FollowedTls | undefined;
  countAnswer: CountAnswer;
  log: Logger;
  cleanUp: CleanUp;
}

/** Listens on DASHBOARD_PORT and returns its URL. */
export async function listenForDashboard(
  dashboard: Dashboard,
  { settings, tls, countAnswer, log, cleanUp }: ListenOptions,
): Promise<string> {
  const onUnexpected = (error: unknown) => log.error({ err: error }, "a dashboard request failed unexpectedly");
  const app = buildDashboardApp({ dashboard, tls: tls?.current(), countAnswer, onUnexpected });
  tls?.keepCurrent(app.server);
  cleanUp.push(() => app.close());
  const host = dashboardHost(settings);
  const names = settings.dashboardHost === undefined ? "HOST, DASHBOARD_PORT" : "DASHBOARD_HOST, DASHBOARD_PORT";
  const port = await listenOn(app, { host, port: settings.dashboardPort ?? 0, settings: names });
  return urlOf(host, port, tls !== undefined);
}
