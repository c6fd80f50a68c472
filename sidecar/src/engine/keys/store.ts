import type { Queryable, Statement } from "../db/database.ts";
import { NOW } from "../db/time.ts";
import type { KeyCapability } from "./capabilities.ts";

/** A key that may be used now. */
export interface LiveKey {
  id: string;
  key_hash: Buffer;
  /** Null: every command. */
  allowed_commands: string[] | null;
  capabilities: string[];
}

/** A key as people see it. Times are Unix seconds. */
export interface KeyRow {
  id: string;
  name: string;
  allowed_commands: string[] | null;
  capabilities: string[];
  created_at: number;
  expires_at: number | null;
  revoked_at: number | null;
  last_used_at: number | null;
  /** When `device:ignore` was last used. */
  devices_ignored_at: number | null;
  initial: boolean;
  state: "active" | "expired" | "revoked";
}

export interface NewKey {
  id: string;
  name: string;
  keyHash: Buffer;
  allowedCommands?: readonly string[];
  capabilities?: readonly KeyCapability[];
  /** From now, by the database's clock. */
  expiresInSecs?: number;
  initial: boolean;
}

export function selectLiveKeys(db: Queryable): Promise<LiveKey[]> {
  return db.query<LiveKey>(SELECT_LIVE);
}

/** False if the hash, or an active key of that name, exists; then nothing changes. */
export async function insertKey(db: Queryable, key: NewKey): Promise<boolean> {
  const { id, name, keyHash, allowedCommands, capabilities = [], expiresInSecs, initial } = key;
  const values = [id, name, keyHash, allowedCommands ?? null, expiresInSecs ?? null, initial, capabilities];
  return (await db.query(INSERT, values)).length === 1;
}

export function selectKeys(db: Queryable): Promise<KeyRow[]> {
  return db.query<KeyRow>(SELECT_ALL);
}

export async function selectKeyByHash(db: Queryable, keyHash: Buffer): Promise<KeyRow | undefined> {
  const [row] = await db.query<KeyRow>(SELECT_BY_HASH, [keyHash]);
  return row;
}

/** Revokes the active keys with this id or name, and returns them. */
export function revokeKeys(db: Queryable, idOrName: string): Promise<KeyRow[]> {
  return db.query<KeyRow>(REVOKE, [idOrName]);
}

/** Limits of a key. A field that is left out stays as it is. */
export interface KeyLimits {
  /** Null: every command. */
  allowedCommands?: readonly string[] | null | undefined;
  capabilities?: readonly KeyCapability[] | undefined;
  /** From now, by the database's clock. Null: never. */
  expiresInSecs?: number | null | undefined;
}

/** Changes an active key and returns it as it was and as it is; undefined if no active key has this id. */
export async function limitKey(
  db: Queryable,
  id: string,
  { allowedCommands, capabilities, expiresInSecs }: KeyLimits,
): Promise<{ before: KeyRow; after: KeyRow } | undefined> {
  const [before] = await db.query<KeyRow>(SELECT_ACTIVE_FOR_UPDATE, [id]);
  const commands = [allowedCommands !== undefined, allowedCommands ?? null];
  const expiry = [expiresInSecs !== undefined, expiresInSecs ?? null];
  const values = [id, ...commands, capabilities ?? null, ...expiry];
  const [after] = before ? await db.query<KeyRow>(LIMIT, values) : [];
  return before && after && { before, after };
}

/** Records a use of the key, and whether it ignored devices. */
export async function touchKey(db: Queryable, id: string, use: "command" | KeyCapability): Promise<void> {
  await db.query(use === "command" ? TOUCH : TOUCH_DEVICES_IGNORED, [id]);
}

// float8 is a number in both drivers; numeric would be a string.
const COLUMNS = `id::text AS id, name, allowed_commands, capabilities, initial,
  floor(extract(epoch FROM created_at))::float8 AS created_at,
  floor(extract(epoch FROM expires_at))::float8 AS expires_at,
  floor(extract(epoch FROM revoked_at))::float8 AS revoked_at,
  floor(extract(epoch FROM last_used_at))::float8 AS last_used_at,
  floor(extract(epoch FROM devices_ignored_at))::float8 AS devices_ignored_at,
  CASE WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN expires_at <= byo.now() THEN 'expired' ELSE 'active' END AS state`;

const SELECT_LIVE: Statement = {
  name: "keys-live",
  text: `SELECT id::text AS id, key_hash, allowed_commands, capabilities FROM byo.integration_keys
    WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ${NOW})`,
};
const SELECT_ALL: Statement = {
  name: "keys-all",
  text: `SELECT ${COLUMNS} FROM byo.integration_keys k ORDER BY k.created_at, k.id`,
};
const SELECT_BY_HASH: Statement = {
  name: "key-by-hash",
  text: `SELECT ${COLUMNS} FROM byo.integration_keys WHERE key_hash = $1`,
};
// Keys from the environment may share a name: setting another one replaces the first.
const INSERT: Statement = {
  name: "key-insert",
  text: `INSERT INTO byo.integration_keys (id, name, key_hash, allowed_commands, expires_at, initial, capabilities)
    SELECT $1::uuid, $2::text, $3::bytea, $4::text[], byo.now() + $5::float8 * interval '1 second', $6::boolean, $7::text[]
    WHERE $6::boolean OR NOT EXISTS (SELECT FROM byo.integration_keys WHERE name = $2::text AND revoked_at IS NULL
      AND (expires_at IS NULL OR expires_at > ${NOW}))
    ON CONFLICT (key_hash) DO NOTHING RETURNING id`,
};
const REVOKE: Statement = {
  name: "key-revoke",
  text: `UPDATE byo.integration_keys SET revoked_at = byo.now()
    WHERE (id::text = $1::text OR name = $1::text) AND revoked_at IS NULL RETURNING ${COLUMNS}`,
};
const SELECT_ACTIVE_FOR_UPDATE: Statement = {
  name: "key-active-for-update",
  text: `SELECT ${COLUMNS} FROM byo.integration_keys
    WHERE id::text = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > byo.now()) FOR UPDATE`,
};
const LIMIT: Statement = {
  name: "key-limit",
  text: `UPDATE byo.integration_keys SET
      allowed_commands = CASE WHEN $2::boolean THEN $3::text[] ELSE allowed_commands END,
      capabilities = coalesce($4::text[], capabilities),
      expires_at = CASE WHEN $5::boolean THEN byo.now() + $6::float8 * interval '1 second' ELSE expires_at END
    WHERE id::text = $1 RETURNING ${COLUMNS}`,
};
// Every replica calls this: one write a minute is enough for all of them.
const TOUCH: Statement = {
  name: "key-touch",
  text: `UPDATE byo.integration_keys SET last_used_at = byo.now()
    WHERE id = $1::uuid AND (last_used_at IS NULL OR last_used_at <= ${NOW} - interval '1 minute')`,
};
const TOUCH_DEVICES_IGNORED: Statement = {
  name: "key-touch-devices-ignored",
  text: `UPDATE byo.integration_keys SET devices_ignored_at = byo.now()
    WHERE id = $1::uuid AND (devices_ignored_at IS NULL OR devices_ignored_at <= ${NOW} - interval '1 minute')`,
};
