/** Sessions in a Next.js application: its proxy, pages, server actions and route handlers. */
export {
  ConfigurationError,
  type Reason,
  type Session,
  SessionActionError,
  type SessionActions,
  type SessionRequirements,
  safeReturnTo,
} from "@byo-session/core";
export type { SessionOptions, SessionRequest } from "./options.ts";
export type { InnerProxy, SessionProxy } from "./proxy.ts";
export type { AnyParams, ByoContext, Handler, RouteHandler, SessionContext, SessionRoutes } from "./route-handlers.ts";
export { createSessions, type Sessions } from "./sessions.ts";
