import {
  type ByoSessionOptions,
  ConfigurationError,
  createGate,
  type Gate,
  SessionActionError,
} from "@byo-session/core";
import { createRegistry, deliver, type Registry, sinkOf, viewOf } from "@byo-session/core/node";
import type { Application, ErrorRequestHandler, Request, RequestHandler } from "express";
import { catchRejections } from "./async-handlers.ts";
import { attachment } from "./attached.ts";
import { intoExpress } from "./into-express.ts";
import { checkTrustProxy, ipOf, keepTrustProxyChecked, whenMounted } from "./trust-proxy.ts";

/** What a call outside a request's normal path needs from a middleware. */
export interface MiddlewareParts {
  readonly gate: Gate<Request>;
  /** Checks the app's settings, and adds the error handler behind its routes; once per app. */
  prepare(app: Application): void;
}

export const middlewares: Registry<RequestHandler, MiddlewareParts> = createRegistry(
  "pass what the right byoSession() returned as `sessions`",
);

export function createMiddleware(options: ByoSessionOptions<Request>, ownsSession: boolean): RequestHandler {
  const prepared = new WeakSet<Application>();
  const { clientIp } = options;
  const addressOf = clientIp ?? ipOf;
  const gate = createGate<Request>(options, {
    read: (req) => viewOf(req, req, addressOf, req.originalUrl, req.url, ({ body }) => body),
    sink: (req) => sinkOf(responseOf(req)),
    attach: (req, request) => attachment.attach(req, request, ownSession),
    deliver: (req, response) => deliver(responseOf(req), response),
  });
  const ownSession = ownsSession ? gate.settings.sessionProperty : undefined;

  function prepare(app: Application): void {
    if (prepared.has(app)) return;
    if (!clientIp) checkTrustProxy(app);
    prepared.add(app);
    catchRejections(app);
    // After all routes and error handlers of the application, so that those run first.
    app.use(answerError);
  }

  const answerError: ErrorRequestHandler = (error, _req, res, next) => {
    if (error instanceof SessionActionError && !res.headersSent) deliver(res, error.response);
    else next(attachment.explain(error, ownSession));
  };

  const handler = intoExpress((req) => {
    if (!req.app) throw notMounted();
    prepare(req.app);
    return gate.handle(req);
  });
  middlewares.add(handler, { gate, prepare });
  return clientIp ? handler : whenMounted(handler, keepTrustProxyChecked);
}

function responseOf(req: Request) {
  if (req.res) return req.res;
  throw notMounted();
}

function notMounted(): ConfigurationError {
  return new ConfigurationError(
    "ERR_NOT_MOUNTED",
    "byoSession(): expected an Express app; mount it with app.use(byoSession())",
  );
}

/** The CORS headers of a response to pages of the origins in `trustedOrigins`: `res.set(corsHeaders(req))`. */
export function corsHeaders(req: Request): Record<string, string> {
  return Object.fromEntries(attachment.of(req).corsHeaders());
}
