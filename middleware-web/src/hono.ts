/** Sessions for Hono: `app.use(byoSession())`, then `c.get("session")` and `c.var.byo`. */
import {
  type ByoSessionOptions,
  checkRequirements,
  type GateResponse,
  type Session,
  type SessionActions,
  type SessionRequirements,
} from "@byo-session/core";
import { responseOf, setAnswerHeaders, targetOf } from "@byo-session/core/web";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { basePath } from "hono/route";
import { offerVariables } from "./hono-variables.ts";
import type { UpgradeAuthenticator } from "./upgrade-authenticator.ts";
import { attachedTo } from "./visit.ts";
import { createWebGate } from "./web-gate.ts";

declare module "hono" {
  interface ContextVariableMap {
    /** The session of this request, or null. */
    session: Session | null;
    /** What this request can do with sessions. */
    byo: SessionActions;
  }
}

/** What `byoSession()` returns: the middleware, which also handles WebSockets. */
export type SessionMiddleware = MiddlewareHandler & UpgradeAuthenticator;

/**
 * Validates the session of each request and provides it as `c.get("session")` and `c.get("byo")`.
 *
 * @throws ConfigurationError `ERR_BYO_OPTIONS`, when called, for invalid options; the message says how to fix them.
 */
export function byoSession(options: ByoSessionOptions<Context> = {}): SessionMiddleware {
  const gate = createWebGate<Context>(options, {
    routedTarget,
    offer: (c, attached) => offerVariables(c, attached, gate.settings.sessionProperty),
    deliver: answer,
  });
  const middleware: MiddlewareHandler = async (c, next) => {
    const response = await gate.run(c.req.raw, c, async () => {
      await next();
      return c.res;
    });
    if (response === c.res) return;
    // Otherwise Hono would add the headers of the previous response.
    c.res = undefined;
    c.res = response;
  };
  const authenticateUpgrade: SessionMiddleware["authenticateUpgrade"] = async (request, env = {}) =>
    gate.authenticateUpgrade(request, await contextOf(request, env));
  return Object.assign(middleware, { authenticateUpgrade });
}

/**
 * Lets only requests with a session pass. Otherwise it answers 401, or redirects a page load to `loginUrl`; it answers
 * 403 for a missing tag.
 *
 * @throws ConfigurationError `ERR_BYO_OPTIONS`, when called, for unknown requirements.
 * @example app.get("/me", requireSession(), (c) => c.json(c.get("session")))
 */
export function requireSession(requirements: SessionRequirements = {}): MiddlewareHandler {
  const checked = checkRequirements(requirements);
  return async (c, next) => {
    const refused = await attachedTo(c).guard(checked);
    if (refused) return answer(c, refused);
    await next();
  };
}

/** The CORS headers of a response to pages of the origins in `trustedOrigins`: `c.json(data, 200, corsHeaders(c))`. */
export function corsHeaders(c: Context): Record<string, string> {
  return Object.fromEntries(attachedTo(c).corsHeaders());
}

/** Overrides the headers that other middlewares have already set for the response. */
function answer(c: Context, answered: GateResponse): Response {
  c.res = responseOf(answered);
  setAnswerHeaders(c.res.headers, answered);
  return c.res;
}

/** Without the path that the middleware's app is mounted on. */
function routedTarget(c: Context): string {
  const target = targetOf(c.req.url);
  const base = basePath(c).replace(/\/$/, "");
  const routed = target.startsWith(base) ? target.slice(base.length) : target;
  return routed.startsWith("/") ? routed : `/${routed}`;
}

/** A context for a request that did not reach an app. */
async function contextOf(request: Request, env: object): Promise<Context> {
  const { promise, resolve } = Promise.withResolvers<Context>();
  const app = new Hono().all("*", (c) => {
    resolve(c);
    return c.body(null);
  });
  await app.fetch(request, env);
  return promise;
}
