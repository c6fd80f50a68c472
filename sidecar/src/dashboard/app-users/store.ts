import type { Queryable, Statement } from "../../engine/db/database.ts";
import { type LivingValues, livingSql } from "../../engine/sessions/living/store.ts";

export interface TagsRow {
  tags: string[];
  active: number;
}

const MAX_COUNTED = 10_000;
const TAGS: Statement = {
  name: "dashboard-tags-of-user",
  text: `SELECT tags, count(*)::float8 AS active
    FROM (SELECT tags FROM byo.sessions WHERE user_id = $1 AND ${livingSql(3)} LIMIT ${MAX_COUNTED}) AS active
    GROUP BY tags ORDER BY active DESC, tags LIMIT $2`,
};

/** The tags that a user's active sessions have together, the most frequent first. */
export function tagsOfUser(db: Queryable, userId: string, limit: number, living: LivingValues): Promise<TagsRow[]> {
  return db.query<TagsRow>(TAGS, [userId, limit, ...living]);
}
