import type { Policy } from "../../policy/policy.ts";
import { describeDevice } from "../../policy/user-agent.ts";
import type { SessionSummary } from "../contract/sessions.ts";
import type { ListedRow } from "./store.ts";

/**
 * What the list shows of a session. One that has come to its end by time and that no request and no job has marked yet is
 * shown as what it is.
 */
export function summaryOf(row: ListedRow, policy: Policy): SessionSummary {
  const expiresAt = Math.min(row.expiresAt, row.createdAt + policy.absoluteLifetimeSecs * 1000);
  const idleMs = (policy.inactivityTimeoutSecs ?? Number.POSITIVE_INFINITY) * 1000;
  const inactiveAt = row.lastActivityAt + idleMs;
  const lapsedAt = Math.min(expiresAt, inactiveAt);
  const hasLapsed = row.endedAt === null && row.now >= lapsedAt;
  const endedAt = hasLapsed ? lapsedAt : row.endedAt;
  return {
    sessionId: row.id,
    userId: row.userId,
    createdAt: seconds(row.createdAt),
    lastActivityAt: seconds(row.lastActivityAt),
    expiresAt: seconds(expiresAt),
    device: describeDevice(row.userAgent ?? undefined),
    ipAddress: row.ipAddress,
    lastIpAddress: row.lastIpAddress,
    tags: row.tags,
    isBound: row.deviceThumbprint !== null,
    endedAt: endedAt === null ? null : seconds(endedAt),
    endReason: hasLapsed ? (expiresAt <= inactiveAt ? "Expired" : "Inactive") : row.endReason,
  };
}

export function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}
