import type { Policy } from "../../engine/policy/policy.ts";
import { describeDevice } from "../../engine/policy/user-agent.ts";
import { absoluteEnd, lapseOf, seconds } from "../../engine/sessions/session.ts";
import type { SessionFlag, SessionSummary } from "../contract/sessions.ts";
import type { PolicyHistory } from "../policies/history.ts";
import type { ListedRow } from "./store.ts";

interface SummaryContext {
  /** The policy of the session's tags, now. */
  policy: Policy;
  history: Pick<PolicyHistory, "lapse">;
  flags: readonly SessionFlag[];
}

/**
 * What the list shows of a session. A session that has ended by time is shown as ended, even if nothing has marked it
 * yet.
 */
export function summaryOf(row: ListedRow, { policy, history, flags }: SummaryContext): SessionSummary {
  const lapsed = row.endedAt === null && lapseOf(row, policy) !== undefined ? history.lapse(row) : undefined;
  const endedAt = lapsed ? lapsed.at : row.endedAt;
  return {
    sessionId: row.id,
    userId: row.userId,
    createdAt: seconds(row.createdAt),
    lastActivityAt: seconds(row.lastActivityAt),
    // What would have applied later to an ended session says nothing about it.
    expiresAt: seconds(endedAt === null ? absoluteEnd(row, policy) : row.expiresAt),
    device: describeDevice(row.userAgent ?? undefined),
    ipAddress: row.ipAddress,
    lastIpAddress: row.lastIpAddress,
    tags: row.tags,
    isBound: row.deviceThumbprint !== null,
    endedAt: endedAt === null ? null : seconds(endedAt),
    endReason: lapsed ? lapsed.reason : row.endReason,
    flags: [...flags],
  };
}
