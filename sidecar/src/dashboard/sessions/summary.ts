import type { Policy } from "../../engine/policy/policy.ts";
import { describeDevice } from "../../engine/policy/user-agent.ts";
import { absoluteEnd, endByTime, seconds } from "../../engine/sessions/session.ts";
import type { SessionSummary } from "../contract/sessions.ts";
import type { ListedRow } from "./store.ts";

/**
 * What the list shows of a session. A session that has ended by time is shown as ended, even if nothing has marked it
 * yet.
 */
export function summaryOf(row: ListedRow, policy: Policy): SessionSummary {
  const end = endByTime(row, policy);
  const hasLapsed = row.endedAt === null && row.now >= end.at;
  const endedAt = hasLapsed ? end.at : row.endedAt;
  return {
    sessionId: row.id,
    userId: row.userId,
    createdAt: seconds(row.createdAt),
    lastActivityAt: seconds(row.lastActivityAt),
    expiresAt: seconds(absoluteEnd(row, policy)),
    device: describeDevice(row.userAgent ?? undefined),
    ipAddress: row.ipAddress,
    lastIpAddress: row.lastIpAddress,
    tags: row.tags,
    isBound: row.deviceThumbprint !== null,
    endedAt: endedAt === null ? null : seconds(endedAt),
    endReason: hasLapsed ? end.reason : row.endReason,
  };
}
