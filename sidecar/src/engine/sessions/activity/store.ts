import type { Queryable, Statement } from "../../db/database.ts";

/** A use of a session that is not written yet. `at` is in milliseconds. */
export interface Activity {
  id: string;
  at: number;
  ipAddress: string | undefined;
}

const TOUCH: Statement = {
  name: "session-touch",
  text: `WITH seen AS (
           SELECT * FROM unnest($1::uuid[], $2::float8[], $3::text[]) AS v (id, at, ip)
         ), free AS (
           -- In one order, and past rows that are locked: two replicas that write at once must not wait for each other.
           SELECT s.id FROM byo.sessions s JOIN seen ON seen.id = s.id WHERE s.ended_at IS NULL
           ORDER BY s.id FOR NO KEY UPDATE OF s SKIP LOCKED
         ), written AS (
           UPDATE byo.sessions s
           SET last_activity_at = greatest(s.last_activity_at, to_timestamp(seen.at / 1000)),
               last_ip_address = coalesce(seen.ip, s.last_ip_address)
           FROM seen JOIN free ON free.id = seen.id WHERE s.id = seen.id RETURNING s.id
         )
         SELECT id FROM seen WHERE id IN (SELECT id FROM written)
           OR NOT EXISTS (SELECT FROM byo.sessions s WHERE s.id = seen.id AND s.ended_at IS NULL)`,
};

/** Writes times of use in one statement. Returns the ids of written and of ended sessions; the others were locked. */
export async function writeActivities(db: Queryable, activities: readonly Activity[]): Promise<string[]> {
  const columns = [
    activities.map((activity) => activity.id),
    activities.map((activity) => activity.at),
    activities.map((activity) => activity.ipAddress ?? null),
  ];
  return (await db.query<{ id: string }>(TOUCH, columns)).map((row) => row.id);
}
