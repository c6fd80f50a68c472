/** Sessions for Fastify 5: `app.register(byoSession)`, then `request.session` and `request.byo`. */
import type { Session, SessionActions } from "@byo-session/core";
import type { FastifyPluginAsync } from "fastify";
import { createPlugin, type Options } from "./plugin.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The session of this request, or null. */
    readonly session: Session | null;
    /** What this request can do with sessions. */
    readonly byo: SessionActions;
  }
}

/**
 * Validates the session of each request and provides it as `request.session` and `request.byo`, also in hooks
 * registered after it. It applies to the scope it is registered in, and to child scopes.
 *
 * @throws ConfigurationError when the app starts: `ERR_BYO_OPTIONS` for invalid options, `ERR_TRUST_PROXY`,
 * `ERR_MOUNTED_TWICE`, `ERR_SESSION_PROPERTY_TAKEN`; the message says how to fix it.
 * @example await app.register(byoSession, { loginUrl: "/login" })
 */
export const byoSession: FastifyPluginAsync<Options> = createPlugin(true);

export {
  ConfigurationError,
  type Reason,
  type Session,
  SessionActionError,
  type SessionActions,
  type SessionRequirements,
  safeReturnTo,
} from "@byo-session/core";
export { corsHeaders } from "./plugin.ts";
export { requireSession, type SessionGuard } from "./require-session.ts";
export { authenticateUpgrade, type UpgradeOptions } from "./upgrade.ts";
