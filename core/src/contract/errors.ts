import type { DeviceChallenge } from "./types.ts";

/** Why a session ended; kept with its row and told to whoever presents its token afterwards. */
export const END_REASONS = [
  "LoggedOut",
  "Revoked",
  "Expired",
  "Inactive",
  "SessionLimit",
  "IpAddressChanged",
  "UserAgentChanged",
  "TokenReused",
] as const;
export type EndReason = (typeof END_REASONS)[number];

/** The stable first word of the details of `InvalidSessionToken`. */
export type InvalidSessionTokenWord = EndReason | "NotFound" | "UserAgentMissing" | "MissingRequiredTag";

/** The stable first word of the details of `IpAddressError`. */
export type IpAddressErrorWord = "NotAllowed" | "Blocked" | "Missing" | "Malformed" | "IpAddressChanged";

interface DetailsByType {
  UnexpectedError: string;
  NoIntegrationKeyFoundInHeader: undefined;
  InvalidPrefix: string;
  IntegrationKeyNotFound: undefined;
  CommandNotAllowed: { command_name: string };
  TagParseError: { InvalidTagFormat: string };
  InvalidTagFormat: { InvalidTagFormat: string };
  ConflictingMetadataOptions: undefined;
  CannotModifyOnCreateOnlyTags: { tag_names: string[] };
  InvalidDeviceRegistration: undefined;
  InvalidSessionToken: string;
  DeviceVerificationRequired: undefined;
  DeviceVerificationFailed: undefined;
  IpAddressError: string;
  SessionNotFound: undefined;
  SessionLimitExceeded: { currentCount: number; maxAllowed: number };
  DeviceAlreadyRegistered: undefined;
  UpdatingTooManySessionsAtOnce: undefined;
  LegacySessionUsed: undefined;
  LegacySessionExpired: undefined;
  NewDeviceChallengeRequired: DeviceChallenge;
  TokenCreationFailed: string;
  RotationFailed: string;
  InvalidParameters: string;
}

export type CommandErrorType = keyof DetailsByType;

/** What a command answers when it does not succeed. `type` is stable; details that are text are for a person. */
export type CommandError = {
  [T in CommandErrorType]: (DetailsByType[T] extends undefined ? { type: T } : { type: T; details: DetailsByType[T] }) &
    MoreByType<T>;
}[CommandErrorType];

/** Our extension: the browser was given a new session in the place of this one a moment ago, so its cookie must stay. */
type MoreByType<T> = T extends "InvalidSessionToken" ? { replaced?: true } : unknown;

/** The HTTP status of each error. `UnexpectedError` is 500 unless the sidecar says 400, 501 or 503. */
export const ERROR_STATUS: Readonly<Record<CommandErrorType, number>> = {
  UnexpectedError: 500,
  NoIntegrationKeyFoundInHeader: 401,
  InvalidPrefix: 401,
  IntegrationKeyNotFound: 401,
  CommandNotAllowed: 403,
  TagParseError: 400,
  InvalidTagFormat: 400,
  ConflictingMetadataOptions: 400,
  CannotModifyOnCreateOnlyTags: 400,
  InvalidDeviceRegistration: 400,
  InvalidSessionToken: 401,
  DeviceVerificationRequired: 401,
  DeviceVerificationFailed: 401,
  IpAddressError: 403,
  SessionNotFound: 404,
  SessionLimitExceeded: 409,
  DeviceAlreadyRegistered: 409,
  UpdatingTooManySessionsAtOnce: 409,
  LegacySessionUsed: 409,
  LegacySessionExpired: 409,
  NewDeviceChallengeRequired: 425,
  TokenCreationFailed: 400,
  RotationFailed: 409,
  InvalidParameters: 400,
};
