import type { Queryable, Statement } from "../../db/database.ts";

/** What of a living session an edit of the policy can touch. Times are in milliseconds since 1970. */
export interface LivingRow {
  tags: string[];
  createdAt: number;
  expiresAt: number;
  lastActivityAt: number;
  ipAddress: string | null;
  now: number;
}

const ms = (column: string) => `(date_part('epoch', ${column}) * 1000)`;
// Asked once, not for each of many thousand rows: so an index can serve too.
const NOW = "(SELECT byo.now())";
const COLUMNS = `tags, ${ms("created_at")} AS "createdAt", ${ms("expires_at")} AS "expiresAt",
  ${ms("last_activity_at")} AS "lastActivityAt", coalesce(last_ip_address, ip_address) AS "ipAddress",
  ${ms(NOW)} AS now`;

const LIVING = `SELECT ${COLUMNS} FROM byo.sessions WHERE ended_at IS NULL`;
const LAPSING = `${LIVING} AND (created_at <= ${NOW} - make_interval(secs => $2::float8)
  OR last_activity_at <= ${NOW} - make_interval(secs => $3::float8))`;
const ORDER = "ORDER BY created_at DESC, id DESC LIMIT $1";

const MAY_LAPSE: Statement = { name: "preview-may-lapse", text: `${LAPSING} LIMIT $1` };
const TAGGED_MAY_LAPSE: Statement = {
  name: "preview-tagged-may-lapse",
  text: `${LAPSING} AND tags && $4::text[] LIMIT $1`,
};
const NEWEST: Statement = { name: "preview-newest", text: `${LIVING} ${ORDER}` };
const NEWEST_TAGGED: Statement = {
  name: "preview-newest-tagged",
  text: `${LIVING} AND tags && $2::text[] ${ORDER}`,
};

/** The sessions with one of these tags. */
export type WithTags = readonly string[] | "any";

export interface PreviewStore {
  /** Living sessions that are older, or were not used for longer, than the shortest of a policy. */
  mayLapse(limit: number, tags: WithTags, lifetimeSecs: number, timeoutSecs: number | undefined): Promise<LivingRow[]>;
  newest(limit: number, tags: WithTags): Promise<LivingRow[]>;
}

export function createPreviewStore(db: Queryable): PreviewStore {
  return {
    mayLapse(limit, tags, lifetimeSecs, timeoutSecs) {
      const values = [limit, lifetimeSecs, timeoutSecs ?? null];
      return tags === "any" ? db.query(MAY_LAPSE, values) : db.query(TAGGED_MAY_LAPSE, [...values, tags]);
    },
    newest: (limit, tags) => (tags === "any" ? db.query(NEWEST, [limit]) : db.query(NEWEST_TAGGED, [limit, tags])),
  };
}
