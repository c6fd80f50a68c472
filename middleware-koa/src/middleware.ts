import type { IncomingMessage } from "node:http";
import {
  type ByoSessionOptions,
  createGate,
  type Gate,
  type GateResponse,
  SessionActionError,
} from "@byo-session/core";
import { createRegistry, deliver, type Registry, setHeaders, sinkOf, viewOf } from "@byo-session/core/node";
import type Application from "koa";
import type { Context, Middleware } from "koa";
import { attachment } from "./attached.ts";
import { checkProxy, ipOf } from "./proxy.ts";

/** What a call outside a request's normal path needs from a middleware. */
export interface MiddlewareParts {
  readonly gate: Gate<Context>;
  /** Checks the app's settings, and handles the errors that its error handling leaves; once per app. */
  prepare(app: Application): void;
}

export const middlewares: Registry<Middleware, MiddlewareParts> = createRegistry(
  "pass what the right byoSession() returned as `sessions`",
);

export function createMiddleware(options: ByoSessionOptions<Context>, ownsSession: boolean): Middleware {
  const prepared = new WeakSet<Application>();
  const { clientIp } = options;
  const addressOf = clientIp ?? ipOf;
  const gate = createGate<Context>(options, {
    read: (ctx) => viewOf(ctx.req, ctx, addressOf, receivedBy(ctx), ctx.url, parsedBody),
    sink: (ctx) => sinkOf(ctx.res),
    attach(ctx, request) {
      attachment.attach(ctx, request, ownSession);
      // Views often get all of `ctx.state`, where reading a session that is not loaded would throw.
      if (ownSession !== undefined) attachment.show(ctx.state, request, ownSession, !lazy);
    },
    deliver: answer,
  });
  const { lazy } = gate.settings;
  const ownSession = ownsSession ? gate.settings.sessionProperty : undefined;

  function prepare(app: Application): void {
    if (prepared.has(app)) return;
    if (!clientIp) checkProxy(app);
    prepared.add(app);
    if (!answered.has(app)) answerActionErrors(app);
    answered.add(app);
  }

  const middleware: Middleware = async (ctx, next) => {
    prepare(ctx.app);
    if (!(await gate.handle(ctx))) return;
    try {
      await next();
    } catch (error) {
      throw attachment.explain(error, ownSession);
    }
  };
  middlewares.add(middleware, { gate, prepare });
  return middleware;
}

/** If Express or Connect serves the app below a path, they keep the received URL; Koa sees only the rest. */
function receivedBy({ req, originalUrl }: { req: IncomingMessage & { originalUrl?: string }; originalUrl: string }) {
  return req.originalUrl ?? originalUrl;
}

/** Where body parsers for Koa leave what they have read. */
function parsedBody({ request }: { request: object & { body?: unknown } }): unknown {
  return request.body;
}

/** The apps whose action errors this package answers. */
const answered = new WeakSet<Application>();

/** Answers action errors that no error handler of the app has handled, instead of Koa. */
function answerActionErrors(app: Application): void {
  const { onerror } = app.context;
  app.context.onerror = function (this: Context, error: Error) {
    if (error instanceof SessionActionError && !this.headerSent && this.writable) deliver(this.res, error.response);
    else onerror.call(this, error);
  };
}

/** Through Koa's own response, so that the middlewares around this one can see it and add to it. */
export function answer(ctx: Context, response: GateResponse): void {
  // Too late for its own response. End it anyway, because nothing else would.
  if (ctx.headerSent) return void ctx.res.end();
  ctx.body = response.body === "" ? null : response.body;
  ctx.status = response.status;
  setHeaders(ctx.res, response);
}

/** The CORS headers of a response to pages of the origins in `trustedOrigins`: `ctx.set(corsHeaders(ctx))`. */
export function corsHeaders(ctx: Context): Record<string, string> {
  return Object.fromEntries(attachment.of(ctx).corsHeaders());
}
