/** Sessions for any host with the web-standard `Request` and `Response`; Hono and h3 have their own entry points. */
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
