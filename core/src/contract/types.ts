/** Any JSON value. Numbers are finite; a member that is undefined is left out, as JSON.stringify does. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue | undefined };

/** A proof of the device's key over a challenge (RFC 9449, section 4), with what it was made for. */
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
  /** Our extension: the device cookie that the browser holds, empty where it holds none. Asks for a new one. */
  deviceCookie?: string;
  /** Our extension: the id of another library's session that this one replaces. Each serves once. */
  legacyId?: string;
  /**
   * Our extension, only with `legacyId`: what nobody but the application knows of that session. A call with the same
   * id and secret within a minute, for the same client, gets the same session and token instead of `LegacySessionUsed`.
   */
  legacySecret?: string;
  /**
   * Our extension, only with `legacyId`: when the user proved who they are, in Unix seconds. It becomes the session's
   * `createdAt`, from which the lifetime counts; a time that has not come yet counts as now.
   */
  authenticatedAt?: number;
}

export interface ValidateSessionData {
  sessionToken?: string;
  userAgent?: string;
  ipAddress?: string;
  requiredTags?: string[];
  deviceVerification?: SignedDeviceChallenge;
  ignoreDeviceForVerification?: boolean;
  /**
   * Our extension: the device cookie that the browser holds, empty where it holds none. Where it is still good, a session
   * with a device is validated without a proof, as `deviceEvidence: "recent"`. Left out, only a proof counts.
   */
  deviceCookie?: string;
  /** Our extension: a repeated call with a proof gets the same answer as the first. */
  attemptId?: string;
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

/** Sessions of one user, or of all users who carry the tags: at least one of the two is asked for. */
export interface ManySessions {
  filter: SessionsFilter;
  /**
   * Our extension, to go over any number of sessions in parts of up to 1,000: `""` for the first part, then the
   * `nextPagingToken` of the last answer. Without it `UpdateSessions` refuses more than 1,000 as a whole, and
   * `InvalidateSessions` ends the first part.
   */
  pagingToken?: string;
}

/** Our extension, where a command goes over sessions in parts. */
export interface NextPart {
  /** Pass it on with the same filter to go on. Left out: this was the last part. */
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

/** Our extension, where every session of a user, or all but one, is ended. */
export interface ForgetDevices {
  /** Forgets the devices that the user asked to remember; that of a session which stays is kept. Default: false. */
  forgetDevices?: boolean;
}

/** What a sidecar may know beyond the contract that all of them speak. */
export type Extension = "device-cookies";

/**
 * Our extension: a new device cookie, for the browser. Only where `deviceCookie` was passed and the request proved the
 * device's key; in a validation only where the one that was passed is past half of its life.
 */
export interface NewDeviceCookie {
  value: string;
  /** How long it is good, counted from this answer. */
  lifetimeSecs: number;
}

export interface CreatedSession {
  sessionId: string;
  sessionToken: string;
  expiresAt: number;
  /** Only where a device was registered: this user has no remembered device with its key. */
  newDeviceDetected?: boolean;
  newDeviceCookie?: NewDeviceCookie;
  /** Our extension: the `legacyId` has been recorded. Left out by a sidecar that does not know the field. */
  legacyIdRecorded?: boolean;
  /** Our extension: another call has made this session, of the same `legacyId` and `legacySecret`. */
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
  /** Our extension: the device cookie was the evidence, and not a proof. */
  deviceEvidence?: "recent";
  newDeviceCookie?: NewDeviceCookie;
}

export interface RefreshedSession extends ValidatedSession {
  /** The successor, when the session rotates. The presented token keeps working until the successor is used. */
  newSessionToken?: string;
  /**
   * Our extension, with `newSessionToken`: how long it is to `expiresAt` by the database's clock, from this answer on. At
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
}

/** A device that a user asked to remember. */
export interface RememberedDevice {
  deviceId: string;
  device: SessionDevice;
  firstSeenAt: number;
  /** The last log-in or registration with the device's key. */
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
  totalCount: number;
  hasMoreResults: boolean;
}

export interface InvalidateByTokenData {
  sessionToken?: string;
  /** Our extension, for the audit trail. Default: the user logged out. */
  cause?: "ConflictingCookies";
  /** Our extension: the browser gets a new session in the place of this one. Default: false. */
  replaced?: boolean;
}
