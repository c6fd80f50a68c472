/** Sessions for any host of the Web's own `Request` and `Response`; Hono and h3 have entries of their own. */
export {
  ConfigurationError,
  type Reason,
  type Session,
  SessionActionError,
  type SessionActions,
  type SessionRequirements,
  safeReturnTo,
} from "@byo-session/core";
export { createSessions, type HostOptions, type Sessions } from "./sessions.ts";
