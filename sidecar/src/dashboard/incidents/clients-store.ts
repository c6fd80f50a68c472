import type { Queryable, Statement } from "../../engine/db/database.ts";

/** The same event of one session from one client, over all times. */
export interface ClientEventRow {
  sessionId: string;
  ipAddress: string | null;
  userAgent: string | null;
  event: string;
  reason: string | null;
  firstSeenAt: number;
  lastSeenAt: number;
  count: number;
}

/** A login of a user. */
export interface LoginRow {
  userId: string;
  sessionId: string;
  ipAddress: string | null;
  browser: string | null;
  os: string | null;
}

export interface ClientsStore {
  /** Who did something in these sessions. */
  events(sessionIds: readonly string[]): Promise<ClientEventRow[]>;
  /** Some logins of these users. */
  logins(userIds: readonly string[]): Promise<LoginRow[]>;
  /** How many users' sessions these addresses touched, up to a limit. */
  usersAt(ipAddresses: readonly string[]): Promise<{ ipAddress: string; users: number }[]>;
}

/** Enough to see who is who; a session that is attacked for weeks has a hundred thousand. */
const EVENTS_OF_SESSION = 300;
const LOGINS_OF_USER = 50;
const SESSIONS_OF_ADDRESS = 100;

const EVENTS: Statement = {
  name: "incident-events",
  text: `SELECT wanted.id AS "sessionId", ip_address AS "ipAddress", user_agent AS "userAgent", event, reason,
      floor(date_part('epoch', min(time))) AS "firstSeenAt", floor(date_part('epoch', max(time))) AS "lastSeenAt",
      sum(count)::float8 AS count
    FROM unnest($1::uuid[]) AS wanted (id) CROSS JOIN LATERAL (
      SELECT ip_address, user_agent, event, reason, time, count FROM byo.audit_events
      WHERE session_id = wanted.id ORDER BY time DESC LIMIT ${EVENTS_OF_SESSION}) AS latest
    WHERE ip_address IS NOT NULL OR user_agent IS NOT NULL
    GROUP BY wanted.id, ip_address, user_agent, event, reason`,
};
const LOGINS: Statement = {
  name: "incident-logins",
  text: `SELECT wanted.user_id AS "userId", login.* FROM unnest($1::text[]) AS wanted (user_id) CROSS JOIN LATERAL (
      SELECT id AS "sessionId", ip_address AS "ipAddress", device_browser AS browser, device_os AS os FROM byo.sessions
      WHERE user_id = wanted.user_id LIMIT ${LOGINS_OF_USER}) AS login`,
};
const AT = "session_id IS NOT NULL AND ip_address IS NOT NULL AND ip_address::inet = wanted.ip::inet";
// Goes from each session to the next one: an address can have a million events of one session.
const USERS_AT: Statement = {
  name: "incident-users-at",
  text: `SELECT wanted.ip AS "ipAddress", count(DISTINCT sessions.user_id)::float8 AS users
    FROM unnest($1::text[]) AS wanted (ip) CROSS JOIN LATERAL (
      WITH RECURSIVE step AS (
        (SELECT session_id FROM byo.audit_events WHERE ${AT} ORDER BY session_id LIMIT 1)
        UNION ALL
        SELECT following.* FROM step CROSS JOIN LATERAL (
          SELECT session_id FROM byo.audit_events WHERE ${AT} AND session_id > step.session_id
          ORDER BY session_id LIMIT 1) AS following
      ) SELECT session_id FROM step LIMIT ${SESSIONS_OF_ADDRESS}) AS touched
    JOIN byo.sessions ON sessions.id = touched.session_id
    GROUP BY wanted.ip`,
};

export function createClientsStore(db: Queryable): ClientsStore {
  return {
    events: (sessionIds) => db.query(EVENTS, [sessionIds]),
    logins: (userIds) => db.query(LOGINS, [userIds]),
    usersAt: (ipAddresses) => db.query(USERS_AT, [ipAddresses]),
  };
}
