import type { Queryable, Statement } from "../../engine/db/database.ts";
import { NOW } from "../../engine/db/time.ts";
import type { SessionFlag } from "../contract/sessions.ts";
import { FLAG_OF, SUSPICIOUS } from "../flags/store.ts";

export interface HourRow {
  name: string;
  count: number;
  before: number;
}

export interface AttentionStore {
  /** What was counted from this time on, in Unix seconds, and in the hour before it. */
  hours(from: number): Promise<HourRow[]>;
  /** Active sessions that got a flag within a day. */
  flagged(): Promise<{ flag: SessionFlag; sessions: number }[]>;
  reused(): Promise<number>;
  /** Addresses from which at least so many users were refused within a day. */
  refusedFrom(minUsers: number): Promise<{ ipAddress: string; users: number; refusals: number }[]>;
  /** Users with at least so many new devices within a day. */
  newDevices(minDevices: number): Promise<{ userId: string; devices: number }[]>;
  /** The database's time, in Unix seconds. */
  now(): Promise<number>;
}

/** An attack can leave millions of events in a day. The latest ones are enough to notice it. */
const LATEST = 10_000;
const MOST = 5;
const DAY = `time >= ${NOW} - interval '1 day'`;
const LATEST_FIRST = `ORDER BY time DESC LIMIT ${LATEST}`;
const FROM = "to_timestamp($1::float8)";
const HOUR_BEFORE = `${FROM} - interval '1 hour'`;

const HOURS: Statement = {
  name: "attention-hours",
  text: `SELECT name, coalesce(sum(count) FILTER (WHERE is_last), 0)::float8 AS count,
      coalesce(sum(count) FILTER (WHERE NOT is_last), 0)::float8 AS before
    FROM (SELECT name, count, bucket >= ${FROM} AS is_last FROM byo.counters WHERE bucket >= ${HOUR_BEFORE}
      UNION ALL SELECT 'newDevice', 1, time >= ${FROM} FROM byo.audit_events
        WHERE details @> '{"newDeviceDetected": true}' AND time >= ${HOUR_BEFORE}) AS counted
    GROUP BY name`,
};
const FLAGGED: Statement = {
  name: "attention-flagged",
  text: `SELECT flag, count(DISTINCT session_id)::float8 AS sessions FROM (
      SELECT session_id, ${FLAG_OF} AS flag FROM byo.audit_events
      WHERE ${SUSPICIOUS} AND ${DAY} LIMIT ${LATEST}
    ) AS flagged JOIN byo.sessions ON id = session_id AND ended_at IS NULL
    GROUP BY flag ORDER BY sessions DESC`,
};
const REUSED: Statement = {
  name: "attention-reused",
  text: `SELECT count(*)::float8 AS count FROM (SELECT FROM byo.audit_events
    WHERE event = 'SessionEnded' AND reason = 'TokenReused' AND ${DAY} LIMIT ${LATEST}) AS reused`,
};
const REFUSED_FROM: Statement = {
  name: "attention-refused-from",
  text: `SELECT ip_address AS "ipAddress", count(DISTINCT user_id)::float8 AS users, sum(count)::float8 AS refusals FROM (
      (SELECT ip_address, user_id, count FROM byo.audit_events
        WHERE session_id IS NOT NULL AND event IN ('SessionRefused', 'DeviceProofMissing') AND ${DAY} ${LATEST_FIRST})
      UNION ALL (SELECT ip_address, user_id, count FROM byo.audit_events
        WHERE event = 'SessionCreateRefused' AND ${DAY} ${LATEST_FIRST})
    ) AS refused
    WHERE ip_address IS NOT NULL GROUP BY ip_address HAVING count(DISTINCT user_id) >= $1
    ORDER BY users DESC, refusals DESC LIMIT ${MOST}`,
};
const NEW_DEVICES: Statement = {
  name: "attention-new-devices",
  text: `SELECT user_id AS "userId", count(*)::float8 AS devices FROM (SELECT user_id FROM byo.audit_events
      WHERE details @> '{"newDeviceDetected": true}' AND ${DAY} ${LATEST_FIRST}) AS latest
    WHERE user_id IS NOT NULL GROUP BY user_id HAVING count(*) >= $1 ORDER BY devices DESC LIMIT ${MOST}`,
};
const TIME: Statement = { name: "attention-time", text: "SELECT date_part('epoch', byo.now()) AS count" };

export function createAttentionStore(db: Queryable): AttentionStore {
  const count = async (statement: Statement) => (await db.query<{ count: number }>(statement, []))[0]?.count ?? 0;
  return {
    hours: (from) => db.query<HourRow>(HOURS, [from]),
    flagged: () => db.query(FLAGGED, []),
    reused: () => count(REUSED),
    refusedFrom: (minUsers) => db.query(REFUSED_FROM, [minUsers]),
    newDevices: (minDevices) => db.query(NEW_DEVICES, [minDevices]),
    now: () => count(TIME),
  };
}
