/** For apps that keep another session library: `req.byo` only; `req.session` stays the other's. */
import type { ByoSessionOptions, SessionActions } from "@byo-session/core";
import type { Request, RequestHandler } from "express";
import { createMiddleware } from "./middleware.ts";

declare global {
  namespace Express {
    interface Request {
      /** What this request can do with sessions. */
      byo: SessionActions;
    }
  }
}

/** Like the main entry's, but without `req.session`: read `req.byo.session`. */
export function byoSession(options: ByoSessionOptions<Request> = {}): RequestHandler {
  return createMiddleware(options, false);
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
