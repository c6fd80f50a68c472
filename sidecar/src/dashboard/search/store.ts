import type { Queryable, Statement } from "../../engine/db/database.ts";

export interface FoundSession {
  id: string;
  userId: string;
}

export interface SearchStore {
  /** User ids that begin like this, in any case. */
  users(prefix: string, limit: number): Promise<string[]>;
  hasUser(userId: string): Promise<boolean>;
  /** Sessions whose id is in this range. */
  sessions(first: string, last: string, limit: number): Promise<FoundSession[]>;
  hasTag(tag: string): Promise<boolean>;
  /** Keys of devices that sessions are bound to and that begin like this. */
  devices(prefix: string, limit: number): Promise<string[]>;
}

/** Each beginning of a user id stands for this many sessions at most, among which its spellings are looked for. */
const SESSIONS_OF_KEY = 100;
// Must equal the index's expression.
const KEY = `left(lower(user_id), 64) COLLATE "C"`;
const WANTED = `left(lower($1::text), 64) COLLATE "C"`;

// Goes from each user to the next one: a user may have a million sessions.
const USERS: Statement = {
  name: "dashboard-search-users",
  text: `WITH RECURSIVE step AS (
      (SELECT ${KEY} AS key FROM byo.sessions WHERE ${KEY} >= ${WANTED} ORDER BY ${KEY} LIMIT 1)
      UNION ALL
      SELECT following.key FROM step CROSS JOIN LATERAL (
        SELECT ${KEY} AS key FROM byo.sessions WHERE ${KEY} > step.key ORDER BY ${KEY} LIMIT 1) AS following
      WHERE starts_with(step.key, ${WANTED})
    ), keys AS (SELECT key FROM step WHERE starts_with(key, ${WANTED}) LIMIT $2)
    SELECT DISTINCT keys.key, spelled.user_id AS text FROM keys CROSS JOIN LATERAL (
      SELECT user_id FROM byo.sessions WHERE ${KEY} = keys.key LIMIT ${SESSIONS_OF_KEY}) AS spelled
    WHERE starts_with(lower(spelled.user_id), lower($1::text)) ORDER BY keys.key, text LIMIT $2`,
};
const USER: Statement = {
  name: "dashboard-search-user",
  text: "SELECT user_id AS text FROM byo.sessions WHERE user_id = $1 LIMIT 1",
};
const SESSIONS: Statement = {
  name: "dashboard-search-sessions",
  text: `SELECT id, user_id AS "userId" FROM byo.sessions WHERE id BETWEEN $1::uuid AND $2::uuid ORDER BY id LIMIT $3`,
};
// No name, so that it is planned with the tag: for tags in general the planner would rather read all sessions. Each part has
// an index.
const TAG: Statement = {
  name: "",
  text: `SELECT $1::text AS text WHERE
    EXISTS (SELECT FROM byo.sessions WHERE ended_at IS NULL AND tags @> ARRAY[$1::text])
    OR EXISTS (SELECT FROM byo.sessions WHERE ended_at IS NOT NULL AND tags @> ARRAY[$1::text])`,
};
const DEVICE_KEY = `device_thumbprint COLLATE "C"`;
const DEVICES: Statement = {
  name: "dashboard-search-devices",
  text: `WITH RECURSIVE step AS (
      (SELECT ${DEVICE_KEY} AS key FROM byo.sessions WHERE device_thumbprint IS NOT NULL AND ${DEVICE_KEY} >= $1::text COLLATE "C"
        ORDER BY ${DEVICE_KEY} LIMIT 1)
      UNION ALL
      SELECT following.key FROM step CROSS JOIN LATERAL (
        SELECT ${DEVICE_KEY} AS key FROM byo.sessions
        WHERE device_thumbprint IS NOT NULL AND ${DEVICE_KEY} > step.key ORDER BY ${DEVICE_KEY} LIMIT 1) AS following
      WHERE starts_with(step.key, $1::text)
    )
    SELECT key AS text FROM step WHERE starts_with(key, $1::text) LIMIT $2`,
};

export function createSearchStore(db: Queryable): SearchStore {
  const texts = async (statement: Statement, ...values: unknown[]) =>
    (await db.query<{ text: string }>(statement, values)).map(({ text }) => text);
  return {
    users: (prefix, limit) => texts(USERS, prefix, limit),
    hasUser: async (userId) => (await texts(USER, userId)).length > 0,
    sessions: (first, last, limit) => db.query<FoundSession>(SESSIONS, [first, last, limit]),
    hasTag: async (tag) => (await texts(TAG, tag)).length > 0,
    devices: (prefix, limit) => texts(DEVICES, prefix, limit),
  };
}
