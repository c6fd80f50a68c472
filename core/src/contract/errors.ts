import type { DeviceChallenge } from "./types.ts";

/** Why a session ended; stored with its row and returned when its token is presented later. */
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

/** The stable first words of the details of `InvalidSessionToken`. */
const INVALID_SESSION_TOKEN_WORDS = [...END_REASONS, "NotFound", "UserAgentMissing", "MissingRequiredTag"] as const;
export type InvalidSessionTokenWord = (typeof INVALID_SESSION_TOKEN_WORDS)[number];

/** The stable first word of the details of `IpAddressError`. */
export type IpAddressErrorWord = "NotAllowed" | "Blocked" | "Missing" | "Malformed" | "IpAddressChanged";

/** The stable first word of the details of `UnauthorizedEmployee`. */
export type UnauthorizedEmployeeWord =
  /** Not on the list of `user_impersonation.jsonc`. */
  | "NotAllowed"
  /** Not a plain email address. */
  | "MalformedEmail"
  /** The employee is the target user. */
  | "Self"
  /** `employeeSessionId` is no living session of an application. */
  | "NoEmployeeSession"
  /** The employee's session acts as a user already, for another address. */
  | "AlreadyImpersonating";

/** The stable first word of the details of `InvalidImpersonationToken`. */
export type InvalidImpersonationTokenWord =
  /** Never issued, or it ended too long ago. */
  | "NotFound"
  /** The employee has been removed from the list of `user_impersonation.jsonc`. */
  | "EmployeeNotAllowed"
  /** It was created from another session of the employee. */
  | "OtherEmployeeSession";

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
  AlreadyDone: undefined;
  LegacySessionUsed: undefined;
  LegacySessionExpired: undefined;
  NewDeviceChallengeRequired: DeviceChallenge;
  TokenCreationFailed: string;
  RotationFailed: string;
  InvalidParameters: string;
  ImpersonationDisabled: undefined;
  UnauthorizedEmployee: string;
  ImpersonationNotEnabled: undefined;
  InvalidImpersonationToken: string;
  IpAddressMismatch: undefined;
  UserAgentMismatch: undefined;
  InvalidPagingToken: undefined;
}

export type CommandErrorType = keyof DetailsByType;

/** The answer of a command that fails. `type` is stable; text in `details` is for people. */
export type CommandError = {
  [T in CommandErrorType]: (DetailsByType[T] extends undefined ? { type: T } : { type: T; details: DetailsByType[T] }) &
    MoreByType<T>;
}[CommandErrorType];

/** Our extensions. */
interface MoreOf {
  /** The browser has just got a new session instead of this one, so do not clear its cookie. */
  InvalidSessionToken: { replaced?: true };
  /** With `tellEnd`: why the session ended. Omitted if it never existed, or ended too long ago. */
  SessionNotFound: { endReason?: EndReason };
}

type MoreByType<T> = T extends keyof MoreOf ? MoreOf[T] : unknown;

/** The HTTP status of each error. `UnexpectedError` is 500, or 400, 501 or 503 if the sidecar says so. */
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
  AlreadyDone: 409,
  LegacySessionUsed: 409,
  LegacySessionExpired: 409,
  NewDeviceChallengeRequired: 425,
  TokenCreationFailed: 400,
  RotationFailed: 409,
  InvalidParameters: 400,
  ImpersonationDisabled: 403,
  UnauthorizedEmployee: 403,
  ImpersonationNotEnabled: 403,
  InvalidImpersonationToken: 401,
  IpAddressMismatch: 403,
  UserAgentMismatch: 403,
  InvalidPagingToken: 400,
};

/** `more`: for a person, behind the word. */
export function invalidToken(word: InvalidSessionTokenWord, more?: string): CommandError {
  return { type: "InvalidSessionToken", details: more ? `${word}: ${more}` : word };
}

/** The word in the details of an `InvalidSessionToken`; undefined for one that this contract does not have. */
export function invalidTokenWord(details: unknown): InvalidSessionTokenWord | undefined {
  const [first] = String(details).split(":", 1);
  return INVALID_SESSION_TOKEN_WORDS.find((word) => word === first);
}

export function ipError(word: IpAddressErrorWord): CommandError {
  return { type: "IpAddressError", details: word };
}

/** `more`: for a person, behind the word. */
export function unauthorizedEmployee(word: UnauthorizedEmployeeWord, more: string): CommandError {
  return { type: "UnauthorizedEmployee", details: `${word}: ${more}` };
}

export function invalidImpersonationToken(word: InvalidImpersonationTokenWord): CommandError {
  return { type: "InvalidImpersonationToken", details: word };
}
