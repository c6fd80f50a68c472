/** For apps that keep another session library: `request.byo` only; `request.session` stays the other's. */
import type { SessionActions } from "@byo-session/core";
import type { FastifyPluginAsync } from "fastify";
import { createPlugin, type Options } from "./plugin.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** What this request can do with sessions. */
    readonly byo: SessionActions;
  }
}

/** Like the main entry's, but without `request.session`: read `request.byo.session`. */
export const byoSession: FastifyPluginAsync<Options> = createPlugin(false);

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
