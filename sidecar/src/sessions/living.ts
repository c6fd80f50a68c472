import type { Queryable } from "../db/database.ts";
import type { Policy } from "../policy/policy.ts";
import type { SessionDependencies } from "./dependencies.ts";
import { lapsed, type SessionRow } from "./session.ts";
import { createSessionStore } from "./store.ts";

/** Takes out sessions that have come to their end by time and are not marked yet. */
export function livingOf(
  rows: readonly SessionRow[],
  { policies, activity }: Pick<SessionDependencies, "policies" | "activity">,
): SessionRow[] {
  const book = policies.current();
  return rows.filter((row) => {
    row.lastActivityAt = Math.max(row.lastActivityAt, activity.latest(row.id) ?? 0);
    return isLiving(row, book.policyFor(row.tags));
  });
}

export function isLiving(row: SessionRow, policy: Policy): boolean {
  return row.endReason === null && lapsed(row, policy) === undefined;
}

/** The living sessions of a user that carry all of the tags. */
export async function livingSessionsOfUser(
  connection: Queryable,
  userId: string,
  tags: readonly string[],
  deps: Pick<SessionDependencies, "policies" | "activity">,
): Promise<SessionRow[]> {
  return livingOf(await createSessionStore(connection).activeOfUser(userId, tags), deps);
}

/** Whoever changes several sessions takes them in this order, so that two such transactions cannot wait for each other. */
export function inLockOrder(rows: readonly SessionRow[]): SessionRow[] {
  return [...rows].sort((a, b) => (a.id < b.id ? -1 : 1));
}
