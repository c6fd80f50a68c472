/**
 * Sessions for a Next.js application: its proxy, the pages of both routers, server actions, route handlers and API
 * routes.
 */

import "./own-server.ts";

export {
  ConfigurationError,
  type Reason,
  type Session,
  SessionActionError,
  type SessionActions,
  type SessionRequirements,
  safeReturnTo,
} from "@byo-session/core";
export type { ByoGiven, SessionGiven } from "./grants.ts";
export type { SessionRoutes } from "./handlers.ts";
export type { SessionOptions, SessionRequest } from "./options.ts";
export type { AnyProps, ApiHandler, PropsHandler } from "./pages-router.ts";
export type { InnerProxy, SessionProxy } from "./proxy.ts";
export type { AnyParams, Handler, RouteContext, RouteHandler } from "./route-handlers.ts";
export { createSessions, type Sessions } from "./sessions.ts";
