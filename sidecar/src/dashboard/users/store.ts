import type { Queryable, Statement } from "../../engine/db/database.ts";
import { NOW } from "../../engine/db/time.ts";
import type { Role } from "../contract/roles.ts";

/** A person who uses the dashboard. Times are the database's, in milliseconds since 1970. */
export interface UserRow {
  id: string;
  username: string;
  role: Role;
  passwordHash: string;
  temporaryUntil: number | null;
  secondFactor: Buffer | null;
  pendingSecondFactor: Buffer | null;
  disabledAt: number | null;
  createdAt: number;
  lastLoginAt: number | null;
  /** The database's clock when the row was read. */
  now: number;
}

const ms = (column: string) => `(date_part('epoch', ${column}) * 1000)`;
const COLUMNS = `u.id, u.username, u.role, u.password_hash AS "passwordHash", ${ms("u.temporary_until")} AS "temporaryUntil",
  u.second_factor AS "secondFactor", u.pending_second_factor AS "pendingSecondFactor", ${ms("u.disabled_at")} AS "disabledAt",
  ${ms("u.created_at")} AS "createdAt", ${ms("u.last_login_at")} AS "lastLoginAt", ${ms("byo.now()")} AS now`;

const ALL: Statement = {
  name: "dashboard-users",
  text: `SELECT ${COLUMNS} FROM byo.dashboard_users u ORDER BY lower(u.username)`,
};
const BY_NAME: Statement = {
  name: "dashboard-user-by-name",
  text: `SELECT ${COLUMNS} FROM byo.dashboard_users u WHERE lower(u.username) = lower($1)`,
};
const LOCK_BY_NAME: Statement = {
  name: "dashboard-user-lock",
  text: `SELECT ${COLUMNS} FROM byo.dashboard_users u WHERE lower(u.username) = lower($1) FOR UPDATE`,
};
const ANY: Statement = {
  name: "dashboard-users-any",
  text: "SELECT EXISTS (SELECT FROM byo.dashboard_users) AS any",
};
// The environment makes the first account only; an existing account is never changed.
const INSERT_OWNER: Statement = {
  name: "dashboard-owner-insert",
  text: `INSERT INTO byo.dashboard_users (id, username, role, password_hash, temporary_until)
    SELECT $1, $2, 'SuperAdmin', $3, byo.now() + make_interval(secs => $4::float8)
    WHERE NOT EXISTS (SELECT FROM byo.dashboard_users) ON CONFLICT DO NOTHING RETURNING id`,
};
const INSERT: Statement = {
  name: "dashboard-user-insert",
  text: `INSERT INTO byo.dashboard_users (id, username, role, password_hash, temporary_until)
    VALUES ($1, $2, $3, $4, byo.now() + make_interval(secs => $5::float8))
    ON CONFLICT DO NOTHING RETURNING ${ms("temporary_until")} AS "temporaryUntil"`,
};
// Guarded by the old hash: of two changes at once, one wins.
const SET_PASSWORD: Statement = {
  name: "dashboard-user-set-password",
  text: `UPDATE byo.dashboard_users SET password_hash = $3, temporary_until = NULL
    WHERE id = $1 AND password_hash = $2 AND disabled_at IS NULL
      AND (temporary_until IS NULL OR temporary_until > ${NOW}) RETURNING id`,
};
const SET_TEMPORARY: Statement = {
  name: "dashboard-user-set-temporary",
  text: `UPDATE byo.dashboard_users SET password_hash = $2, temporary_until = byo.now() + make_interval(secs => $3::float8)
    WHERE id = $1 RETURNING ${ms("temporary_until")} AS "temporaryUntil"`,
};
const RESTORE_OWNER: Statement = {
  name: "dashboard-owner-restore",
  text: `UPDATE byo.dashboard_users SET role = 'SuperAdmin', disabled_at = NULL, second_factor = NULL,
    pending_second_factor = NULL WHERE id = $1 RETURNING id`,
};
const CHANGE: Statement = {
  name: "dashboard-user-change",
  text: `UPDATE byo.dashboard_users SET role = $2,
      disabled_at = CASE WHEN $3 THEN coalesce(disabled_at, byo.now()) END
    WHERE id = $1 RETURNING id`,
};
const NOTE_LOGIN: Statement = {
  name: "dashboard-user-note-login",
  text: "UPDATE byo.dashboard_users SET last_login_at = byo.now() WHERE id = $1 RETURNING id",
};
const SET_PENDING: Statement = {
  name: "dashboard-user-set-pending-factor",
  text: `UPDATE byo.dashboard_users SET pending_second_factor = $2 WHERE id = $1 AND second_factor IS NULL RETURNING id`,
};
const ENABLE_FACTOR: Statement = {
  name: "dashboard-user-enable-factor",
  text: `UPDATE byo.dashboard_users
    SET second_factor = pending_second_factor, pending_second_factor = NULL, last_code_step = $3
    WHERE id = $1 AND second_factor IS NULL AND pending_second_factor = $2 RETURNING id`,
};
const RESEAL_FACTOR: Statement = {
  name: "dashboard-user-reseal-factor",
  text: `UPDATE byo.dashboard_users SET second_factor = $3 WHERE id = $1 AND second_factor = $2 RETURNING id`,
};
const REMOVE_FACTOR: Statement = {
  name: "dashboard-user-remove-factor",
  text: `UPDATE byo.dashboard_users SET second_factor = NULL, pending_second_factor = NULL WHERE id = $1 RETURNING id`,
};
// RFC 6238, section 5.2: an accepted code, or one of an earlier step, is not accepted again.
const USE_CODE: Statement = {
  name: "dashboard-user-use-code",
  text: `UPDATE byo.dashboard_users SET last_code_step = $2
    WHERE id = $1 AND (last_code_step IS NULL OR last_code_step < $2) RETURNING id`,
};
// In one order, so that two demotions wait for each other and the second sees what the first left.
const LOCK_SUPER_ADMINS: Statement = {
  name: "dashboard-super-admins-lock",
  text: `SELECT id FROM byo.dashboard_users WHERE role = 'SuperAdmin' AND disabled_at IS NULL ORDER BY id FOR UPDATE`,
};

export interface UserStore {
  all(): Promise<UserRow[]>;
  byName(username: string): Promise<UserRow | undefined>;
  /** Nobody else changes the row until the end of the transaction. */
  lockByName(username: string): Promise<UserRow | undefined>;
  isThereAny(): Promise<boolean>;
  insertOwner(id: string, username: string, passwordHash: string, temporarySecs: number): Promise<boolean>;
  /** Returns when the password expires, in milliseconds; undefined if the name is taken. */
  insert(id: string, username: string, role: Role, hash: string, temporarySecs: number): Promise<number | undefined>;
  /** False if another request changed it meanwhile, or the temporary password has expired. */
  setPassword(id: string, oldHash: string, newHash: string): Promise<boolean>;
  setTemporary(id: string, passwordHash: string, temporarySecs: number): Promise<number | undefined>;
  restoreOwner(id: string): Promise<void>;
  change(id: string, role: Role, isDisabled: boolean): Promise<void>;
  noteLogin(id: string): Promise<void>;
  setPendingFactor(id: string, sealed: Buffer): Promise<boolean>;
  enableFactor(id: string, sealed: Buffer, step: number): Promise<boolean>;
  /** Keeps the second factor, encrypted with another key. */
  resealFactor(id: string, before: Buffer, after: Buffer): Promise<void>;
  removeFactor(id: string): Promise<void>;
  useCode(id: string, step: number): Promise<boolean>;
  /** The ids of those who are not disabled, locked. */
  lockSuperAdmins(): Promise<string[]>;
}

export function createUserStore(db: Queryable): UserStore {
  const changed = async (statement: Statement, ...values: unknown[]) => (await db.query(statement, values)).length > 0;
  const run = async (statement: Statement, ...values: unknown[]) => void (await db.query(statement, values));
  const until = async (statement: Statement, ...values: unknown[]) =>
    (await db.query<{ temporaryUntil: number }>(statement, values))[0]?.temporaryUntil;
  return {
    all: () => db.query<UserRow>(ALL),
    byName: async (username) => (await db.query<UserRow>(BY_NAME, [username]))[0],
    lockByName: async (username) => (await db.query<UserRow>(LOCK_BY_NAME, [username]))[0],
    isThereAny: async () => (await db.query<{ any: boolean }>(ANY))[0]?.any === true,
    insertOwner: (...values) => changed(INSERT_OWNER, ...values),
    insert: (...values) => until(INSERT, ...values),
    setPassword: (...values) => changed(SET_PASSWORD, ...values),
    setTemporary: (...values) => until(SET_TEMPORARY, ...values),
    restoreOwner: (id) => run(RESTORE_OWNER, id),
    change: (...values) => run(CHANGE, ...values),
    noteLogin: (id) => run(NOTE_LOGIN, id),
    setPendingFactor: (...values) => changed(SET_PENDING, ...values),
    enableFactor: (...values) => changed(ENABLE_FACTOR, ...values),
    resealFactor: (...values) => run(RESEAL_FACTOR, ...values),
    removeFactor: (id) => run(REMOVE_FACTOR, id),
    useCode: (...values) => changed(USE_CODE, ...values),
    lockSuperAdmins: async () => (await db.query<{ id: string }>(LOCK_SUPER_ADMINS)).map((row) => row.id),
  };
}
