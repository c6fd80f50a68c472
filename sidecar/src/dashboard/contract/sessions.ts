import type { EndReason, JsonValue, SessionDevice } from "@byo-session/core/contract";

export { END_REASONS, type EndReason, type SessionDevice } from "@byo-session/core/contract";

export const SESSION_STATES = ["active", "ended", "all"] as const;
export const DEVICE_TYPES = ["Desktop", "Mobile", "Tablet", "Unknown"] as const;

/**
 * What makes a session suspicious. `shared`: two clients used it in turn. `anotherBrowser`: another browser or system used
 * it, and the policy only records that. `wrongProof`: a request had a proof that was not of its device.
 */
export const SESSION_FLAGS = ["shared", "anotherBrowser", "wrongProof"] as const;
export type SessionFlag = (typeof SESSION_FLAGS)[number];
/** A flag as a filter. */
export const FLAG_FILTERS = ["any", ...SESSION_FLAGS] as const;
/** What the overview's charts count. */
export const SESSION_EVENTS = ["refused", "challenged", "rotated", "newDevice", ...SESSION_FLAGS] as const;

export interface SessionSummary {
  sessionId: string;
  userId: string;
  createdAt: number;
  lastActivityAt: number;
  /** When it ends at the latest, under the policy in force. Of an ended session: as its login set it. */
  expiresAt: number;
  device: SessionDevice;
  ipAddress: string | null;
  lastIpAddress: string | null;
  tags: string[];
  isBound: boolean;
  /** Null while the session is active. */
  endedAt: number | null;
  endReason: EndReason | null;
  flags: SessionFlag[];
}

export interface SessionPage {
  items: SessionSummary[];
  /** Null: this is the last page. */
  next: string | null;
}

/** The answer of `sessions/count` and `sessions/end-count`. */
export interface BoundedCount {
  count: number;
  /** Counting stopped here: `count` is a lower bound. */
  isCapped: boolean;
}

/** The answer of `sessions/detail`. */
export interface SessionDetail extends SessionSummary {
  metadata: JsonValue | null;
  /** As the browser sent it: untrusted text. */
  userAgent: string | null;
  /** The RFC 7638 thumbprint of the bound key. */
  deviceThumbprint: string | null;
  /** How often the token was rotated. */
  rotations: number;
  lastRotationAt: number | null;
  /** The addresses of the login, of uses and of events, the latest first. */
  ipAddresses: SeenAddress[];
  /** The settings that apply to it, or those that applied at its end. */
  policy: PolicySetting[];
  policyOf: PolicyMoment;
}

export interface PolicyMoment {
  /** `unknown`: the policy at the session's end is not known, so `policy` has the one in force now. */
  time: "now" | "end" | "unknown";
  /** The revision of the policy edits. 0: the file alone. Null: it was not kept. */
  revision: number | null;
}

export interface SeenAddress {
  ipAddress: string;
  firstSeenAt: number;
  lastSeenAt: number;
}

export interface PolicySetting {
  setting: string;
  value: string | number | boolean | string[] | { max: number; mode: string } | null;
  /** `default` (built in), `defaults` (of the policy), or the tag; several tags with commas. */
  source: string;
  /** Where the value was written. */
  origin: "built-in" | "file" | "dashboard";
}

export interface TimelinePage {
  items: TimelineEvent[];
  next: string | null;
}

/** An event of the audit trail. `sentences/` turns it into plain English. */
export interface TimelineEvent {
  /** The row's id, a bigint as text. */
  id: string;
  /** Unix seconds. */
  time: number;
  event: string;
  sessionId: string | null;
  userId: string | null;
  tags: string[];
  ipAddress: string | null;
  userAgent: string | null;
  /** The device that the user agent names; null without a user agent. */
  device: SessionDevice | null;
  /** `user`, `system`, `operator`, `key:<id>` or `dashboard:<username>`. */
  actor: string | null;
  reason: string | null;
  details: Record<string, unknown> | null;
  /** The devices that user agents in `details` name, by their key there, such as `sessionUserAgent`. */
  detailDevices: Record<string, SessionDevice>;
  /** How often it happened within the minute. */
  count: number;
  /** Which of the user's sessions it belongs to; only in what is about a user, and only while that session is kept. */
  session?: EventSession;
}

export interface EventSession {
  device: SessionDevice;
  createdAt: number;
}

export const EXPORT_FORMATS = ["csv", "json"] as const;
/** An export stops after this many rows; its last line says so. */
export const EXPORT_MAX_ROWS = 100_000;
