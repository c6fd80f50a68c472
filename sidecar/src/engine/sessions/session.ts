import type { EndReason, JsonValue } from "@byo-session/core/contract";
import type { Policy } from "../policy/policy.ts";

/** A session as it was read. Times are the database's, in milliseconds since 1970. */
export interface SessionRow {
  readonly id: string;
  readonly userId: string;
  readonly tags: string[];
  readonly metadata: JsonValue | null;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** The latest use, including one that this replica has noted and not written yet. Final once the row is read. */
  readonly lastActivityAt: number;
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
  readonly lastIpAddress: string | null;
  /** Sealed with the encryption key, if there is one. */
  readonly salt: Buffer;
  readonly gen: number;
  readonly curHash: Buffer;
  readonly nextHash: Buffer | null;
  readonly since: number;
  readonly prevUntil: number | null;
  readonly rotationAsked: boolean;
  readonly pendingSince: number | null;
  readonly pendingCount: number;
  readonly confirmedIp: string | null;
  readonly confirmedUserAgent: string | null;
  readonly clientPair: Buffer | null;
  readonly otherPair: Buffer | null;
  readonly deviceThumbprint: string | null;
  readonly endReason: EndReason | null;
  /** When a browser last got a new session instead of this one. */
  readonly replacedAt: number | null;
  /** When a token was last adopted that the database had lost; null if never, or not since the last `byo recover`. */
  readonly adoptedAt: number | null;
  /** The database's clock when the row was read: no decision uses a replica's own. */
  readonly now: number;
}

/** The absolute end: as set at login, or earlier if the policy has been tightened since. */
export function absoluteEnd(row: Pick<SessionRow, "expiresAt" | "createdAt">, policy: Policy): number {
  return Math.min(row.expiresAt, row.createdAt + policy.absolute_lifetime_secs * 1000);
}

/** The fields that determine a session's end by time. */
export type TimedSession = Pick<SessionRow, "createdAt" | "expiresAt" | "lastActivityAt" | "now">;

/** When and why a session will end by time without further use. */
export function endByTime(row: TimedSession, policy: Policy): { at: number; reason: Lapse } {
  const expiresAt = absoluteEnd(row, policy);
  const inactiveAt = row.lastActivityAt + (policy.inactivity_timeout_secs ?? Number.POSITIVE_INFINITY) * 1000;
  return expiresAt <= inactiveAt ? { at: expiresAt, reason: "Expired" } : { at: inactiveAt, reason: "Inactive" };
}

/** In Unix seconds: when the session ends if it is not used again. Only where the policy has an inactivity timeout. */
export function idleEnd(
  row: TimedSession,
  policy: Policy,
  lastActivityAt = row.lastActivityAt,
): { idleExpiresAt: number } | undefined {
  if (policy.inactivity_timeout_secs === undefined) return undefined;
  return { idleExpiresAt: seconds(endByTime({ ...row, lastActivityAt }, policy).at) };
}

/** Why a session ends by time. */
export type Lapse = "Expired" | "Inactive";

/** Why a session that is not marked as ended has ended by time; undefined while it lives. */
export function lapseOf(row: TimedSession, policy: Policy): Lapse | undefined {
  const { at, reason } = endByTime(row, policy);
  return row.now >= at ? reason : undefined;
}

export function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}
