import type { JsonValue } from "@byo-session/core/contract";
import type { Queryable, Statement } from "../db/database.ts";
import { type Deleted, deleteSome, deletionOf } from "../db/delete-some.ts";
import { ago, NOW } from "../db/time.ts";
import type { ImpersonationEndReason } from "./end-reasons.ts";

/** An impersonation as it was read. Times are the database's, in milliseconds since 1970. */
export interface ImpersonationRow {
  readonly id: string;
  readonly tokenHash: Buffer;
  readonly employeeEmail: string;
  readonly targetUserId: string;
  readonly employeeSessionId: string | null;
  readonly metadata: JsonValue | null;
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
  readonly createdAt: number;
  /** As set at its creation, or earlier if the configured duration is shorter now. */
  readonly expiresAt: number;
  readonly isLiving: boolean;
  /** When it ended, also if it is not marked as ended yet; null while it lives. */
  readonly endedAt: number | null;
  readonly endReason: ImpersonationEndReason | null;
}

export interface NewImpersonation {
  id: string;
  tokenHash: Buffer;
  employeeEmail: string;
  targetUserId: string;
  employeeSessionId: string | undefined;
  metadata: JsonValue | undefined;
  ipAddress: string;
  userAgent: string;
}

/** Undefined members do not narrow. */
export interface ImpersonationFilter {
  employeeEmail?: string | undefined;
  targetUserId?: string | undefined;
  employeeSessionId?: string | undefined;
}

// The first value of every statement is the configured duration in seconds.
const EXPIRES = "least(expires_at, created_at + make_interval(secs => $1::float8))";
const OWN_SESSION_ENDED = `(employee_session_id IS NOT NULL AND NOT EXISTS (SELECT FROM byo.sessions AS own
  WHERE own.id = employee_session_id AND own.ended_at IS NULL AND own.expires_at > ${NOW}))`;
const LIVING = `(ended_at IS NULL AND ${EXPIRES} > ${NOW} AND NOT ${OWN_SESSION_ENDED})`;
const ENDED = `CASE WHEN NOT ${LIVING} THEN coalesce(ended_at, least(${EXPIRES}, byo.now())) END`;
const REASON = `CASE WHEN NOT ${LIVING} THEN
  coalesce(end_reason, CASE WHEN ${EXPIRES} <= byo.now() THEN 'Expired' ELSE 'EmployeeSessionEnded' END) END`;

const ms = (time: string) => `(date_part('epoch', ${time}) * 1000)`;
const COLUMNS = `id, token_hash AS "tokenHash", employee_email AS "employeeEmail", target_user_id AS "targetUserId",
  employee_session_id AS "employeeSessionId", metadata, ip_address AS "ipAddress", user_agent AS "userAgent",
  ${ms("created_at")} AS "createdAt", ${ms(EXPIRES)} AS "expiresAt", ${LIVING} AS "isLiving",
  ${ms(ENDED)} AS "endedAt", ${REASON} AS "endReason"`;

const MATCHING = `($2::text IS NULL OR employee_email = $2) AND ($3::text IS NULL OR target_user_id = $3)
  AND ($4::uuid IS NULL OR employee_session_id = $4)`;
const valuesOf = ({ employeeEmail, targetUserId, employeeSessionId }: ImpersonationFilter) => [
  employeeEmail ?? null,
  targetUserId ?? null,
  employeeSessionId ?? null,
];

const ADD: Statement = {
  name: "impersonation-add",
  text: `INSERT INTO byo.impersonation_sessions (id, token_hash, employee_email, target_user_id, employee_session_id,
           metadata, ip_address, user_agent, created_at, expires_at)
         SELECT $2, $3, $4, $5, $6, $7::jsonb, $8, $9, clock.now, clock.now + make_interval(secs => $1::float8)
         FROM (SELECT byo.now() AS now) AS clock
         RETURNING ${ms("expires_at")} AS "expiresAt"`,
};
const READ: Statement = {
  name: "impersonation-read",
  text: `SELECT ${COLUMNS} FROM byo.impersonation_sessions WHERE id = $2`,
};
const page = (
  condition: string,
) => `SELECT ${COLUMNS} FROM byo.impersonation_sessions WHERE ${MATCHING} AND ${condition}
    AND ($5::uuid IS NULL OR (created_at, id) < (SELECT created_at, id FROM byo.impersonation_sessions WHERE id = $5))
  ORDER BY created_at DESC, id DESC LIMIT $6`;
const LIVING_PAGE: Statement = { name: "impersonations-living", text: page(LIVING) };
const PAGE: Statement = { name: "impersonations", text: page("true") };
// The rows are locked in one order, so that two of these statements cannot wait for each other.
const END: Statement = {
  name: "impersonations-end",
  text: `UPDATE byo.impersonation_sessions SET ended_at = byo.now(), end_reason = $6
         WHERE ended_at IS NULL AND id IN (
           SELECT id FROM byo.impersonation_sessions
           WHERE ${MATCHING} AND ($5::uuid IS NULL OR id = $5) AND ${LIVING} ORDER BY id FOR UPDATE)
         RETURNING ${COLUMNS}`,
};
const MARK_LAPSED: Statement = {
  name: "impersonations-mark-lapsed",
  text: `UPDATE byo.impersonation_sessions SET ended_at = ${ENDED}, end_reason = ${REASON}
         WHERE ended_at IS NULL AND id IN (
           SELECT id FROM byo.impersonation_sessions
           WHERE ended_at IS NULL AND NOT ${LIVING} ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)
         RETURNING ${COLUMNS}`,
};
const DELETE_ENDED = deletionOf("impersonations-delete-ended", {
  table: "byo.impersonation_sessions",
  column: "ended_at",
  upTo: ago("$3"),
});

interface Page {
  after?: string | undefined;
  limit?: number;
}

export interface ImpersonationStore {
  /** Returns when it expires, in milliseconds. */
  add(impersonation: NewImpersonation): Promise<number>;
  /** Also one that has ended. */
  read(id: string): Promise<ImpersonationRow | undefined>;
  /** Living ones, the newest first; those after the one with the id `after`, if given. */
  living(filter: ImpersonationFilter, page?: Page): Promise<ImpersonationRow[]>;
  /** The same, with ended ones. */
  all(filter: ImpersonationFilter, page: Page): Promise<ImpersonationRow[]>;
  /** Ends a living one; undefined if no living one has this id. */
  endOne(id: string, reason: ImpersonationEndReason): Promise<ImpersonationRow | undefined>;
  /** Ends all living ones that match, and returns them. */
  endMany(filter: ImpersonationFilter, reason: ImpersonationEndReason): Promise<ImpersonationRow[]>;
  /** Marks up to `limit` that have ended by time or with the employee's session, and returns them. */
  markLapsed(limit: number): Promise<ImpersonationRow[]>;
  /** Deletes those that ended longer ago than the retention, from that time on. */
  deleteEnded(retentionSecs: number, from: string | null, limit: number): Promise<Deleted>;
}

/** `durationSecs`: how long an impersonation lasts now, also an existing one. */
export function createImpersonationStore(db: Queryable, durationSecs: number): ImpersonationStore {
  const read = (statement: Statement, ...values: unknown[]) =>
    db.query<ImpersonationRow>(statement, [durationSecs, ...values]);
  const end = (filter: ImpersonationFilter, id: string | null, reason: ImpersonationEndReason) =>
    read(END, ...valuesOf(filter), id, reason);

  return {
    async add({ id, tokenHash, employeeEmail, targetUserId, employeeSessionId, metadata, ipAddress, userAgent }) {
      const [added] = await db.query<{ expiresAt: number }>(ADD, [
        ...[durationSecs, id, tokenHash, employeeEmail, targetUserId, employeeSessionId ?? null],
        ...[metadata === undefined ? null : JSON.stringify(metadata), ipAddress, userAgent],
      ]);
      if (!added) throw new Error("expected the new impersonation's row");
      return added.expiresAt;
    },
    read: async (id) => (await read(READ, id))[0],
    living: (filter, { after, limit } = {}) => read(LIVING_PAGE, ...valuesOf(filter), after ?? null, limit ?? null),
    all: (filter, { after, limit }) => read(PAGE, ...valuesOf(filter), after ?? null, limit ?? null),
    endOne: async (id, reason) => (await end({}, id, reason))[0],
    endMany: (filter, reason) => end(filter, null, reason),
    markLapsed: (limit) => read(MARK_LAPSED, limit),
    deleteEnded: (retentionSecs, from, limit) => deleteSome(db, DELETE_ENDED, from, limit, retentionSecs),
  };
}
