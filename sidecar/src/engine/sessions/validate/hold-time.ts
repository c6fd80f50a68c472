import type { Policy } from "../../policy/policy.ts";
import { endByTime, type SessionRow } from "../session.ts";

/**
 * How long the application may serve this acceptance again itself, in milliseconds: until anything about it could be
 * different without a change of the row. 0: not at all. Only for a plain acceptance (`isPlain`) of a request without a
 * proof; `evidenceMs` is how long its device cookie is still good, where that was the evidence.
 */
export function holdMsOf(row: SessionRow, policy: Policy, evidenceMs = Number.POSITIVE_INFINITY): number {
  // A successor is waiting: every request brings it, until one uses it.
  if (row.nextHash !== null) return 0;
  const inactivityMs = (policy.inactivity_timeout_secs ?? Number.POSITIVE_INFINITY) * 1000;
  return Math.max(
    0,
    Math.min(
      policy.max_hold_secs * 1000,
      rotationDueAt(row, policy) - row.now,
      endByTime(row, policy).at - row.now,
      // A request that is served by the application is not noted as a use, so the session must be read often enough.
      inactivityMs / 10,
      evidenceMs,
    ),
  );
}

function rotationDueAt({ since, prevUntil, rotationAsked }: SessionRow, policy: Policy): number {
  const intervalMs = policy.rotation_interval_secs * 1000;
  if (intervalMs === 0) return Number.POSITIVE_INFINITY;
  return Math.max(rotationAsked ? since : since + intervalMs, prevUntil ?? since);
}
