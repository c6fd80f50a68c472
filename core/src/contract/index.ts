/** The wire contract between a client and the sidecar: types, bounds, errors and the schemas that check them. */
export type { CommandEntry } from "./command.ts";
export {
  COMMAND_NAMES,
  COMMANDS,
  type CommandData,
  type CommandErrorOf,
  type CommandName,
  type CommandResponse,
  inputOf,
  isCommandName,
  KEY_ERRORS,
} from "./commands.ts";
export {
  type CommandError,
  type CommandErrorType,
  END_REASONS,
  type EndReason,
  ERROR_STATUS,
  type InvalidImpersonationTokenWord,
  type InvalidSessionTokenWord,
  type IpAddressErrorWord,
  invalidImpersonationToken,
  invalidToken,
  invalidTokenWord,
  ipError,
  type UnauthorizedEmployeeWord,
  unauthorizedEmployee,
} from "./errors.ts";
export type {
  ActiveImpersonations,
  ActiveImpersonationsFilter,
  CreatedImpersonation,
  CreateImpersonationData,
  ImpersonationInfo,
  ValidatedImpersonation,
  ValidateImpersonationData,
  VisibleImpersonation,
} from "./impersonation.ts";
export { isStorableText, metadataProblem } from "./json-bounds.ts";
export { LIMITS, MAX_SESSIONS_AT_ONCE, PAGE_SIZE, STATELESS_TOKEN_LIFETIME } from "./limits.ts";
export type {
  CreateStatelessTokenData,
  Jwk,
  KeyRotation,
  RotatedKey,
  StatelessToken,
} from "./stateless-tokens.ts";
export type {
  CreatedSession,
  CreateSessionData,
  DeviceChallenge,
  DeviceRegistration,
  Extension,
  ForgetDevices,
  FoundSession,
  InvalidateByTokenData,
  JsonValue,
  ManySessions,
  NewDeviceCookie,
  NextPart,
  RefreshedSession,
  RegisterDeviceData,
  RememberedDevice,
  SessionChanges,
  SessionDevice,
  SessionEnds,
  SessionInfo,
  SessionPage,
  SessionsFilter,
  SignedDeviceChallenge,
  ValidatedSession,
  ValidateSessionData,
} from "./types.ts";
