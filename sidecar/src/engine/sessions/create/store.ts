import type { JsonValue, SessionDevice } from "@byo-session/core/contract";
import type { Queryable, Statement } from "../../db/database.ts";

const FIELDS = `id uuid, "userId" text, tags text[], metadata text, "lifetimeSecs" float8, "ipAddress" text, "userAgent" text,
  browser text, os text, type text, salt bytea, hash bytea, pair bytea, thumbprint text, "authenticatedAt" float8, room integer`;

// The count is exact, because the transaction took the user's lock before this statement. IS TRUE is for the planner,
// as where a user's sessions are read.
const INSERT: Statement = {
  name: "sessions-insert",
  text: `INSERT INTO byo.sessions (id, user_id, tags, metadata, created_at, expires_at, last_activity_at, ip_address,
           user_agent, last_ip_address, salt, gen, cur_hash, since, client_pair, device_thumbprint, device_browser, device_os,
           device_type)
         SELECT id, "userId", tags, metadata::jsonb, born, born + lifetime, t, "ipAddress", "userAgent", "ipAddress", salt, 1,
           hash, t, pair, thumbprint, browser, os, type
         FROM (SELECT v.*, t, least(t, to_timestamp("authenticatedAt")) AS born, make_interval(secs => "lifetimeSecs") AS lifetime
               FROM json_to_recordset($1::json) AS v (${FIELDS}), (SELECT byo.now() AS t) AS clock) AS login
         WHERE born + lifetime > t AND (room IS NULL OR room > (
           SELECT count(*) FROM byo.sessions AS other
           WHERE other.user_id = login."userId" AND (other.ended_at IS NULL AND other.expires_at > t) IS TRUE))
         RETURNING id, date_part('epoch', expires_at) * 1000 AS "expiresAt"`,
};
const CLAIM_LEGACY: Statement = {
  name: "legacy-claim",
  text: `INSERT INTO byo.legacy_sessions (legacy_id_hash, session_id) VALUES ($1, $2)
         ON CONFLICT (legacy_id_hash) DO NOTHING RETURNING session_id`,
};

const SESSION_OF_LEGACY: Statement = {
  name: "legacy-session",
  text: "SELECT session_id AS id FROM byo.legacy_sessions WHERE legacy_id_hash = $1",
};

export interface NewSession {
  id: string;
  userId: string;
  tags: string[];
  metadata: JsonValue | undefined;
  lifetimeSecs: number;
  ipAddress: string | undefined;
  userAgent: string | undefined;
  /** What the user agent names, for searching. */
  device: SessionDevice;
  salt: Buffer;
  curHash: Buffer;
  clientPair: Buffer | undefined;
  deviceThumbprint: string | undefined;
  /** In Unix seconds; undefined: now. */
  authenticatedAt: number | undefined;
}

/** The statements of a login, on the connection of its transaction. */
export interface LoginStore {
  /**
   * Inserts sessions in one statement and returns the absolute end of each inserted one by its id, in milliseconds.
   * Skips a session whose end has passed, and one whose user already has `room` living sessions.
   */
  insert(sessions: readonly (NewSession & { room?: number })[]): Promise<Map<string, number>>;
  /** False if the old library's session has already become one of ours. */
  claimLegacy(legacyIdHash: Buffer, sessionId: string): Promise<boolean>;
  /** The session that the old one became. */
  sessionOfLegacy(legacyIdHash: Buffer): Promise<string | undefined>;
}

export function createLoginStore(tx: Queryable): LoginStore {
  return {
    async insert(sessions) {
      const rows = await tx.query<{ id: string; expiresAt: number }>(INSERT, [JSON.stringify(sessions.map(toJson))]);
      return new Map(rows.map(({ id, expiresAt }) => [id, expiresAt]));
    },
    claimLegacy: async (legacyIdHash, sessionId) =>
      (await tx.query(CLAIM_LEGACY, [legacyIdHash, sessionId])).length > 0,
    async sessionOfLegacy(legacyIdHash) {
      const [row] = await tx.query<{ id: string }>(SESSION_OF_LEGACY, [legacyIdHash]);
      return row?.id;
    },
  };
}

function toJson({ metadata, device, salt, curHash, clientPair, deviceThumbprint, ...rest }: NewSession): object {
  return {
    ...rest,
    // As text, because a JSON null would become an SQL NULL.
    metadata: metadata === undefined ? null : JSON.stringify(metadata),
    browser: device.browser,
    os: device.os,
    type: device.deviceType,
    salt: byteaOf(salt),
    hash: byteaOf(curHash),
    pair: clientPair && byteaOf(clientPair),
    thumbprint: deviceThumbprint,
  };
}

function byteaOf(bytes: Buffer): string {
  return `\\x${bytes.toString("hex")}`;
}
