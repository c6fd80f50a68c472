/** Sessions for Koa 2 and 3: `app.use(byoSession())`, then `ctx.session` and `ctx.byo`. */
import type { ByoSessionOptions, Session, SessionActions } from "@byo-session/core";
import type { Context, Middleware } from "koa";
import { createMiddleware } from "./middleware.ts";

declare module "koa" {
  interface DefaultContext {
    /** The session of this request, or null. */
    session: Session | null;
    /** What this request can do with sessions. */
    byo: SessionActions;
  }
  interface DefaultState {
    /** The session of this request, or null: the same as `ctx.session`. */
    session: Session | null;
  }
}

/**
 * Validates the session of each request and provides it as `ctx.session`, `ctx.state.session` and `ctx.byo`.
 *
 * @throws ConfigurationError `ERR_BYO_OPTIONS`, when called, for invalid options; the message says how to fix them.
 */
export function byoSession(options: ByoSessionOptions<Context> = {}): Middleware {
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
