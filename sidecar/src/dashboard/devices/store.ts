import type { Queryable, Statement } from "../../engine/db/database.ts";
import { NOW } from "../../engine/db/time.ts";
import { LAPSE } from "../../engine/devices/store.ts";
import { type LivingValues, livingSql } from "../../engine/sessions/living/store.ts";

/** Times are in milliseconds since 1970. */
export interface BoundRow {
  thumbprint: string;
  userAgent: string | null;
  firstSeenAt: number;
  lastSeenAt: number;
  sessions: number;
  active: number;
}

export interface DeviceUserRow extends Omit<BoundRow, "thumbprint"> {
  userId: string;
  isRemembered: boolean;
}

/** One key may have any number of sessions: more than this are not looked at. */
export const MAX_SESSIONS_OF_KEY = 5_000;

const ms = (column: string) => `(date_part('epoch', ${column}) * 1000)`;
const BOUND_FACTS = `(array_agg(user_agent ORDER BY created_at DESC))[1] AS "userAgent", min(created_at) AS first_at,
  max(last_activity_at) AS last_at, count(*)::float8 AS sessions`;
const ofKey = (key: string) =>
  `SELECT * FROM byo.sessions WHERE device_thumbprint COLLATE "C" = ${key} LIMIT ${MAX_SESSIONS_OF_KEY}`;

const BOUND_TO: Statement = {
  name: "dashboard-devices-bound",
  text: `SELECT thumbprint, "userAgent", ${ms("first_at")} AS "firstSeenAt", ${ms("last_at")} AS "lastSeenAt", sessions, active
    FROM (SELECT device_thumbprint AS thumbprint, ${BOUND_FACTS}, count(*) FILTER (WHERE ${livingSql(3)})::float8 AS active
      FROM byo.sessions WHERE user_id = $1 AND device_thumbprint IS NOT NULL GROUP BY device_thumbprint) AS bound
    ORDER BY last_at DESC, thumbprint LIMIT $2`,
};
const OTHER_USERS: Statement = {
  name: "dashboard-devices-other-users",
  text: `SELECT thumbprint, (SELECT count(*) FROM (
        SELECT user_id FROM byo.devices d
        WHERE d.thumbprint = asked.thumbprint AND last_seen_at > ${NOW} - ${LAPSE}
        UNION SELECT user_id FROM (${ofKey("asked.thumbprint")}) AS bound
      ) AS users WHERE user_id <> $1)::float8 AS others
    FROM unnest($2::text[]) AS asked (thumbprint)`,
};
const USERS: Statement = {
  name: "dashboard-device-users",
  text: `WITH remembered AS (
      SELECT user_id, user_agent, first_seen_at, last_seen_at FROM byo.devices
      WHERE thumbprint = $1 AND last_seen_at > ${NOW} - ${LAPSE} ORDER BY last_seen_at DESC LIMIT ${MAX_SESSIONS_OF_KEY}
    ), bound AS (
      SELECT user_id, ${BOUND_FACTS}, count(*) FILTER (WHERE ${livingSql(3)})::float8 AS active
      FROM (${ofKey("$1")}) AS sessions GROUP BY user_id
    )
    SELECT user_id AS "userId", coalesce(bound."userAgent", remembered.user_agent) AS "userAgent",
      ${ms("least(first_seen_at, first_at)")} AS "firstSeenAt", ${ms("greatest(last_seen_at, last_at)")} AS "lastSeenAt",
      first_seen_at IS NOT NULL AS "isRemembered", coalesce(sessions, 0) AS sessions, coalesce(active, 0) AS active
    FROM remembered FULL JOIN bound USING (user_id)
    ORDER BY greatest(last_seen_at, last_at) DESC, user_id LIMIT $2`,
};

/** Which devices a user has used, and who has used a device. */
export interface DeviceUseStore {
  boundTo(userId: string, limit: number, living: LivingValues): Promise<BoundRow[]>;
  /** How many users besides this one have used each device. */
  otherUsers(userId: string, thumbprints: readonly string[]): Promise<Map<string, number>>;
  users(thumbprint: string, limit: number, living: LivingValues): Promise<DeviceUserRow[]>;
}

export function createDeviceUseStore(db: Queryable): DeviceUseStore {
  return {
    boundTo: (userId, limit, living) => db.query<BoundRow>(BOUND_TO, [userId, limit, ...living]),
    async otherUsers(userId, thumbprints) {
      const rows = await db.query<{ thumbprint: string; others: number }>(OTHER_USERS, [userId, thumbprints]);
      return new Map(rows.map(({ thumbprint, others }) => [thumbprint, others]));
    },
    users: (thumbprint, limit, living) => db.query<DeviceUserRow>(USERS, [thumbprint, limit, ...living]),
  };
}
