import { setTimeout as sleep } from "node:timers/promises";
import { type Database, DatabaseUnavailable, type MaintenanceConnection } from "./database.ts";
import { MIGRATIONS } from "./migrations.ts";
import { MigrationError, readSchemaState } from "./schema.ts";
import { checkMayMigrate } from "./server/privileges.ts";

export interface MigrateOptions {
  /** The folder with the migrations, for tests. Default: those of this version. */
  folder?: string;
  /** Called once if others hold the tables, before it tries again. */
  onBlocked?: () => void;
  /** How long to try again while transactions of others hold the tables. Default: one minute. */
  patienceMs?: number;
}

// A migration that waits for a table makes everyone else wait behind it. So it waits for a moment only, lets the others
// pass, and tries again.
const LOCK_TIMEOUT_MS = 500;
const RETRY_MS = 1000;
const PATIENCE_MS = 60_000;
const LOCK_NOT_AVAILABLE = "55P03";

/**
 * Brings the database to the newest schema, all of it or nothing. Any number of sidecars may call this at once: an
 * advisory lock lets one through at a time, and the others find nothing left to do. If there is nothing to do, it
 * changes nothing and needs no right to.
 */
export async function migrate(
  db: Database,
  { folder = MIGRATIONS, onBlocked = () => {}, patienceMs = PATIENCE_MS }: MigrateOptions = {},
): Promise<void> {
  if ((await readSchemaState(db, folder)).pending.length === 0) return;
  const endMs = performance.now() + patienceMs;
  for (let isFirst = true; ; isFirst = false) {
    try {
      return await db.maintenance((connection) => migrateOnce(connection, folder, db.kind));
    } catch (error) {
      if (!isBlocked(error)) throw error;
      if (performance.now() > endMs) {
        throw new MigrationError(
          "Transactions of others hold the tables that a migration changes. Find them with: SELECT pid, xact_start, query FROM pg_stat_activity ORDER BY xact_start; end the oldest with pg_terminate_backend(pid), then start again.",
          { cause: error },
        );
      }
      if (isFirst) onBlocked();
      await sleep(RETRY_MS);
    }
  }
}

async function migrateOnce(connection: MaintenanceConnection, folder: string, kind: Database["kind"]): Promise<void> {
  if (kind === "postgres") {
    await connection.query(TAKE_MIGRATION_LOCK);
    await checkMayMigrate(connection);
    await connection.script(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
  }
  await connection.script(`
    CREATE SCHEMA IF NOT EXISTS byo;
    CREATE TABLE IF NOT EXISTS byo.migrations (
      version integer PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT clock_timestamp());
    ALTER TABLE byo.migrations ADD COLUMN IF NOT EXISTS serves_from integer`);
  for (const { version, sql, checksum, servesFrom } of (await readSchemaState(connection, folder)).pending) {
    await connection.script(sql);
    await connection.query(INSERT_APPLIED, [version, checksum, servesFrom]);
  }
}

function isBlocked(error: unknown): boolean {
  return error instanceof DatabaseUnavailable && Object(error.cause).code === LOCK_NOT_AVAILABLE;
}

// Any fixed number that no other user of advisory locks in the same database has.
const TAKE_MIGRATION_LOCK = { name: "migration-lock", text: "SELECT pg_advisory_xact_lock(7140235181)" };
const INSERT_APPLIED = {
  name: "migration-applied",
  text: "INSERT INTO byo.migrations (version, checksum, serves_from) VALUES ($1, $2, $3)",
};
