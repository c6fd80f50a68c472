import type { Policy } from "../../policy/policy.ts";
import type { LimitMode } from "../../policy/values.ts";
import type { SessionRow } from "../session.ts";

/** What the limits on concurrent sessions decide about another session. */
export type LimitDecision =
  | { kind: "allow"; drop: SessionRow[] }
  | { kind: "reject"; currentCount: number; maxAllowed: number };

/** Applies the user's limit, then that of each tag. `living` are the user's sessions. */
export function applyLimits(living: readonly SessionRow[], policy: Policy): LimitDecision {
  const dropped = new Set<SessionRow>();
  const limits: { max: number; mode: LimitMode; counts: (row: SessionRow) => boolean }[] = [
    { max: policy.max_concurrent_sessions_per_user, mode: policy.on_session_limit_exceeded, counts: () => true },
    ...policy.tagLimits.map(({ tag, max, mode }) => ({
      max,
      mode,
      counts: (row: SessionRow) => row.tags.includes(tag),
    })),
  ];
  for (const { max, mode, counts } of limits) {
    const counted = living.filter((row) => !dropped.has(row) && counts(row));
    const excess = counted.length + 1 - max;
    if (excess <= 0) continue;
    if (mode === "reject_new") return { kind: "reject", currentCount: counted.length, maxAllowed: max };
    for (const row of counted.sort(ORDER[mode]).slice(0, excess)) dropped.add(row);
  }
  return { kind: "allow", drop: [...dropped] };
}

/** A user with fewer living sessions than this, whatever their tags, cannot exceed a limit by logging in. */
export function roomOf(policy: Policy): number {
  return Math.min(policy.max_concurrent_sessions_per_user, ...policy.tagLimits.map(({ max }) => max));
}

/** Which sessions are dropped first. Ids break ties, so that every replica chooses the same ones. */
const ORDER: Record<Exclude<LimitMode, "reject_new">, (a: SessionRow, b: SessionRow) => number> = {
  drop_oldest: (a, b) => a.createdAt - b.createdAt || byId(a, b),
  drop_newest: (a, b) => b.createdAt - a.createdAt || byId(a, b),
  drop_least_recently_active: (a, b) => a.lastActivityAt - b.lastActivityAt || byId(a, b),
};

function byId(a: SessionRow, b: SessionRow): number {
  return a.id < b.id ? -1 : 1;
}
