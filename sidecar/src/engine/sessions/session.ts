import type { EndReason, JsonValue, ValidatedSession } from "@byo-session/core/contract";
import type { Policy } from "../policy/policy.ts";

/** A session as the database has it. Times are the database's, in milliseconds since 1970. */
export interface SessionRow {
  id: string;
  userId: string;
  tags: string[];
  metadata: JsonValue | null;
  createdAt: number;
  expiresAt: number;
  lastActivityAt: number;
  ipAddress: string | null;
  userAgent: string | null;
  lastIpAddress: string | null;
  /** Sealed under the encryption key where there is one. */
  salt: Buffer;
  gen: number;
  curHash: Buffer;
  nextHash: Buffer | null;
  since: number;
  prevUntil: number | null;
  rotationAsked: boolean;
  pendingSince: number | null;
  pendingCount: number;
  confirmedIp: string | null;
  confirmedUserAgent: string | null;
  clientPair: Buffer | null;
  otherPair: Buffer | null;
  deviceThumbprint: string | null;
  endReason: EndReason | null;
  /** When a browser was last given a new session in its place. */
  replacedAt: number | null;
  /** The database's clock when the row was read: no decision uses a replica's own. */
  now: number;
}

/** The absolute end: what was promised at login, or earlier where the policy has been tightened since. */
export function absoluteEnd(row: Pick<SessionRow, "expiresAt" | "createdAt">, policy: Policy): number {
  return Math.min(row.expiresAt, row.createdAt + policy.absolute_lifetime_secs * 1000);
}

/** What of a session its end by time follows from. */
export type TimedSession = Pick<SessionRow, "createdAt" | "expiresAt" | "lastActivityAt" | "now">;

/** When a session comes to its end by time if nobody uses it again, and why. */
export function endByTime(row: TimedSession, policy: Policy): { at: number; reason: "Expired" | "Inactive" } {
  const expiresAt = absoluteEnd(row, policy);
  const inactiveAt = row.lastActivityAt + (policy.inactivity_timeout_secs ?? Number.POSITIVE_INFINITY) * 1000;
  return expiresAt <= inactiveAt ? { at: expiresAt, reason: "Expired" } : { at: inactiveAt, reason: "Inactive" };
}

/** Why a session that is not marked as ended has come to its end by time; undefined while it lives. */
export function lapsed(row: TimedSession, policy: Policy): "Expired" | "Inactive" | undefined {
  const { at, reason } = endByTime(row, policy);
  return row.now >= at ? reason : undefined;
}

export function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}

/** What a validation tells the application about the session. */
export function validated(row: SessionRow, policy: Policy): ValidatedSession {
  return {
    sessionId: row.id,
    userId: row.userId,
    createdAt: seconds(row.createdAt),
    expiresAt: seconds(absoluteEnd(row, policy)),
    ...(row.tags.length > 0 && { tags: row.tags }),
    ...(row.metadata !== null && { metadata: row.metadata }),
    hasDeviceRegistered: row.deviceThumbprint !== null,
  };
}
