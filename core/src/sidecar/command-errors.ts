import type { CommandError, CommandErrorType, CommandName } from "../contract/index.ts";

const INTEGRATION_KEY_ERRORS = [
  "NoIntegrationKeyFoundInHeader",
  "InvalidPrefix",
  "IntegrationKeyNotFound",
  "CommandNotAllowed",
] as const;
type IntegrationKeyErrorType = (typeof INTEGRATION_KEY_ERRORS)[number];
type ValidationErrorType =
  | "InvalidSessionToken"
  | "IpAddressError"
  | "NewDeviceChallengeRequired"
  | "DeviceVerificationRequired"
  | "DeviceVerificationFailed";
type ChangeErrorType = "ConflictingMetadataOptions" | "InvalidTagFormat" | "CannotModifyOnCreateOnlyTags";

interface OwnErrorTypes extends Record<CommandName, CommandErrorType> {
  Ping: never;
  CreateSession:
    | "SessionLimitExceeded"
    | "IpAddressError"
    | "TagParseError"
    | "InvalidDeviceRegistration"
    | "LegacySessionUsed"
    | "LegacySessionExpired";
  ValidateSession: ValidationErrorType;
  ValidateAndRefreshSession: ValidationErrorType;
  FetchAllSessionsForUser: never;
  FetchAllSessions: never;
  FetchSessionById: "SessionNotFound";
  UpdateSession: "SessionNotFound" | ChangeErrorType;
  UpdateSessions: "UpdatingTooManySessionsAtOnce" | ChangeErrorType;
  InvalidateSessionByToken: never;
  InvalidateSessionById: "SessionNotFound";
  InvalidateAllSessionsForUser: never;
  InvalidateAllSessionsForUserExceptOne: never;
  CreateDeviceChallenge: never;
  RegisterDevice:
    | "SessionNotFound"
    | "NewDeviceChallengeRequired"
    | "InvalidDeviceRegistration"
    | "DeviceAlreadyRegistered";
  FetchRememberedDevicesForUser: never;
  ForgetRememberedDevice: never;
  CreateUpgradeTicket: "SessionNotFound";
  RedeemUpgradeTicket: "InvalidSessionToken";
}

/** The errors that a command may answer: its own, those of the integration key, and `UnexpectedError`. */
export type CommandErrorOf<C extends CommandName> = Extract<
  CommandError,
  { type: OwnErrorTypes[C] | IntegrationKeyErrorType | "UnexpectedError" }
>;

/** The key is refused, or may not do this: nothing that a user of the application could mend. */
export function isIntegrationKeyError(type: string): boolean {
  return INTEGRATION_KEY_ERRORS.some((known) => known === type);
}
