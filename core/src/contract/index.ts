/** The wire contract between a client and the sidecar: types, bounds, errors and the schemas that check them. */
export {
  COMMAND_NAMES,
  COMMANDS,
  type CommandData,
  type CommandEntry,
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
  type InvalidSessionTokenWord,
  type IpAddressErrorWord,
  invalidToken,
  invalidTokenWord,
  ipError,
} from "./errors.ts";
export { isStorableText, metadataProblem } from "./json-bounds.ts";
export { LIMITS, PAGE_SIZE, UPDATE_SESSIONS_MAX } from "./limits.ts";
export type {
  CreatedSession,
  CreateSessionData,
  DeviceChallenge,
  DeviceRegistration,
  Extension,
  ForgetDevices,
  InvalidateByTokenData,
  JsonValue,
  NewDeviceCookie,
  RefreshedSession,
  RegisterDeviceData,
  RememberedDevice,
  SessionChanges,
  SessionDevice,
  SessionInfo,
  SessionPage,
  SessionsFilter,
  SignedDeviceChallenge,
  ValidatedSession,
  ValidateSessionData,
} from "./types.ts";
