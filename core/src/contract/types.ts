/** Any JSON value. Numbers are finite; a member that is undefined is left out, as JSON.stringify does. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue | undefined };

/** A proof by the device's key over a challenge (RFC 9449, section 4), with the URL and method that it was made for. */
export interface SignedDeviceChallenge {
  /** The compact DPoP proof whose `nonce` is the challenge. At most 8 KiB. */
  signedDeviceChallenge: string;
  /** The public URL of the request; the proof's `htu` must match it. */
  requestUrl?: string;
  /** The method of the request; the proof's `htm` must equal it. */
  requestMethod?: string;
}

export interface DeviceRegistration extends SignedDeviceChallenge {
  /** Remember the device for this user's later logins. Default: false. */
  rememberDevice?: boolean;
}

export interface CreateSessionData {
  userId: string;
  tags?: string[];
  userAgent?: string;
  ipAddress?: string;
  metadata?: JsonValue;
  deviceRegistration?: DeviceRegistration;
  /** Our extension: the browser's device cookie, or empty if it has none. Requests a new one. */
  deviceCookie?: string;
  /** Our extension: the id of another library's session that this one replaces. Each id works once. */
  legacyId?: string;
  /**
   * Our extension, only with `legacyId`: a secret about that session that only the application knows. A call with the
   * same id and secret within a minute, for the same client, gets the same session and token instead of
   * `LegacySessionUsed`.
   */
  legacySecret?: string;
  /**
   * Our extension, only with `legacyId`: when the user proved who they are, in Unix seconds. It becomes the session's
   * `createdAt`, from which the lifetime counts; a time in the future counts as now.
   */
  authenticatedAt?: number;
  /**
   * Our extension: how long this session lasts at most, in whole seconds, counted from `createdAt`. The policy's
   * `absolute_lifetime_secs` still applies: a longer time has no effect. Default: the policy's.
   */
  lifetimeSecs?: number;
}

export interface ValidateSessionData {
  sessionToken?: string;
  userAgent?: string;
  ipAddress?: string;
  requiredTags?: string[];
  deviceVerification?: SignedDeviceChallenge;
  ignoreDeviceForVerification?: boolean;
  /**
   * Our extension: the browser's device cookie, or empty if it has none. While it is valid, a session with a device is
   * validated without a proof, as `deviceEvidence: "recent"`. If it is left out, only a proof counts.
   */
  deviceCookie?: string;
  /** Our extension: a repeated call with a proof gets the same answer as the first. */
  attemptId?: string;
  /**
   * Our extension: whether this request keeps the session from becoming inactive. `none`: it does not, like polling by a
   * page that nobody looks at. `later`: the application does not know yet, and may follow with `NoteActivity`; if the
   * session has no inactivity timeout, the request counts at once. Every check is the same. Default: it counts.
   */
  activity?: "none" | "later";
}

export interface SessionChanges {
  tagsToAdd?: string[];
  tagsToRemove?: string[];
  /** Replaces the metadata; `null` removes it. Not together with `patchMetadata`. */
  newMetadata?: JsonValue;
  /** An RFC 7396 merge patch; `null` removes the metadata. Not together with `newMetadata`. */
  patchMetadata?: JsonValue;
}

export interface SessionsFilter {
  userId?: string;
  sessionTags?: string[];
}

/** The sessions of a user, those with all of the tags, or both. At least one of the two is required. */
export interface ManySessions {
  filter: SessionsFilter;
  /**
   * Our addition, for any number of sessions in parts of up to 1,000: `""` for the first part, then the
   * `nextPagingToken` of the last answer. Without it, `UpdateSessions` refuses more than 1,000 sessions, and
   * `InvalidateSessions` ends the first part.
   */
  pagingToken?: string;
}

/** What `InvalidateSessions` takes in addition. */
export interface InvalidateSessionsData extends ManySessions {
  /** For an order that may arrive again, such as an identity provider's logout token. */
  once?: Once;
  /** For the audit trail. */
  cause?: "BackchannelLogout";
}

/** The last part of the order records its id; until `keptUntil`, the same id is then refused with `AlreadyDone`. */
export interface Once {
  id: string;
  /** In Unix seconds. */
  keptUntil: number;
  /** Names one attempt: its last part may be sent again if its answer was lost. */
  attemptId: string;
}

/** Our addition, for commands that handle sessions in parts. */
export interface NextPart {
  /** Pass it with the same filter to get the next part. Missing: this was the last part. */
  nextPagingToken?: string;
}

export interface RegisterDeviceData extends SignedDeviceChallenge {
  sessionToken?: string;
  sessionId?: string;
  rememberDevice?: boolean;
  /** Our extension: as in `CreateSession`. */
  deviceCookie?: string;
  userAgent?: string;
  ipAddress?: string;
}

/** Our extension for commands that end all sessions of a user, or all except one. */
export interface ForgetDevices {
  /** Forgets the user's remembered devices, except the device of a session that stays. Default: false. */
  forgetDevices?: boolean;
}

/** The additions that a sidecar may support beyond the common contract. */
export type Extension = "device-cookies";

/**
 * Our extension: a new device cookie for the browser. Only if `deviceCookie` was passed and the request proved the
 * device's key; in a validation only if the passed cookie is past half of its lifetime.
 */
export interface NewDeviceCookie {
  value: string;
  /** How long it is valid, in seconds from this answer. */
  lifetimeSecs: number;
}

export interface CreatedSession {
  sessionId: string;
  sessionToken: string;
  expiresAt: number;
  /** Only if a device was registered: this user has no remembered device with its key. */
  newDeviceDetected?: boolean;
  newDeviceCookie?: NewDeviceCookie;
  /** Our extension: the `legacyId` was recorded. A sidecar that does not support the field leaves it out. */
  legacyIdRecorded?: boolean;
  /** Our extension: another call with the same `legacyId` and `legacySecret` has created this session. */
  legacySessionShared?: boolean;
}

export interface ValidatedSession {
  sessionId: string;
  userId: string;
  createdAt: number;
  /** The absolute end of the session. */
  expiresAt: number;
  tags?: string[];
  metadata?: JsonValue;
  hasDeviceRegistered: boolean;
  /** Our extension: the evidence was the device cookie, not a proof. */
  deviceEvidence?: "recent";
  newDeviceCookie?: NewDeviceCookie;
  /**
   * Our extension: when the session ends if it is not used again, in Unix seconds; at most `expiresAt`. Only if the policy
   * has an inactivity timeout.
   */
  idleExpiresAt?: number;
  /** Our extension, if `activity` was passed: whether this request has counted as activity. */
  countedAsActivity?: boolean;
  /**
   * Our extension, on the fast path only: for so many milliseconds, counted from the sending of the command, the answer may
   * be served again to equal requests while the sidecar vouches for it (docs/held-answers.md).
   */
  holdMs?: number;
}

export interface RefreshedSession extends ValidatedSession {
  /** The successor, when the session rotates. The presented token keeps working until the successor is used. */
  newSessionToken?: string;
  /**
   * Our extension, with `newSessionToken`: the seconds from this answer until `expiresAt`, by the database's clock. At
   * least 1.
   */
  expiresInSecs?: number;
}

export interface SessionDevice {
  displayName: string;
  deviceType: "Desktop" | "Mobile" | "Tablet" | "Unknown";
  browser?: string;
  browserVersion?: string;
  os?: string;
  osVersion?: string;
}

export interface SessionInfo {
  sessionId: string;
  /** Our extension. */
  userId: string;
  createdAt: number;
  expiresAt: number;
  lastActivityAt: number;
  device: SessionDevice;
  ipAddress?: string;
  sessionTags?: string[];
  metadata?: JsonValue;
  /** Our extension: as in a validation. */
  idleExpiresAt?: number;
}

/** One session, looked up by its id. */
export interface FoundSession extends SessionInfo {
  /** Our extension, with `tellEnd`: when it ends by time. */
  ends?: SessionEnds;
}

/** When a session ends by time: durations from this answer, by the database's clock, in milliseconds. */
export interface SessionEnds {
  /** Until the absolute end, which activity does not delay. */
  absoluteMs: number;
  /** Until the end by time if nobody uses the session. At most `absoluteMs`. */
  unusedMs: number;
}

/** A remembered device of a user. */
export interface RememberedDevice {
  deviceId: string;
  device: SessionDevice;
  firstSeenAt: number;
  /** The last login or registration with the device's key, in Unix seconds. */
  lastSeenAt: number;
}

export interface DeviceChallenge {
  deviceChallenge: string;
  expiresAt: number;
}

export interface SessionPage {
  items: SessionInfo[];
  page: number;
  pageSize: number;
  /** Counted up to a million. */
  totalCount: number;
  hasMoreResults: boolean;
}

export interface InvalidateByTokenData {
  sessionToken?: string;
  /** Our extension, for the audit trail. Default: the user logged out. */
  cause?: "ConflictingCookies";
  /** Our extension: the browser gets a new session instead of this one. Default: false. */
  replaced?: boolean;
}
