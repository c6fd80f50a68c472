import type { EndReason } from "../contract/index.ts";

/**
 * Every reason for which a request has no session or is refused, with the status of a guard's answer. The list is
 * closed: an application can switch on it.
 */
export const STATUS_OF_REASON = {
  NoSession: 401,
  NotFound: 401,
  Expired: 401,
  Inactive: 401,
  LoggedOut: 401,
  Revoked: 401,
  SessionLimit: 401,
  IpAddressChanged: 401,
  UserAgentChanged: 401,
  TokenReused: 401,
  UserAgentMissing: 401,
  ConflictingCookies: 401,
  DeviceVerificationRequired: 401,
  DeviceVerificationFailed: 401,
  ReauthenticationRequired: 401,
  LegacySessionUsed: 401,
  LegacySessionExpired: 401,
  MissingRequiredTag: 403,
  IpAddressError: 403,
  CrossOrigin: 403,
  ImpersonationReadOnly: 403,
  ImpersonationRefused: 403,
  ImpersonationEnded: 403,
  ImpersonationDisabled: 403,
  UnauthorizedEmployee: 403,
  NewDeviceChallengeRequired: 425,
  SidecarUnavailable: 503,
  BadRequest: 400,
  AmbiguousCredentials: 400,
  SessionNotFound: 404,
  RouteNotFound: 404,
  MethodNotAllowed: 405,
  SessionLimitExceeded: 409,
  DeviceAlreadyRegistered: 409,
  HeadersSent: 500,
  InternalError: 500,
} as const satisfies Readonly<Record<EndReason, 401> & Record<string, number>>;

export type Reason = keyof typeof STATUS_OF_REASON;

/** Reasons whose response contains only the reason; a challenge also carries the challenge itself. */
export type RefusalReason = Exclude<Reason, "NewDeviceChallengeRequired">;
