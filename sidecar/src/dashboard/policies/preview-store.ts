import type { Queryable, Statement } from "../../engine/db/database.ts";
import { NOW } from "../../engine/db/time.ts";
import { endByTimeSql, type LivingValues, livingSql, mayBeOverSql } from "../../engine/sessions/living/store.ts";

/**
 * How an edit would affect the living sessions. The database counts, or returns all rows as one text: thousands of
 * objects would block the thread that answers validations.
 */

const LIVING = `FROM byo.sessions WHERE ${livingSql(2)}`;
const TAGGED = (at: number) => `AND tags && $${at}::text[]`;

const ended = (
  more: string,
) => `SELECT count(*)::float8 AS "lookedAt", (count(*) FILTER (WHERE NOT stays))::float8 AS count
  FROM (SELECT ${endByTimeSql(8)} > ${NOW} AS stays ${LIVING} AND ${mayBeOverSql(8)} ${more} LIMIT $1) AS looked`;
const ENDED: Statement = { name: "preview-ended", text: ended("") };
const ENDED_TAGGED: Statement = { name: "preview-ended-tagged", text: ended(TAGGED(14)) };

/** Tags as their numbers in `$8`: tags can be long, and most do not matter here. */
const addresses = (more: string) => `SELECT count(*)::float8 AS "lookedAt",
    coalesce(json_agg(json_build_array(ARRAY(
      SELECT ($8::jsonb ->> tag)::integer FROM unnest(tags) AS tag WHERE $8::jsonb ->> tag IS NOT NULL), ip)), '[]')::text AS rows
  FROM (SELECT tags, coalesce(last_ip_address, ip_address) AS ip ${LIVING} ${more}
    ORDER BY created_at DESC, id DESC LIMIT $1) AS looked`;
const ADDRESSES: Statement = { name: "preview-addresses", text: addresses("") };
const ADDRESSES_TAGGED: Statement = { name: "preview-addresses-tagged", text: addresses(TAGGED(9)) };

/** The sessions with one of these tags. */
export type WithTags = readonly string[] | "any";

export interface PreviewStore {
  /** How many living sessions the policies in `after` would end. */
  ended(
    limit: number,
    tags: WithTags,
    living: LivingValues,
    after: LivingValues,
  ): Promise<{ lookedAt: number; count: number }>;
  /** The newest living sessions, as text of `AddressRows`. */
  addresses(
    limit: number,
    tags: WithTags,
    living: LivingValues,
    numbered: readonly string[],
  ): Promise<{ lookedAt: number; rows: string }>;
}

export function createPreviewStore(db: Queryable): PreviewStore {
  return {
    async ended(limit, tags, living, after) {
      const values = [limit, ...living, ...after];
      const [row] = await (tags === "any"
        ? db.query<{ lookedAt: number; count: number }>(ENDED, values)
        : db.query<{ lookedAt: number; count: number }>(ENDED_TAGGED, [...values, tags]));
      return row ?? { lookedAt: 0, count: 0 };
    },
    async addresses(limit, tags, living, numbered) {
      const numbers = JSON.stringify(Object.fromEntries(numbered.map((tag, number) => [tag, number])));
      const values = [limit, ...living, numbers];
      const [row] = await (tags === "any"
        ? db.query<{ lookedAt: number; rows: string }>(ADDRESSES, values)
        : db.query<{ lookedAt: number; rows: string }>(ADDRESSES_TAGGED, [...values, tags]));
      return row ?? { lookedAt: 0, rows: "[]" };
    },
  };
}
