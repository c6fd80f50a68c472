import type { AuditLog } from "../../engine/audit/audit-log.ts";
import type { AuditRow } from "../../engine/audit/store.ts";
import type { Database, Queryable } from "../../engine/db/database.ts";
import type { LivePolicies } from "../../engine/policy/live-policies.ts";
import type { ActivityWriter } from "../../engine/sessions/activity/writer.ts";
import type { EndWithUser, SessionMetrics } from "../../engine/sessions/dependencies.ts";
import { type EndContext, endSessions } from "../../engine/sessions/end/end-session.ts";
import { livingOf, livingValues } from "../../engine/sessions/living/living.ts";
import { readManyForUpdate } from "../../engine/sessions/read/store.ts";
import { createSearchStore, type ListedRow } from "../sessions/store.ts";
import { type BulkEndRow, createBulkEndStore, type Step } from "./store.ts";
import { livingTarget, targetDetails, targetInWords, wholeUser } from "./target.ts";

export interface BulkEndDependencies {
  db: Database;
  audit: AuditLog;
  policies: LivePolicies;
  activity: ActivityWriter;
  metrics: Pick<SessionMetrics, "ended">;
  endWithUser: EndWithUser;
}

const BATCH = 500;

/**
 * Ends the next sessions of a target. The sessions, their events, the entry of the log and the row's number change in one
 * transaction, so that the number is right wherever a replica dies. False: another replica works on it.
 */
export async function endBatch(row: BulkEndRow, deps: BulkEndDependencies): Promise<boolean> {
  const { db, audit, metrics } = deps;
  const living = await livingValues(db, deps);
  const found = await createSearchStore(db).page(livingTarget(row.target), living, row.after, BATCH);
  const ended = await audit.transaction(async (tx, record) => {
    if (!(await createBulkEndStore(tx).hold(row))) return undefined;
    const step = nextStep(row, found, await endFound(tx, record, row, found, deps));
    if (step.ended > 0) record({ ...entryOf(row), count: step.ended });
    await createBulkEndStore(tx).step(row.id, step);
    return step.ended;
  });
  if (ended) metrics.ended("Revoked", ended);
  return ended !== undefined;
}

/** The entry of the log, which all batches of one end share. */
export function entryOf({ id, target, askedBy, note }: Pick<BulkEndRow, "id" | "target" | "askedBy" | "note">) {
  const details = { ...targetDetails(target), ...(note !== null && { note }) };
  return { event: "SessionsEnded", ...askedBy, details, collapseKey: `bulk-end:${id}` } satisfies AuditRow;
}

async function endFound(
  tx: Queryable,
  record: (event: AuditRow) => void,
  { target, askedBy: { actor, ...by } }: BulkEndRow,
  found: readonly ListedRow[],
  { policies, activity, endWithUser }: BulkEndDependencies,
): Promise<number> {
  // The person's address goes into the details: as the event's address it would look like the user's in a timeline.
  const context: EndContext & { details: Record<string, unknown> } = {
    actor,
    details: { bulk: targetInWords(target), by },
  };
  const ids = found.map(({ id }) => id);
  const rows = livingOf(await readManyForUpdate(tx, activity, ids), policies);
  const ended = await endSessions(tx, record, rows, "Revoked", context);
  const userId = wholeUser(target);
  if (userId !== undefined) await endWithUser(tx, record, userId, context);
  return ended;
}

/** A second pass finds the logins that were under way at the start. */
function nextStep({ isLastPass }: BulkEndRow, found: readonly ListedRow[], ended: number): Step {
  const last = found.at(-1);
  const isPassOver = found.length < BATCH || !last;
  return {
    ended,
    after: isPassOver ? undefined : { createdText: last.createdText, id: last.id },
    isLastPass: isLastPass || isPassOver,
    isFinished: isLastPass && isPassOver,
  };
}
