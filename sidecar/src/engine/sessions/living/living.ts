import type { Queryable } from "../../db/database.ts";
import type { Policy } from "../../policy/policy.ts";
import type { SessionDependencies } from "../dependencies.ts";
import { lapsed, type SessionRow } from "../session.ts";
import { createSessionStore } from "../store.ts";
import { type LivingValues, livingValuesOf, readClock } from "./store.ts";

/**
 * Which sessions are active: those that are not marked as ended and have not come to their end by time, under the policy
 * that their tags have now. Lists, counts and limits ask here, and so does the dashboard: of rows that were read by
 * `isLiving`, within a query by `livingValues`.
 */

type Judging = Pick<SessionDependencies, "policies" | "activity">;

/** Takes out sessions that have come to their end by time and are not marked yet. */
export function livingOf(rows: readonly SessionRow[], { policies, activity }: Judging): SessionRow[] {
  const book = policies.current();
  return rows.map((row) => withLatestUse(row, activity)).filter((row) => isLiving(row, book.policyFor(row.tags)));
}

/** A row with the latest use that this replica knows of: it may not be written yet. */
export function withLatestUse<Row extends { id: string; lastActivityAt: number }>(
  row: Row,
  activity: Pick<Judging["activity"], "latest">,
): Row {
  return { ...row, lastActivityAt: Math.max(row.lastActivityAt, activity.latest(row.id) ?? 0) };
}

export function isLiving(row: SessionRow, policy: Policy): boolean {
  return row.endReason === null && lapsed(row, policy) === undefined;
}

/**
 * What the conditions of `living-store.ts` need. A use that this replica has noted and not written is no use for a query:
 * those without which a session could seem to be over are written first.
 */
export async function livingValues(
  db: Queryable,
  { policies, activity }: { policies: Judging["policies"]; activity: Pick<Judging["activity"], "settle" | "hasNoted"> },
): Promise<LivingValues> {
  const book = policies.current();
  const { shortestInactivityTimeoutSecs: timeoutSecs } = book;
  if (timeoutSecs !== undefined && activity.hasNoted()) {
    await activity.settle((await readClock(db)) - timeoutSecs * 1000);
  }
  return livingValuesOf(book);
}

/** The living sessions of a user that carry all of the tags. */
export async function livingSessionsOfUser(
  connection: Queryable,
  userId: string,
  tags: readonly string[],
  deps: Judging,
): Promise<SessionRow[]> {
  return livingOf(await createSessionStore(connection).activeOfUser(userId, tags), deps);
}

/** Whoever changes several sessions takes them in this order, so that two such transactions cannot wait for each other. */
export function inLockOrder(rows: readonly SessionRow[]): SessionRow[] {
  return [...rows].sort((a, b) => (a.id < b.id ? -1 : 1));
}
