/** The wire contract between a client and the sidecar: types, bounds, errors and the schemas that check them. */
export {
  type CommandError,
  type CommandErrorType,
  END_REASONS,
  type EndReason,
  ERROR_STATUS,
  type InvalidSessionTokenWord,
  type IpAddressErrorWord,
} from "./errors.ts";
export { isStorableText, metadataProblem } from "./json-bounds.ts";
export { LIMITS, PAGE_SIZE, UPDATE_SESSIONS_MAX } from "./limits.ts";
export { COMMAND_SCHEMAS } from "./schemas.ts";
export type {
  CommandData,
  CommandName,
  CommandResponse,
  CreatedSession,
  CreateSessionData,
  DeviceChallenge,
  DeviceRegistration,
  Extension,
  ForgetDevices,
  JsonValue,
  NewDeviceCookie,
  RefreshedSession,
  RegisterDeviceData,
  RememberedDevice,
  SessionChanges,
  SessionDevice,
  SessionInfo,
  SessionsFilter,
  SignedDeviceChallenge,
  ValidatedSession,
  ValidateSessionData,
} from "./types.ts";
