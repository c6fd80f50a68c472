import type { Queryable } from "../../db/database.ts";
import { checkIp } from "../../policy/ip-address.ts";
import type { Policy, PolicyBook } from "../../policy/policy.ts";
import type { BoundedEffect } from "../contract/policies.ts";
import { createPreviewStore, type LivingRow } from "./preview-store.ts";

/** Sessions that are looked at: enough to see what an edit does, few enough to be asked while somebody types. */
const MOST_LOOKED_AT = 50_000;

const NONE: BoundedEffect = { count: 0, lookedAt: 0, isComplete: true };

/** How many living sessions would be over at once. */
export async function endedBy(db: Queryable, before: PolicyBook, after: PolicyBook): Promise<BoundedEffect> {
  const { shortestLifetimeSecs, shortestInactivityTimeoutSecs } = after;
  const rows = await createPreviewStore(db).mayLapse(
    shortestLifetimeSecs,
    shortestInactivityTimeoutSecs,
    MOST_LOOKED_AT + 1,
  );
  return effect(rows, (row) => isOver(row, after.policyFor(row.tags)) && !isOver(row, before.policyFor(row.tags)));
}

/** How many living sessions would be refused where they were last: they go on elsewhere. */
export async function refusedBy(
  db: Queryable,
  before: PolicyBook,
  after: PolicyBook,
  tags: readonly string[],
): Promise<BoundedEffect> {
  const policies = [[], ...tags.map((tag) => [tag])].map((set) => after.policyFor(set));
  if (policies.every(({ ipAllowlist, ipBlocklist }) => !ipAllowlist && !ipBlocklist)) return NONE;
  const rows = await createPreviewStore(db).newest(MOST_LOOKED_AT + 1);
  return effect(
    rows,
    (row) => isRefused(row, after.policyFor(row.tags)) && !isRefused(row, before.policyFor(row.tags)),
  );
}

function effect(rows: readonly LivingRow[], isTouched: (row: LivingRow) => boolean): BoundedEffect {
  const looked = rows.slice(0, MOST_LOOKED_AT);
  return { count: looked.filter(isTouched).length, lookedAt: looked.length, isComplete: rows.length <= MOST_LOOKED_AT };
}

function isOver({ now, createdAt, expiresAt, lastActivityAt }: LivingRow, policy: Policy): boolean {
  if (now >= Math.min(expiresAt, createdAt + policy.absoluteLifetimeSecs * 1000)) return true;
  const { inactivityTimeoutSecs: timeoutSecs } = policy;
  return timeoutSecs !== undefined && now >= lastActivityAt + timeoutSecs * 1000;
}

function isRefused({ ipAddress }: LivingRow, policy: Policy): boolean {
  return checkIp(policy, ipAddress ?? undefined) !== undefined;
}
