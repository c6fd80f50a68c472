import type { Queryable, Statement } from "../../engine/db/database.ts";
import { NOW } from "../../engine/db/time.ts";
import { EVENT_COLUMNS, type EventRow } from "../events/store.ts";

/** What the open pages of this replica want to know, all of them together. */
export interface LiveQuestion {
  sessionIds: readonly string[];
  userIds: readonly string[];
  loginIds: readonly string[];
  lifetimeSecs: number;
  idleTimeoutSecs: number;
}

export interface LiveAnswer {
  /** The id of the newest event of all. */
  latestId: string;
  /** Those of the logins that are valid. */
  loginIds: string[];
  /** The latest events of these sessions and users, the newest first. */
  events: EventRow[];
}

type LiveRow = Pick<LiveAnswer, "latestId" | "loginIds"> & { [K in keyof EventRow]: EventRow[K] | null };

/**
 * A repeated event keeps its row for a minute and counts up; and a row is seen only once its transaction has ended. So each
 * question covers more than a minute, and who asks leaves out what it knows.
 */
const WINDOW = "interval '75 seconds'";
export const MAX_LIVE_EVENTS = 1_000;

const QUESTION: Statement = {
  name: "dashboard-live",
  text: `SELECT known.*, events.* FROM (
      SELECT (SELECT coalesce(max(id), 0)::text FROM byo.audit_events) AS "latestId",
        ARRAY(SELECT s.id::text FROM byo.dashboard_sessions s JOIN byo.dashboard_users u ON u.id = s.user_id
          WHERE s.id = ANY($3::uuid[]) AND s.ended_at IS NULL AND u.disabled_at IS NULL AND u.temporary_until IS NULL
            AND ${NOW} < s.created_at + make_interval(secs => $4::float8)
            AND ${NOW} < s.last_used_at + make_interval(secs => $5::float8)) AS "loginIds"
    ) AS known
    LEFT JOIN LATERAL (
      SELECT ${EVENT_COLUMNS} FROM (
        SELECT * FROM byo.audit_events
        WHERE session_id = ANY($1::uuid[]) AND audit_events.time > ${NOW} - ${WINDOW}
        UNION
        SELECT * FROM byo.audit_events
        WHERE hashtextextended(user_id, 0) = ANY(ARRAY(SELECT hashtextextended(asked, 0) FROM unnest($2::text[]) AS asked))
          AND user_id = ANY($2::text[]) AND audit_events.time > ${NOW} - ${WINDOW}
      ) AS audit_events ORDER BY audit_events.time DESC, audit_events.id DESC LIMIT ${MAX_LIVE_EVENTS}
    ) AS events ON true`,
};

export async function askLive(db: Queryable, question: LiveQuestion): Promise<LiveAnswer> {
  const { sessionIds, userIds, loginIds, lifetimeSecs, idleTimeoutSecs } = question;
  const rows = await db.query<LiveRow>(QUESTION, [sessionIds, userIds, loginIds, lifetimeSecs, idleTimeoutSecs]);
  const [first] = rows;
  return { latestId: first?.latestId ?? "0", loginIds: first?.loginIds ?? [], events: rows.filter(isEvent) };
}

function isEvent(row: LiveRow): row is LiveRow & EventRow {
  return row.id !== null;
}
