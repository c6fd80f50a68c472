import type { CommandName } from "@byo-session/core/contract";
import type { Command } from "./command.ts";
import { createDeviceChallenge } from "./create-device-challenge.ts";
import { createSession } from "./create-session.ts";
import { createUpgradeTicket } from "./create-upgrade-ticket.ts";
import { fetchAllSessions } from "./fetch-all-sessions.ts";
import { fetchAllSessionsForUser } from "./fetch-all-sessions-for-user.ts";
import { fetchRememberedDevicesForUser } from "./fetch-remembered-devices-for-user.ts";
import { fetchSessionById } from "./fetch-session-by-id.ts";
import { forgetRememberedDevice } from "./forget-remembered-device.ts";
import { invalidateAllSessionsForUser } from "./invalidate-all-sessions-for-user.ts";
import { invalidateAllSessionsForUserExceptOne } from "./invalidate-all-sessions-for-user-except-one.ts";
import { invalidateSessionById } from "./invalidate-session-by-id.ts";
import { invalidateSessionByToken } from "./invalidate-session-by-token.ts";
import { ping } from "./ping.ts";
import { redeemUpgradeTicket } from "./redeem-upgrade-ticket.ts";
import { registerDevice } from "./register-device.ts";
import { updateSession } from "./update-session.ts";
import { updateSessions } from "./update-sessions.ts";
import { validateAndRefreshSession } from "./validate-and-refresh-session.ts";
import { validateSession } from "./validate-session.ts";

export const COMMANDS: { readonly [C in CommandName]: Command<C> } = {
  Ping: ping,
  CreateSession: createSession,
  ValidateSession: validateSession,
  ValidateAndRefreshSession: validateAndRefreshSession,
  FetchAllSessionsForUser: fetchAllSessionsForUser,
  FetchAllSessions: fetchAllSessions,
  FetchSessionById: fetchSessionById,
  UpdateSession: updateSession,
  UpdateSessions: updateSessions,
  InvalidateSessionByToken: invalidateSessionByToken,
  InvalidateSessionById: invalidateSessionById,
  InvalidateAllSessionsForUser: invalidateAllSessionsForUser,
  InvalidateAllSessionsForUserExceptOne: invalidateAllSessionsForUserExceptOne,
  CreateDeviceChallenge: createDeviceChallenge,
  RegisterDevice: registerDevice,
  CreateUpgradeTicket: createUpgradeTicket,
  RedeemUpgradeTicket: redeemUpgradeTicket,
  FetchRememberedDevicesForUser: fetchRememberedDevicesForUser,
  ForgetRememberedDevice: forgetRememberedDevice,
};

export function isServed(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}

/** Commands of the contract that this sidecar knows and answers with 501. Any other name is a mistake: 400. */
export const NOT_SERVED: ReadonlySet<string> = new Set([
  // Stateless tokens.
  "CreateStatelessToken",
  "GetJwks",
  "RotateStatelessTokenKey",
  // Impersonation.
  "CreateImpersonationSession",
  "ValidateImpersonationSession",
  "FetchImpersonationSessionById",
  "FetchAllImpersonationSessionsForEmployee",
  "FetchAllImpersonationSessionsForUser",
  "FetchAllActiveImpersonationSessions",
  "InvalidateImpersonationSessionById",
  "InvalidateImpersonationSessionByToken",
  "InvalidateAllImpersonationSessionsForEmployee",
  "InvalidateAllImpersonationSessionsForUser",
  // Passkeys, SCIM and single sign-on are no business of sessions.
  "StartPasskeyRegistration",
  "FinishPasskeyRegistration",
  "StartPasskeyAuthentication",
  "FinishPasskeyAuthentication",
  "FetchAllPasskeysForUser",
  "DeregisterPasskey",
  "DeregisterAllPasskeysForUser",
  "ScimRequest",
  "LinkScimUser",
  "CommitScimUserChange",
  "CreateScimConnection",
  "FetchScimConnection",
  "PatchScimConnection",
  "ResetScimApiKey",
  "DeleteScimConnection",
  "GetScimUsers",
  "GetScimUser",
  "CreateOidcClient",
  "FetchOidcClient",
  "PatchOidcClient",
  "DeleteOidcClient",
  "InitiateOidcLogin",
  "CompleteOidcLogin",
]);
