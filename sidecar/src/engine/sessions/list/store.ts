import type { Queryable, Statement } from "../../db/database.ts";
import { filteredStatement, type LivingValues, livingSql, type SessionFilter } from "../living/store.ts";
import type { KnownUses } from "../read/latest-use.ts";
import { COLUMNS, readRows } from "../read/store.ts";
import type { SessionRow } from "../session.ts";

const pageOf = (filter: SessionFilter): Statement =>
  filteredStatement(
    "sessions-page",
    filter,
    (where) => `SELECT ${COLUMNS} FROM byo.sessions WHERE ${where} AND ${livingSql(5)}
      ORDER BY created_at DESC, id DESC LIMIT $3 OFFSET $4`,
  );
/** Counting many millions takes longer than a command may. */
const MAX_COUNTED = 1_000_000;

const countOf = (filter: SessionFilter): Statement =>
  filteredStatement(
    "sessions-count",
    filter,
    (where) => `SELECT count(*)::float8 AS count
      FROM (SELECT FROM byo.sessions WHERE ${where} AND ${livingSql(4)} LIMIT $3) AS counted`,
  );

/** Living sessions, by the policies in `living`. */
export interface ListStore {
  page(filter: SessionFilter, living: LivingValues, limit: number, offset: number): Promise<SessionRow[]>;
  /** Counts up to a million. */
  count(filter: SessionFilter, living: LivingValues): Promise<number>;
}

export function createListStore(db: Queryable, uses: KnownUses): ListStore {
  return {
    page: (filter, living, limit, offset) =>
      readRows(db, uses, pageOf(filter), [filter.userId ?? null, filter.tags, limit, offset, ...living]),
    async count(filter, living) {
      const values = [filter.userId ?? null, filter.tags, MAX_COUNTED, ...living];
      const [row] = await db.query<{ count: number }>(countOf(filter), values);
      return row?.count ?? 0;
    },
  };
}
