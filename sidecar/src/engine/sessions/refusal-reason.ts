import type { InvalidSessionTokenWord, IpAddressErrorWord } from "@byo-session/core/contract";

export type DeviceRefusal = "DeviceVerificationRequired" | "DeviceVerificationFailed" | "NewDeviceChallengeRequired";

/** Why a request is refused although its session goes on, or had ended before: for the audit trail and the metrics. */
export type RefusalReason =
  | InvalidSessionTokenWord
  | `IpAddress${Exclude<IpAddressErrorWord, "IpAddressChanged">}`
  | DeviceRefusal
  /** Of a program beside the browser of the login. */
  | "UserAgentNoBrowser"
  /** Of a client that never uses the new tokens that it is given. */
  | "SuccessorIgnored";
