import {
  type ByoSessionOptions,
  ConfigurationError,
  createGate,
  type Gate,
  SessionActionError,
} from "@byo-session/core";
import { createRegistry, deliver, type Registry, sinkOf, viewOf } from "@byo-session/core/node";
import type { Application, ErrorRequestHandler, Request, RequestHandler } from "express";
import { attach, attachedTo, decorate, propertyTaken } from "./attached.ts";
import { checkTrustProxy, ipOf, keepTrustProxyChecked, whenMounted } from "./trust-proxy.ts";

/** What a call outside of a request's own way needs of a middleware. */
export interface MiddlewareParts {
  readonly gate: Gate<Request>;
  /** Checks the app's settings and decorates its requests; once for each app. */
  prepare(app: Application, requestPrototype: object): void;
}

export const middlewares: Registry<RequestHandler, MiddlewareParts> = createRegistry(
  "pass what the one that is meant has returned as `sessions`",
);

export function createMiddleware(options: ByoSessionOptions<Request>, ownsSession: boolean): RequestHandler {
  const prepared = new WeakSet<Application>();
  const { clientIp } = options;
  const addressOf = clientIp ?? ipOf;
  const gate = createGate<Request>(options, {
    read: (req) => viewOf(req, req.originalUrl, req, addressOf),
    sink: (req) => sinkOf(responseOf(req)),
    attach,
    deliver: (req, response) => deliver(responseOf(req), response),
  });
  const { sessionProperty } = gate.settings;

  function prepare(app: Application, requestPrototype: object): void {
    if (prepared.has(app)) return;
    if (!clientIp) checkTrustProxy(app);
    prepared.add(app);
    decorate(requestPrototype, ownsSession ? sessionProperty : undefined);
    // Behind all routes and error handlers of the application, so that each of those comes first.
    app.use(answerActionError);
  }

  const handler: RequestHandler = (req, _res, next) => {
    prepare(req.app, Object.getPrototypeOf(req));
    if (ownsSession && Object.hasOwn(req, sessionProperty)) throw propertyTaken(sessionProperty);
    gate.handle(req).then((mayPass) => {
      if (mayPass) next();
    }, next);
  };
  middlewares.add(handler, { gate, prepare });
  return clientIp ? handler : whenMounted(handler, keepTrustProxyChecked);
}

const answerActionError: ErrorRequestHandler = (error, _req, res, next) => {
  if (error instanceof SessionActionError && !res.headersSent) deliver(res, error.response);
  else next(error);
};

function responseOf(req: Request) {
  if (req.res) return req.res;
  throw new ConfigurationError("ERR_NOT_MOUNTED", "byoSession() has to be mounted in an Express app");
}

/** The CORS headers of an answer, for pages of the origins in `trustedOrigins`: `res.set(corsHeaders(req))`. */
export function corsHeaders(req: Request): Record<string, string> {
  return Object.fromEntries(attachedTo(req).corsHeaders());
}
