import type { Queryable } from "../../db/database.ts";
import { checkIp } from "../../policy/ip-address.ts";
import type { Policy, PolicyBook } from "../../policy/policy.ts";
import type { BoundedEffect, PolicyChange } from "../contract/policies.ts";
import { createPreviewStore, type LivingRow, type WithTags } from "./preview-store.ts";

/** Sessions that are looked at: enough to see what an edit does, few enough to be asked while somebody types. */
const MOST_LOOKED_AT = 50_000;

/** Without a change of one of these nobody is refused. The order of tags decides which lists hold. */
const OF_ADDRESSES: ReadonlySet<string> = new Set(["ip_allowlist", "ip_blocklist", "tag_priority"]);

const NONE: BoundedEffect = { count: 0, lookedAt: 0, isComplete: true };

/** How many living sessions would be over at once. */
export async function endedBy(
  db: Queryable,
  before: PolicyBook,
  after: PolicyBook,
  changes: readonly PolicyChange[],
): Promise<BoundedEffect> {
  const { shortestLifetimeSecs, shortestInactivityTimeoutSecs } = after;
  const rows = await createPreviewStore(db).mayLapse(
    MOST_LOOKED_AT + 1,
    touchedTags(changes),
    shortestLifetimeSecs,
    shortestInactivityTimeoutSecs,
  );
  return effect(rows, (row) => isOver(row, after.policyFor(row.tags)) && !isOver(row, before.policyFor(row.tags)));
}

/** How many living sessions would be refused where they were last: they go on elsewhere. */
export async function refusedBy(
  db: Queryable,
  before: PolicyBook,
  after: PolicyBook,
  changes: readonly PolicyChange[],
): Promise<BoundedEffect> {
  if (!changes.some(({ setting }) => OF_ADDRESSES.has(setting))) return NONE;
  const rows = await createPreviewStore(db).newest(MOST_LOOKED_AT + 1, touchedTags(changes));
  return effect(
    rows,
    (row) => isRefused(row, after.policyFor(row.tags)) && !isRefused(row, before.policyFor(row.tags)),
  );
}

/** An edit of a few tags is looked at in their sessions only: among all of a busy service they would go unseen. */
function touchedTags(changes: readonly PolicyChange[]): WithTags {
  const layers = [...new Set(changes.map(({ layer }) => layer))];
  return layers.includes("defaults") || layers.includes("") ? "any" : layers;
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
