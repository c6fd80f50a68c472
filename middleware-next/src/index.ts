/** Sessions on the server of a Next.js application: pages, server actions, route handlers. */
import { createSessions, type Sessions } from "./sessions.ts";

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
export type { AnyParams, ByoContext, Handler, RouteHandler, SessionContext, SessionRoutes } from "./route-handlers.ts";
export { createSessions, type Sessions } from "./sessions.ts";

// Each spelled out: a bundler and a reader both see what there is.
const sessions: Sessions = createSessions();

/** As {@link Sessions.getSession}, with the options that the proxy has; without a proxy, with those of the environment. */
export const getSession: Sessions["getSession"] = sessions.getSession;
/** As {@link Sessions.requireSession}, with the options that the proxy has. */
export const requireSession: Sessions["requireSession"] = sessions.requireSession;
/** As {@link Sessions.withByo}, with the options that the proxy has. */
export const withByo: Sessions["withByo"] = sessions.withByo;
/** As {@link Sessions.withSession}, with the options that the proxy has. */
export const withSession: Sessions["withSession"] = sessions.withSession;
/** As {@link Sessions.byo}, with the options that the proxy has. */
export const byo: Sessions["byo"] = sessions.byo;
/** As {@link Sessions.sessionRoutes}. */
export const sessionRoutes: Sessions["sessionRoutes"] = sessions.sessionRoutes;
/** As {@link Sessions.corsHeaders}, with the options that the proxy has. */
export const corsHeaders: Sessions["corsHeaders"] = sessions.corsHeaders;
/** As {@link Sessions.authenticateUpgrade}, with the options of the environment. */
export const authenticateUpgrade: Sessions["authenticateUpgrade"] = sessions.authenticateUpgrade;
