import type { IncomingMessage } from "node:http";
import type { Session, SessionActions, SessionRequirements, UpgradeResult } from "@byo-session/core";
import type { GetServerSideProps, NextApiHandler } from "next/dist/types.js";
import { createAmbient } from "./ambient.ts";
import { type ByoGiven, createHandlers, type SessionGiven } from "./handlers.ts";
import type { SessionOptions } from "./options.ts";
import type { AnyProps, ApiHandler, PropsHandler } from "./pages-router.ts";
import { createParts } from "./parts.ts";
import { createProxy, type InnerProxy, type SessionProxy } from "./proxy.ts";
import type { AnyParams, Handler, RouteContext, RouteHandler, SessionRoutes } from "./route-handlers.ts";
import { createServerStage } from "./server-stage.ts";
import { authenticateUpgrade } from "./upgrade.ts";

/** Everything that an application needs, with one and the same options: the proxy, and the functions of the server. */
export interface Sessions {
  /**
   * For `proxy.ts`, and as `middleware` for `middleware.ts`: validates the session of each request that the `matcher` lets
   * in, rotates its token when that is due, and tells the pages and routes behind it what it has found out.
   *
   * @example export { proxy } from "./lib/sessions";
   */
  proxy: SessionProxy;
  /**
   * The same around another proxy: that one runs for the requests that may pass, and its answer keeps its cookies and what
   * it says of the request's headers.
   *
   * @example export const proxy = withProxy(createMiddleware(routing)); // of next-intl
   */
  withProxy(inner: InnerProxy): SessionProxy;
  /**
   * The session of this request, or null. The first call decides for the whole request; a page is dynamic from here on.
   * In a page also null where the request is refused by 401, as without the session's device.
   *
   * @throws SessionActionError where an answer of its own would be due: `ERR_SIDECAR_UNAVAILABLE`, or `ERR_REFUSED`,
   * which is 401 or 403 of a route handler.
   */
  getSession(): Promise<Session | null>;
  /**
   * The session, or an end of the page or action: a redirect to `loginUrl` with `returnTo`; without one Next's
   * `unauthorized()` and `forbidden()`, where `experimental.authInterrupts` is on; else a `SessionActionError`.
   */
  requireSession(requirements?: SessionRequirements): Promise<Session>;
  /** What this request can do with sessions. To log in or out takes an action or a route handler: a page sets no cookie. */
  byo(): Promise<SessionActions>;
  /**
   * A route handler with or without a session. What `byo` changes goes out with its response, which no cache keeps then;
   * a `SessionActionError` that it throws becomes the answer.
   *
   * @example export const POST = withByo(async (request, { byo }) => { await byo.logout(); return Response.json({}); });
   */
  withByo<Params = AnyParams>(handler: Handler<ByoGiven & RouteContext<Params>>): RouteHandler<Params>;
  /**
   * The same behind a guard: only requests with a session reach it; the others are answered as by every adapter.
   *
   * @example export const GET = withSession((_request, { session }) => Response.json(session.userId));
   */
  withSession<Params = AnyParams>(
    handler: Handler<SessionGiven & RouteContext<Params>>,
    requirements?: SessionRequirements,
  ): RouteHandler<Params>;
  /**
   * `withByo()` for an API route of the Pages Router.
   *
   * @example export default apiWithByo(async (_req, res, { byo }) => { await byo.logout(); res.status(204).end(); });
   */
  apiWithByo(handler: ApiHandler<ByoGiven>): NextApiHandler;
  /** `withSession()` for an API route of the Pages Router. */
  apiWithSession(handler: ApiHandler<SessionGiven>, requirements?: SessionRequirements): NextApiHandler;
  /** `withByo()` for the `getServerSideProps` of a page. It has a response of its own, and so may log in and out too. */
  propsWithByo<Props extends AnyProps>(handler: PropsHandler<ByoGiven, Props>): GetServerSideProps<Props>;
  /**
   * `withSession()` for the `getServerSideProps` of a page: it sends who has no session to `loginUrl`, also where Next's
   * router has asked for the page. The session can be passed on to the page as it is.
   *
   * @example export const getServerSideProps = propsWithSession((_context, { session }) => ({ props: { session } }));
   */
  propsWithSession<Props extends AnyProps>(
    handler: PropsHandler<SessionGiven, Props>,
    requirements?: SessionRequirements,
  ): GetServerSideProps<Props>;
  /**
   * The ready-made routes, for an application without a proxy: `export const { GET, POST, DELETE } = sessionRoutes()` in
   * `app/session/[[...path]]/route.ts`. With the proxy its option `routes` serves them.
   */
  sessionRoutes(): SessionRoutes;
  /** For a route handler's answer to pages of the origins in `trustedOrigins`. */
  corsHeaders(): Promise<Record<string, string>>;
  /**
   * The session of a request that opens a WebSocket, in an application with a Node server of its own: Next serves none. It
   * never rejects: an error of the application is logged, and the result is `InternalError`.
   */
  authenticateUpgrade(request: IncomingMessage): Promise<UpgradeResult>;
}

/**
 * Makes the sessions of an application, once, in a module that its proxy and its server both import. The options are
 * looked at when the first request comes, since a build has no environment.
 *
 * @throws ConfigurationError `ERR_BYO_OPTIONS`, at that time, for invalid options; the message says how to fix them.
 * @example
 * // lib/sessions.ts
 * export const { proxy, getSession, requireSession, withSession, byo } = createSessions({ loginUrl: "/login" });
 */
export function createSessions(options: SessionOptions = {}): Sessions {
  const parts = createParts(options);
  const stage = createServerStage(parts);
  return {
    proxy: createProxy(parts),
    withProxy: (inner) => createProxy(parts, inner),
    ...createAmbient(stage),
    ...createHandlers(stage, options),
    authenticateUpgrade: (request) => authenticateUpgrade(parts, request),
  };
}
