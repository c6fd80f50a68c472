import type { Queryable } from "../../db/database.ts";
import { readClock } from "../../db/installation.ts";
import type { PolicyBook } from "../../policy/policy.ts";
import type { ActivityWriter } from "../activity/writer.ts";
import type { KnownUses } from "../read/latest-use.ts";
import { isLiving, type SessionRow } from "../session.ts";
import { createLivingStore, type LivingValues, livingValuesOf } from "./store.ts";

/**
 * Which sessions are living: those that are not marked as ended and have not come to their end by time, under the policy
 * that their tags have now. Lists, counts and limits ask here, and so does the dashboard: about rows that were read with
 * `isLiving`, within a query with `livingValues`.
 */

interface Policies {
  current(): PolicyBook;
}

/** Takes out sessions that have come to their end by time and are not marked yet. */
export function livingOf(rows: readonly SessionRow[], policies: Policies): SessionRow[] {
  const book = policies.current();
  return rows.filter((row) => isLiving(row, book.policyFor(row.tags)));
}

/**
 * What the conditions of `living/store.ts` need. A use that this replica has noted and not written is no use for a query:
 * those without which a session could seem to be over are written first.
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
