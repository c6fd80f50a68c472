import type { Session, SessionActions, SessionRequirements, UpgradeResult } from "@byo-session/core";
import { createAmbient } from "./ambient.ts";
import { createEnteredRequests } from "./entered-requests.ts";
import type { SessionOptions } from "./options.ts";
import {
  type AnyParams,
  type ByoContext,
  createRouteHandlers,
  type Handler,
  type RouteHandler,
  type SessionContext,
  type SessionRoutes,
} from "./route-handlers.ts";
import { createServerStage } from "./server-stage.ts";
import { authenticateUpgrade, type UpgradeRequest } from "./upgrade.ts";

/** The functions of the server: pages, server actions and route handlers. */
export interface Sessions {
  /**
   * The session of this request, or null. The first call decides for the whole request; a page is dynamic from here on.
   *
   * @throws SessionActionError where an answer of its own would be due: `ERR_SIDECAR_UNAVAILABLE`, or `ERR_REFUSED`.
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
  withByo<Params = AnyParams>(handler: Handler<ByoContext<Params>>): RouteHandler<Params>;
  /**
   * The same behind a guard: only requests with a session reach it; the others are answered as by every adapter.
   *
   * @example export const GET = withSession((_request, { session }) => Response.json(session.userId));
   */
  withSession<Params = AnyParams>(
    handler: Handler<SessionContext<Params>>,
    requirements?: SessionRequirements,
  ): RouteHandler<Params>;
  /**
   * The ready-made routes, for an application without a proxy: `export const { GET, POST, DELETE } = sessionRoutes()` in
   * `app/session/[[...path]]/route.ts`. With the proxy its option `routes` serves them.
   */
  sessionRoutes(): SessionRoutes;
  /** For a route handler's answer to pages of the origins in `trustedOrigins`. */
  corsHeaders(): Promise<Record<string, string>>;
  /** The session of a request that opens a WebSocket, in an application with a Node server of its own: Next serves none. */
  authenticateUpgrade(request: UpgradeRequest): Promise<UpgradeResult>;
}

/**
 * Makes the functions for an application whose options the proxy does not tell, because it does not run for every page
 * or because they are functions. Pass the options that `byoSession()` has.
 */
export function createSessions(options?: SessionOptions): Sessions {
  const stage = createServerStage(options);
  const requests = createEnteredRequests(stage);
  return {
    ...createAmbient(requests),
    ...createRouteHandlers(requests, options),
    authenticateUpgrade: async (request) => authenticateUpgrade(stage.gate(), request),
  };
}
