/** Sessions for Express 4 and 5: `app.use(byoSession())`, then `req.session` and `req.byo`. */
import type { ByoSessionOptions, Session, SessionActions } from "@byo-session/core";
import type { Request, RequestHandler } from "express";
import { createMiddleware } from "./middleware.ts";

declare global {
  namespace Express {
    interface Request {
      /** The session of this request, or null. */
      session: Session | null;
      /** What this request can do with sessions. */
      byo: SessionActions;
    }
  }
}

/**
 * Validates the session of each request and provides it as `req.session` and `req.byo`.
 *
 * @throws ConfigurationError `ERR_BYO_OPTIONS`, when called, for invalid options; the message says how to fix them.
 */
export function byoSession(options: ByoSessionOptions<Request> = {}): RequestHandler {
  return createMiddleware(options, true);
}

export {
  ConfigurationError,
  type Reason,
  type Session,
  SessionActionError,
  type SessionActions,
  type SessionRequirements,
  safeReturnTo,
} from "@byo-session/core";
export { corsHeaders } from "./middleware.ts";
export { requireSession } from "./require-session.ts";
export { authenticateUpgrade, type UpgradeOptions } from "./upgrade.ts";
