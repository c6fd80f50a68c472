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
const COLUMNS = `tags, ${ms("created_at")} AS "createdAt", ${ms("expires_at")} AS "expiresAt",
  ${ms("last_activity_at")} AS "lastActivityAt", coalesce(last_ip_address, ip_address) AS "ipAddress",
  ${ms("byo.now()")} AS now`;

const MAY_LAPSE: Statement = {
  name: "preview-may-lapse",
  text: `SELECT ${COLUMNS} FROM byo.sessions WHERE ended_at IS NULL
    AND (created_at <= byo.now() - make_interval(secs => $1::float8)
      OR last_activity_at <= byo.now() - make_interval(secs => $2::float8)) LIMIT $3`,
};
const NEWEST: Statement = {
  name: "preview-newest",
  text: `SELECT ${COLUMNS} FROM byo.sessions WHERE ended_at IS NULL ORDER BY created_at DESC, id DESC LIMIT $1`,
};

export interface PreviewStore {
  /** Living sessions that are older, or were not used for longer, than the shortest of a policy. */
  mayLapse(lifetimeSecs: number, timeoutSecs: number | undefined, limit: number): Promise<LivingRow[]>;
  newest(limit: number): Promise<LivingRow[]>;
}

export function createPreviewStore(db: Queryable): PreviewStore {
  return {
    mayLapse: (lifetimeSecs, timeoutSecs, limit) =>
      db.query<LivingRow>(MAY_LAPSE, [lifetimeSecs, timeoutSecs ?? null, limit]),
    newest: (limit) => db.query<LivingRow>(NEWEST, [limit]),
  };
}
