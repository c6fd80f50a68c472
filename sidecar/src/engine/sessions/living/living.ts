import type { Queryable } from "../../db/database.ts";
import { readClock } from "../../db/installation.ts";
import type { Policy, PolicyBook } from "../../policy/policy.ts";
import type { ActivityWriter } from "../activity/writer.ts";
import type { KnownUses } from "../read/latest-use.ts";
import { readSession } from "../read/store.ts";
import { lapseOf, type SessionRow } from "../session.ts";
import { isSessionId } from "../token/session-token.ts";
import { createLivingStore, type LivingValues, livingValuesOf } from "./store.ts";

/**
 * Which sessions are living: those that are not marked as ended and have not ended by time under the current policy of
 * their tags. Lists, counts, limits and the dashboard all use this: `isLiving` for rows, `livingValues` for queries.
 */

interface Policies {
  current(): PolicyBook;
}

export function isLiving(row: SessionRow, policy: Policy): boolean {
  return row.endReason === null && lapseOf(row, policy) === undefined;
}

/** Removes sessions that have ended by time but are not marked yet. */
export function livingOf(rows: readonly SessionRow[], policies: Policies): SessionRow[] {
  const book = policies.current();
  return rows.filter((row) => isLiving(row, book.policyFor(row.tags)));
}

/** The session with this id, if it is living; any text is fine as the id. */
export async function livingSession(
  db: Queryable,
  id: string,
  { policies, activity }: { policies: Policies; activity: KnownUses },
): Promise<SessionRow | undefined> {
  const row = isSessionId(id) ? await readSession(db, activity, id) : undefined;
  return row && livingOf([row], policies)[0];
}

/**
 * The values for the conditions of `living/store.ts`. A query cannot see uses that this replica has noted but not
 * written, so those that keep a session alive are written first.
 */
export async function livingValues(
  db: Queryable,
  { policies, activity }: { policies: Policies; activity: Pick<ActivityWriter, "settle" | "hasNoted"> },
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
  db: Queryable,
  userId: string,
  tags: readonly string[],
  { policies, activity }: { policies: Policies; activity: KnownUses },
): Promise<SessionRow[]> {
  return livingOf(await createLivingStore(db, activity).notEndedOfUser(userId, tags), policies);
}
