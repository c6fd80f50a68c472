import type { AuditLog } from "../../engine/audit/audit-log.ts";
import type { LivePolicies } from "../../engine/policy/live-policies.ts";
import type { ActivityWriter } from "../../engine/sessions/activity/writer.ts";
import type { SessionMetrics } from "../../engine/sessions/dependencies.ts";
import { endSession } from "../../engine/sessions/end/end-session.ts";
import { livingOf } from "../../engine/sessions/living/living.ts";
import { readForUpdate } from "../../engine/sessions/read/store.ts";
import { type KnownCaller, traceOf } from "../caller.ts";

export interface EndSelectedContext {
  audit: AuditLog;
  activity: ActivityWriter;
  policies: LivePolicies;
  metrics: Pick<SessionMetrics, "ended">;
}

/** Ends these sessions in one transaction, with one entry in the log for all; gives how many were active. */
export async function endSelected(
  { sessionIds, target, note }: { sessionIds: readonly string[]; target: string; note: string },
  caller: KnownCaller,
  { audit, activity, policies, metrics }: EndSelectedContext,
): Promise<number> {
  const { actor, ...by } = traceOf(caller);
  // The order in which every transaction takes several sessions.
  const inOrder = [...new Set(sessionIds)].sort();
  const ended = await audit.transaction(async (tx, record) => {
    let count = 0;
    for (const id of inOrder) {
      const row = await readForUpdate(tx, activity, id);
      const [living] = row ? livingOf([row], policies) : [];
      const context = { actor, details: { bulk: target, by } };
      if (living && (await endSession(tx, record, living, "Revoked", context))) count++;
    }
    record({ event: "SessionsEnded", actor, ...by, details: { target, note, ended: count } });
    return count;
  });
  if (ended > 0) metrics.ended("Revoked", ended);
  return ended;
}
