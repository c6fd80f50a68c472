import type { EndReason, JsonValue } from "@byo-session/core/contract";
import type { Queryable, Statement } from "../db/database.ts";
import { type LivingValues, livingSql } from "./living/store.ts";
import type { SessionRow } from "./session.ts";
import type { ClientPairs } from "./validate/client-pairs.ts";

/**
 * The SQL of sessions. Each change of a chain is one UPDATE whose guards are on the target row itself: PostgreSQL checks
 * those again after waiting for another transaction, but never a guard inside a CTE or a sub-select.
 */

// date_part gives a float8; extract gives a numeric, which costs ten times as much here.
const ms = (column: string) => `(date_part('epoch', ${column}) * 1000)`;

export const COLUMNS = `id, user_id AS "userId", tags, metadata, ${ms("created_at")} AS "createdAt", ${ms("expires_at")} AS "expiresAt",
  ${ms("last_activity_at")} AS "lastActivityAt", ip_address AS "ipAddress", user_agent AS "userAgent",
  last_ip_address AS "lastIpAddress", salt, gen, cur_hash AS "curHash", next_hash AS "nextHash", ${ms("since")} AS since,
  ${ms("prev_until")} AS "prevUntil", rotation_asked AS "rotationAsked", ${ms("pending_since")} AS "pendingSince",
  pending_count AS "pendingCount", confirmed_ip AS "confirmedIp", confirmed_user_agent AS "confirmedUserAgent",
  client_pair AS "clientPair", other_pair AS "otherPair", device_thumbprint AS "deviceThumbprint",
  end_reason AS "endReason", ${ms("replaced_at")} AS "replacedAt", ${ms("byo.now()")} AS now`;

export const READ: Statement = { name: "session-read", text: `SELECT ${COLUMNS} FROM byo.sessions WHERE id = $1` };
const READ_FOR_UPDATE: Statement = {
  name: "session-read-for-update",
  text: `SELECT ${COLUMNS} FROM byo.sessions WHERE id = $1 FOR NO KEY UPDATE`,
};
const START_ROTATION: Statement = {
  name: "session-start-rotation",
  changes: "session",
  text: `UPDATE byo.sessions SET next_hash = $4, pending_since = byo.now(), pending_count = 1
         WHERE id = $1 AND gen = $2 AND cur_hash = $3 AND next_hash IS NULL AND ended_at IS NULL RETURNING id`,
};
const COUNT_PENDING: Statement = {
  name: "session-count-pending",
  changes: "session",
  text: `UPDATE byo.sessions SET pending_count = pending_count + 1
         WHERE id = $1 AND gen = $2 AND next_hash IS NOT NULL AND pending_count = $3 AND ended_at IS NULL RETURNING id`,
};
const CONFIRM: Statement = {
  name: "session-confirm",
  changes: "session",
  text: `UPDATE byo.sessions SET gen = gen + 1, cur_hash = next_hash, next_hash = NULL, since = byo.now(),
           prev_until = byo.now() + make_interval(secs => $4::float8), rotation_asked = false, pending_since = NULL,
           pending_count = 0, confirmed_ip = $5, confirmed_user_agent = $6, client_pair = $7, other_pair = NULL
         WHERE id = $1 AND gen = $2 AND next_hash = $3 AND ended_at IS NULL RETURNING id`,
};
// Never guarded by the generation: a log-out that races a confirmation must not be lost. A pending successor stays: who
// holds it is told why the session ended, not that the token is unknown.
const END: Statement = {
  name: "session-end",
  changes: "session",
  text: `UPDATE byo.sessions SET ended_at = byo.now(), end_reason = $2
         WHERE id = $1 AND ended_at IS NULL RETURNING id`,
};
const NOTE_REPLACED: Statement = {
  name: "session-note-replaced",
  changes: "session",
  text: "UPDATE byo.sessions SET replaced_at = byo.now() WHERE id = $1 RETURNING id",
};
// Activity that another replica has written meanwhile wins over the end.
const END_INACTIVE: Statement = {
  name: "session-end-inactive",
  changes: "session",
  text: `UPDATE byo.sessions SET ended_at = byo.now(), end_reason = 'Inactive'
         WHERE id = $1 AND ended_at IS NULL AND last_activity_at + make_interval(secs => $2::float8) <= byo.now()
         RETURNING id`,
};
const SET_PAIRS: Statement = {
  name: "session-set-pairs",
  changes: "session",
  text: `UPDATE byo.sessions SET client_pair = $3, other_pair = $4
         WHERE id = $1 AND gen = $2 AND client_pair IS NOT DISTINCT FROM $5 AND ended_at IS NULL RETURNING id`,
};
const RAISE_USER_AGENT: Statement = {
  name: "session-raise-user-agent",
  changes: "session",
  text: `UPDATE byo.sessions SET user_agent = $3 WHERE id = $1 AND user_agent = $2 AND ended_at IS NULL RETURNING id`,
};
// Guarded by the generation: whoever read an older one must look again whether his token still counts.
const BIND: Statement = {
  name: "session-bind",
  changes: "session",
  text: `UPDATE byo.sessions SET device_thumbprint = $3
         WHERE id = $1 AND gen = $2 AND device_thumbprint IS NULL AND ended_at IS NULL RETURNING id`,
};
const SAVE_CHANGES: Statement = {
  name: "session-save-changes",
  changes: "session",
  text: `UPDATE byo.sessions SET tags = $2::text[], metadata = $3::jsonb, rotation_asked = rotation_asked OR $4
         WHERE id = $1 AND ended_at IS NULL RETURNING id`,
};
/** The advisory lock under which a user's sessions are counted. Another user may have the same one, which harms nothing. */
export const userLockOf = (userId: string) => `hashtextextended(${userId}, 1)`;

const USER_LOCK: Statement = {
  name: "user-lock",
  text: `SELECT pg_advisory_xact_lock(${userLockOf("$1")})`,
};
// IS TRUE leaves the planner the index of users alone: before the table is analyzed for the first time it takes those of
// living sessions for small, and a prepared statement keeps such a plan.
const ACTIVE_OF_USER: Statement = {
  name: "sessions-active-of-user",
  text: `SELECT ${COLUMNS} FROM byo.sessions
         WHERE user_id = $1 AND (tags @> $2::text[] AND ended_at IS NULL AND expires_at > byo.now()) IS TRUE
         ORDER BY created_at DESC, id DESC`,
};
const MATCHING: Statement = {
  name: "sessions-matching",
  text: `SELECT ${COLUMNS} FROM byo.sessions
         WHERE ($1::text IS NULL OR user_id = $1) AND tags @> $2::text[] AND ${livingSql(4)}
         ORDER BY id LIMIT $3 FOR NO KEY UPDATE`,
};
const PAGE: Statement = {
  name: "sessions-page",
  text: `SELECT ${COLUMNS} FROM byo.sessions
         WHERE ($1::text IS NULL OR user_id = $1) AND tags @> $2::text[] AND ${livingSql(5)}
         ORDER BY created_at DESC, id DESC LIMIT $3 OFFSET $4`,
};
const COUNT: Statement = {
  name: "sessions-count",
  text: `SELECT count(*)::float8 AS count FROM byo.sessions
         WHERE ($1::text IS NULL OR user_id = $1) AND tags @> $2::text[] AND ${livingSql(3)}`,
};
const LAPSE_CANDIDATES: Statement = {
  name: "sessions-lapse-candidates",
  text: `SELECT ${COLUMNS} FROM byo.sessions
         WHERE ended_at IS NULL AND id > $1 AND (expires_at <= byo.now()
           OR created_at <= byo.now() - make_interval(secs => $2::float8)
           OR last_activity_at <= byo.now() - make_interval(secs => $3::float8))
         ORDER BY id LIMIT $4`,
};
const DELETE_ENDED: Statement = {
  name: "sessions-delete-ended",
  text: `DELETE FROM byo.sessions WHERE id IN (
           SELECT id FROM byo.sessions WHERE ended_at < byo.now() - make_interval(secs => $1::float8)
           ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED)
         RETURNING id`,
};
const COLLECTOR_LOCK: Statement = {
  name: "collector-lock",
  text: "SELECT pg_try_advisory_xact_lock(7140235182) AS locked",
};
export interface Confirmation {
  graceSecs: number;
  ipAddress: string | undefined;
  userAgent: string | undefined;
  clientPair: Buffer | undefined;
}

export interface Filter {
  userId: string | undefined;
  tags: readonly string[];
}

/** The statements of sessions on a connection: the pool's, or that of a transaction. */
export interface SessionStore {
  read(id: string): Promise<SessionRow | undefined>;
  readForUpdate(id: string): Promise<SessionRow | undefined>;
  /** Each change says whether it took place: false means that the row is no longer as it was read. */
  startRotation(row: SessionRow, nextHash: Buffer): Promise<boolean>;
  countPending(row: SessionRow): Promise<boolean>;
  confirm(row: SessionRow, confirmation: Confirmation): Promise<boolean>;
  end(id: string, reason: EndReason): Promise<boolean>;
  /** Of a session that has ended too. */
  noteReplaced(id: string): Promise<boolean>;
  endInactive(id: string, timeoutSecs: number): Promise<boolean>;
  setPairs(row: SessionRow, pairs: ClientPairs): Promise<boolean>;
  raiseUserAgent(row: SessionRow, userAgent: string): Promise<boolean>;
  bind(row: SessionRow, thumbprint: string): Promise<boolean>;
  saveChanges(
    id: string,
    changes: { tags: string[]; metadata: JsonValue | null; asksRotation: boolean },
  ): Promise<boolean>;
  /** Holds all that counts or ends a user's sessions apart, until the end of the transaction. */
  lockUser(userId: string): Promise<void>;
  /** Those that are not marked as ended: `livingOf` takes out who has come to an end by time. */
  activeOfUser(userId: string, tags: readonly string[]): Promise<SessionRow[]>;
  /** Living sessions, by the policies in `living`. */
  matching(filter: Filter, living: LivingValues, limit: number): Promise<SessionRow[]>;
  page(filter: Filter, living: LivingValues, limit: number, offset: number): Promise<SessionRow[]>;
  count(filter: Filter, living: LivingValues): Promise<number>;
  /** Living sessions past a time at which some policy may have ended them, in the order of their ids. */
  lapseCandidates(
    afterId: string,
    lifetimeSecs: number,
    timeoutSecs: number | undefined,
    limit: number,
  ): Promise<SessionRow[]>;
  /** Gives how many it deleted. */
  deleteEnded(retentionSecs: number, limit: number): Promise<number>;
  /** Until the end of the transaction only one replica collects. */
  tryLockCollector(): Promise<boolean>;
}

export function createSessionStore(db: Queryable): SessionStore {
  const rows = (statement: Statement, ...values: unknown[]) => db.query<SessionRow>(statement, values);
  const changed = async (statement: Statement, ...values: unknown[]) => (await db.query(statement, values)).length > 0;
  return {
    read: async (id) => (await rows(READ, id))[0],
    readForUpdate: async (id) => (await rows(READ_FOR_UPDATE, id))[0],
    startRotation: (row, nextHash) => changed(START_ROTATION, row.id, row.gen, row.curHash, nextHash),
    countPending: (row) => changed(COUNT_PENDING, row.id, row.gen, row.pendingCount),
    confirm: (row, { graceSecs, ipAddress, userAgent, clientPair }) =>
      changed(
        CONFIRM,
        row.id,
        row.gen,
        row.nextHash,
        graceSecs,
        ipAddress ?? null,
        userAgent ?? null,
        clientPair ?? null,
      ),
    end: (id, reason) => changed(END, id, reason),
    noteReplaced: (id) => changed(NOTE_REPLACED, id),
    endInactive: (id, timeoutSecs) => changed(END_INACTIVE, id, timeoutSecs),
    setPairs: (row, pairs) => changed(SET_PAIRS, row.id, row.gen, pairs.clientPair, pairs.otherPair, row.clientPair),
    raiseUserAgent: (row, userAgent) => changed(RAISE_USER_AGENT, row.id, row.userAgent, userAgent),
    bind: (row, thumbprint) => changed(BIND, row.id, row.gen, thumbprint),
    saveChanges: (id, { tags, metadata, asksRotation }) =>
      changed(SAVE_CHANGES, id, tags, metadata === null ? null : JSON.stringify(metadata), asksRotation),
    async lockUser(userId) {
      await db.query(USER_LOCK, [userId]);
    },
    activeOfUser: (userId, tags) => rows(ACTIVE_OF_USER, userId, tags),
    matching: ({ userId, tags }, living, limit) => rows(MATCHING, userId ?? null, tags, limit, ...living),
    page: ({ userId, tags }, living, limit, offset) => rows(PAGE, userId ?? null, tags, limit, offset, ...living),
    async count({ userId, tags }, living) {
      return (await db.query<{ count: number }>(COUNT, [userId ?? null, tags, ...living]))[0]?.count ?? 0;
    },
    lapseCandidates: (afterId, lifetimeSecs, timeoutSecs, limit) =>
      rows(LAPSE_CANDIDATES, afterId, lifetimeSecs, timeoutSecs ?? null, limit),
    deleteEnded: async (retentionSecs, limit) => (await db.query(DELETE_ENDED, [retentionSecs, limit])).length,
    tryLockCollector: async () => (await db.query<{ locked: boolean }>(COLLECTOR_LOCK))[0]?.locked === true,
  };
}
