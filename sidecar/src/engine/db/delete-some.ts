import type { Queryable, Statement } from "./database.ts";
import { NOW } from "./time.ts";

interface Aged {
  table: string;
  /** The column whose time decides. The table has an index that begins with it. */
  column: string;
  /** The time up to which rows are deleted, as SQL; its values start at `$3`. Default: now. */
  upTo?: string;
}

/** A part of a deletion. `next`: the time at which the next part starts; null if nothing is left. */
export interface Deleted {
  count: number;
  next: string | null;
}

/**
 * A statement that deletes the oldest rows up to a time, a limited number at once. The next part starts at the time of the
 * last one: from the first row on, it would read again all rows that were deleted and not vacuumed yet. Rows are deleted
 * by their place in the table (ctid): for ids from a sub-select with an unknown limit, the planner reads the whole table.
 */
export function deletionOf(name: string, { table, column, upTo = NOW }: Aged): Statement {
  const text = `WITH deleted AS (
      DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM ${table} WHERE ${column} >= coalesce($1::timestamptz, '-infinity') AND ${column} <= ${upTo}
        ORDER BY ${column} LIMIT $2 FOR UPDATE SKIP LOCKED))
      RETURNING ${column} AS at)
    SELECT count(*)::float8 AS count, max(at)::text AS last FROM deleted`;
  return { name, text };
}

/** `more`: the values of the statement's `upTo`. */
export async function deleteSome(
  db: Queryable,
  statement: Statement,
  from: string | null,
  limit: number,
  ...more: readonly unknown[]
): Promise<Deleted> {
  const [row] = await db.query<{ count: number; last: string | null }>(statement, [from, limit, ...more]);
  const { count = 0, last = null } = row ?? {};
  return { count, next: count < limit ? null : last };
}
