/** For apps that keep another session library: `ctx.byo` only; `ctx.session` stays the other's. */
import type { ByoSessionOptions, SessionActions } from "@byo-session/core";
import type { Context, Middleware } from "koa";
import { createMiddleware } from "./middleware.ts";

declare module "koa" {
  interface DefaultContext {
    /** What this request can do with sessions. */
    byo: SessionActions;
  }
}

/** Like the main entry's, but without `ctx.session`: read `ctx.byo.session`. */
export function byoSession(options: ByoSessionOptions<Context> = {}): Middleware {
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
