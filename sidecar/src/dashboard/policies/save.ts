import type { AuditLog } from "../../engine/audit/audit-log.ts";
import { onceForEach } from "../../engine/once-for-each.ts";
import type { SessionConfig } from "../../engine/policy/values.ts";
import { type KnownCaller, traceOf } from "../caller.ts";
import { requireConfirmed } from "../confirmed.ts";
import { affectedBy, type CurrentPolicies, type PolicyChange } from "../contract/policies.ts";
import type { BoundedCount } from "../contract/sessions.ts";
import { forbidden, Refusal } from "../refusal.ts";
import { requirePassword } from "../require-password.ts";
import { changesBetween, type PolicyDocument, toDocument, toText } from "./document.ts";
import type { FollowedEdits } from "./edits.ts";
import { type EffectContext, previewOf } from "./effects.ts";
import { createPolicyStore } from "./store.ts";
import { type PolicyJson, toPolicyJson } from "./tasks.ts";

export interface PolicyDependencies extends EffectContext {
  audit: AuditLog;
  /** Undefined: this replica accepts no edits. */
  edits: FollowedEdits | undefined;
  /** The configuration file of this replica. */
  file: () => SessionConfig;
}

export interface Edit {
  policy: PolicyJson;
  expectedRevision: number;
  comment?: string | undefined;
  /** How many sessions a person has confirmed to end or to shut out. Default: none. */
  confirmed?: BoundedCount | undefined;
  rollbackOf?: number | undefined;
}

const NONE: BoundedCount = { count: 0, isCapped: false };
const MAX_LOGGED_CHARS = 16_000;

const overlayOver = onceForEach((base: PolicyDocument) =>
  onceForEach((now: PolicyDocument) => changesBetween(base, now)),
);

/** The policy in force. */
export function currentPolicies({ edits, policies, file }: PolicyDependencies): CurrentPolicies {
  const newest = edits?.current();
  const [base, now] = [toDocument(file()), toDocument(policies.config())];
  return {
    text: toText(now),
    fileText: toText(base),
    revision: newest?.revision ?? 0,
    author: newest?.author ?? null,
    editedAt: newest?.createdAt ?? null,
    overlay: overlayOver(base)(now),
    edits: edits !== undefined,
  };
}

/** Puts an edit in force: on this replica when this resolves, on all others within a second. */
export async function saveEdit(deps: PolicyDependencies, edit: Edit, caller: KnownCaller): Promise<CurrentPolicies> {
  const { audit, edits, policies, file, work } = deps;
  if (!edits) {
    const message = "Policy edits are off here (DASHBOARD_POLICY_EDITS=off). Change the file instead.";
    throw new Refusal({ type: "PolicyEditsOff", message });
  }
  // This replica must have the revision that the editor started from: the difference below is computed against it.
  await edits.refresh();
  if ((edits.current()?.revision ?? 0) !== edit.expectedRevision) throw overtaken(deps);
  const [before, base] = [toPolicyJson(policies.config()), toPolicyJson(file())];
  const { changes, loosens, patch, ...texts } = await work.run("compare", { before, after: edit.policy, file: base });
  if (changes.length === 0) return currentPolicies(deps);
  refuseLoosening(loosens, caller);
  requireConfirmed(affectedBy(await previewOf(texts.textAfter, deps)), edit.confirmed ?? NONE);

  const revision = edit.expectedRevision + 1;
  await audit
    .transaction(async (tx, record) => {
      const isFirst = await createPolicyStore(tx).insert({
        revision,
        patch,
        author: caller.login.username,
        comment: edit.comment ?? null,
        rollbackOf: edit.rollbackOf ?? null,
        changes,
        ...texts,
      });
      if (!isFirst) throw overtaken(deps);
      const event = isEmpty(patch) ? "PolicyReplacedByFile" : "PolicyEdited";
      record({ event, ...traceOf(caller), details: { revision, ...logged(changes) } });
    })
    .catch(async (error: unknown) => {
      await edits.refresh();
      throw error instanceof Refusal ? overtaken(deps) : error;
    });
  await edits.refresh();
  return currentPolicies(deps);
}

/** Nothing is lost: the editor still has the text, and the answer shows the policy in force. */
function overtaken(deps: PolicyDependencies): Refusal {
  const message =
    "Someone else has changed the policy since you started. Compare with the policy in force, then save again.";
  return new Refusal({ type: "Conflict", message, current: currentPolicies(deps) });
}

function refuseLoosening(loosened: readonly PolicyChange[], caller: KnownCaller): void {
  const [first] = loosened;
  if (!first) return;
  if (caller.login.role !== "SuperAdmin" && caller.login.role !== "Admin") {
    const where = first.layer === "" ? "" : ` of ${first.layer}`;
    throw forbidden(`This loosens ${first.setting}${where}. Only an admin can save it.`);
  }
  requirePassword(caller);
}

function isEmpty(patch: PolicyDocument): boolean {
  return Object.keys(patch).length === 0;
}

/** Keeps the log line readable; the revision has everything. */
function logged(changes: readonly PolicyChange[]): { changes: unknown } {
  const isLong = JSON.stringify(changes).length > MAX_LOGGED_CHARS;
  return { changes: isLong ? changes.slice(0, 100).map(({ layer, setting }) => ({ layer, setting })) : changes };
}
