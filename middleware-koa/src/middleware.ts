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

/** What a call outside of a request's own way needs of a middleware. */
export interface MiddlewareParts {
  readonly gate: Gate<Context>;
  /** Checks the app's settings and decorates its contexts; once for each app. */
  prepare(app: Application): void;
}

export const middlewares: Registry<Middleware, MiddlewareParts> = createRegistry(
  "pass what the one that is meant has returned as `sessions`",
);

export function createMiddleware(options: ByoSessionOptions<Context>, ownsSession: boolean): Middleware {
  const prepared = new WeakSet<Application>();
  const { clientIp } = options;
  const addressOf = clientIp ?? ipOf;
  const gate = createGate<Context>(options, {
    read: (ctx) => viewOf(ctx.req, ctx.originalUrl, ctx, addressOf),
    sink: (ctx) => sinkOf(ctx.res),
    attach(ctx, request) {
      attachment.attach(ctx, request);
      // Views are often given all of `ctx.state`: a look at a session that is not loaded would throw there.
      if (ownsSession) attachment.decorateOne(ctx.state, sessionProperty, request, !lazy);
    },
    deliver: answer,
  });
  const { sessionProperty, lazy } = gate.settings;

  function prepare(app: Application): void {
    if (prepared.has(app)) return;
    if (!clientIp) checkProxy(app);
    // Other libraries put theirs there when the app is built, all before its first request.
    if (ownsSession && !decorated.has(app) && sessionProperty in app.context) {
      throw attachment.propertyTaken(sessionProperty);
    }
    prepared.add(app);
    attachment.decorate(app.context, ownsSession ? sessionProperty : undefined);
    if (!decorated.has(app)) answerActionErrors(app);
    decorated.add(app);
  }

  const middleware: Middleware = async (ctx, next) => {
    prepare(ctx.app);
    if (ownsSession && Object.hasOwn(ctx, sessionProperty)) throw attachment.propertyTaken(sessionProperty);
    if (await gate.handle(ctx)) await next();
  };
  middlewares.add(middleware, { gate, prepare });
  return middleware;
}

/** The apps whose contexts a middleware of this package has decorated. */
const decorated = new WeakSet<Application>();

/** What no error handler of the app has taken, in place of Koa's own answer. */
function answerActionErrors(app: Application): void {
  const { onerror } = app.context;
  app.context.onerror = function (this: Context, error: Error) {
    if (error instanceof SessionActionError && !this.headerSent && this.writable) deliver(this.res, error.response);
    else onerror.call(this, error);
  };
}

/** Through Koa's own response, so that the middlewares around this one see it and can add to it. */
export function answer(ctx: Context, response: GateResponse): void {
  ctx.body = response.body === "" ? null : response.body;
  ctx.status = response.status;
  setHeaders(ctx.res, response);
}

/** The CORS headers of an answer, for pages of the origins in `trustedOrigins`: `ctx.set(corsHeaders(ctx))`. */
export function corsHeaders(ctx: Context): Record<string, string> {
  return Object.fromEntries(attachment.of(ctx).corsHeaders());
}
