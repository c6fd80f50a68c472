import type { Queryable, Statement } from "../../db/database.ts";
import { type LivingValues, livingSql, type SessionFilter } from "../living/store.ts";
import type { KnownUses } from "../read/latest-use.ts";
import { COLUMNS, readRows } from "../read/store.ts";
import type { SessionRow } from "../session.ts";

const PAGE: Statement = {
  name: "sessions-page",
  text: `SELECT ${COLUMNS} FROM byo.sessions
         WHERE ($1::text IS NULL OR user_id = $1) AND tags @> $2::text[] AND ${livingSql(5)}
         ORDER BY created_at DESC, id DESC LIMIT $3 OFFSET $4`,
};
const COUNT: Statement = {
  name: "sessions-count",
  text: `SELECT count(*)::float8 AS count FROM byo.sessions
         WHERE ($1::text IS NULL OR user_id = $1) AND tags @> $2::text[] AND ${livingSql(3)}`,
};

/** Living sessions, by the policies in `living`. */
export interface ListStore {
  page(filter: SessionFilter, living: LivingValues, limit: number, offset: number): Promise<SessionRow[]>;
  count(filter: SessionFilter, living: LivingValues): Promise<number>;
}

export function createListStore(db: Queryable, uses: KnownUses): ListStore {
  return {
    page: ({ userId, tags }, living, limit, offset) =>
      readRows(db, uses, PAGE, [userId ?? null, tags, limit, offset, ...living]),
    async count({ userId, tags }, living) {
      const [row] = await db.query<{ count: number }>(COUNT, [userId ?? null, tags, ...living]);
      return row?.count ?? 0;
    },
  };
}
