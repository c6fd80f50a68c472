import type { Queryable, Statement } from "../../engine/db/database.ts";
import { type Deleted, deleteSome, deletionOf } from "../../engine/db/delete-some.ts";
import { ago, NOW } from "../../engine/db/time.ts";
import type { Role } from "../contract/roles.ts";

/** A login and its person, read together for each request. Times are in milliseconds by the database's clock. */
export interface LoginRow {
  id: string;
  tokenHash: Buffer;
  previousHash: Buffer | null;
  previousUntil: number | null;
  rotatedAt: number;
  createdAt: number;
  lastUsedAt: number;
  passwordConfirmedUntil: number | null;
  userId: string;
  username: string;
  role: Role;
  hasSecondFactor: boolean;
  temporaryUntil: number | null;
  now: number;
}

/** A login that may have ended. */
export interface AnyLoginRow extends Pick<LoginRow, "tokenHash" | "previousHash" | "createdAt" | "lastUsedAt" | "now"> {
  isEnded: boolean;
}

const ms = (column: string) => `(date_part('epoch', ${column}) * 1000)`;

// A disabled person, or one whose temporary password has expired, has no login.
const READ: Statement = {
  name: "dashboard-login-read",
  text: `SELECT s.id, s.token_hash AS "tokenHash", s.previous_hash AS "previousHash", ${ms("s.previous_until")} AS "previousUntil",
      ${ms("s.rotated_at")} AS "rotatedAt", ${ms("s.created_at")} AS "createdAt", ${ms("s.last_used_at")} AS "lastUsedAt",
      ${ms("s.password_confirmed_until")} AS "passwordConfirmedUntil", u.id AS "userId", u.username, u.role,
      u.second_factor IS NOT NULL AS "hasSecondFactor", ${ms("u.temporary_until")} AS "temporaryUntil", ${ms("byo.now()")} AS now
    FROM byo.dashboard_sessions s JOIN byo.dashboard_users u ON u.id = s.user_id
    WHERE s.id = $1 AND s.ended_at IS NULL AND u.disabled_at IS NULL
      AND (u.temporary_until IS NULL OR u.temporary_until > ${NOW})`,
};
const READ_ANY: Statement = {
  name: "dashboard-login-read-any",
  text: `SELECT s.token_hash AS "tokenHash", s.previous_hash AS "previousHash", ${ms("s.created_at")} AS "createdAt",
      ${ms("s.last_used_at")} AS "lastUsedAt", ${ms("byo.now()")} AS now,
      (s.ended_at IS NOT NULL OR u.disabled_at IS NOT NULL OR coalesce(u.temporary_until <= byo.now(), false)) AS "isEnded"
    FROM byo.dashboard_sessions s JOIN byo.dashboard_users u ON u.id = s.user_id WHERE s.id = $1`,
};
const INSERT: Statement = {
  name: "dashboard-login-insert",
  text: `INSERT INTO byo.dashboard_sessions (id, user_id, token_hash, rotated_at, created_at, last_used_at,
      password_confirmed_until, ip_address, user_agent)
    SELECT $1, $2, $3, t, t, t, t + make_interval(secs => $4::float8), $5, $6 FROM (SELECT byo.now() AS t) AS clock`,
};
// A lost answer logs nobody out: the previous token stays valid until this one is used.
const ROTATE: Statement = {
  name: "dashboard-login-rotate",
  text: `UPDATE byo.dashboard_sessions
    SET previous_hash = $3, previous_until = NULL, token_hash = $4, rotated_at = byo.now()
    WHERE id = $1 AND token_hash = $2 AND ended_at IS NULL RETURNING id`,
};
const CONFIRM: Statement = {
  name: "dashboard-login-confirm",
  text: `UPDATE byo.dashboard_sessions SET previous_until = byo.now() + make_interval(secs => $3::float8)
    WHERE id = $1 AND token_hash = $2 AND previous_hash IS NOT NULL AND previous_until IS NULL RETURNING id`,
};
const TOUCH: Statement = {
  name: "dashboard-login-touch",
  text: "UPDATE byo.dashboard_sessions SET last_used_at = byo.now() WHERE id = $1 RETURNING id",
};
const CONFIRM_PASSWORD: Statement = {
  name: "dashboard-login-confirm-password",
  text: `UPDATE byo.dashboard_sessions SET password_confirmed_until = byo.now() + make_interval(secs => $2::float8)
    WHERE id = $1 AND ended_at IS NULL RETURNING id`,
};
const END: Statement = {
  name: "dashboard-login-end",
  text: "UPDATE byo.dashboard_sessions SET ended_at = byo.now() WHERE id = $1 AND ended_at IS NULL RETURNING id",
};
const END_ALL: Statement = {
  name: "dashboard-logins-end",
  text: "UPDATE byo.dashboard_sessions SET ended_at = byo.now() WHERE user_id = $1 AND ended_at IS NULL RETURNING id",
};
const END_OTHERS: Statement = {
  name: "dashboard-logins-end-others",
  text: `UPDATE byo.dashboard_sessions SET ended_at = byo.now()
    WHERE user_id = $1 AND id <> $2 AND ended_at IS NULL RETURNING id`,
};
const CAME_FROM: Statement = {
  name: "dashboard-login-came-from",
  text: "SELECT EXISTS (SELECT FROM byo.dashboard_sessions WHERE user_id = $1 AND ip_address = $2) AS known",
};
const DELETE_OLD = deletionOf("dashboard-logins-delete-old", {
  table: "byo.dashboard_sessions",
  column: "created_at",
  upTo: ago("$3"),
});

export interface NewLogin {
  id: string;
  userId: string;
  tokenHash: Buffer;
  /** The password was just entered: it counts as confirmed for this long. */
  confirmedSecs: number;
  ipAddress: string;
  userAgent: string | undefined;
}

export interface LoginStore {
  read(id: string): Promise<LoginRow | undefined>;
  /** Also one that has ended. */
  readAny(id: string): Promise<AnyLoginRow | undefined>;
  insert(login: NewLogin): Promise<void>;
  /** Keeps `presentedHash` as the previous token. False if another request was faster. */
  rotate(row: LoginRow, presentedHash: Buffer, newHash: Buffer): Promise<boolean>;
  confirm(row: LoginRow, graceSecs: number): Promise<void>;
  touch(id: string): Promise<void>;
  confirmPassword(id: string, confirmedSecs: number): Promise<boolean>;
  end(id: string): Promise<boolean>;
  /** Returns how many it ended. */
  endAll(userId: string): Promise<number>;
  endOthers(userId: string, keptId: string): Promise<number>;
  cameFrom(userId: string, ipAddress: string): Promise<boolean>;
  deleteOlderThan(secs: number, from: string | null, limit: number): Promise<Deleted>;
}

export function createLoginStore(db: Queryable): LoginStore {
  const changed = async (statement: Statement, ...values: unknown[]) => (await db.query(statement, values)).length;
  return {
    read: async (id) => (await db.query<LoginRow>(READ, [id]))[0],
    readAny: async (id) => (await db.query<AnyLoginRow>(READ_ANY, [id]))[0],
    async insert({ id, userId, tokenHash, confirmedSecs, ipAddress, userAgent }) {
      await db.query(INSERT, [id, userId, tokenHash, confirmedSecs, ipAddress, userAgent ?? null]);
    },
    rotate: async (row, presentedHash, newHash) =>
      (await changed(ROTATE, row.id, row.tokenHash, presentedHash, newHash)) > 0,
    confirm: async (row, graceSecs) => void (await changed(CONFIRM, row.id, row.tokenHash, graceSecs)),
    touch: async (id) => void (await changed(TOUCH, id)),
    confirmPassword: async (id, secs) => (await changed(CONFIRM_PASSWORD, id, secs)) > 0,
    end: async (id) => (await changed(END, id)) > 0,
    endAll: (userId) => changed(END_ALL, userId),
    endOthers: (userId, keptId) => changed(END_OTHERS, userId, keptId),
    cameFrom: async (userId, ip) => (await db.query<{ known: boolean }>(CAME_FROM, [userId, ip]))[0]?.known === true,
    deleteOlderThan: (secs, from, limit) => deleteSome(db, DELETE_OLD, from, limit, secs),
  };
}
