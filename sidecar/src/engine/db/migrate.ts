import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Database, DatabaseUnavailable, type MaintenanceConnection, type Queryable } from "./database.ts";
import { checkMayMigrate } from "./server/privileges.ts";

const MIGRATIONS = fileURLToPath(new URL("../../../migrations/", import.meta.url));

/** The database was written by a newer sidecar, or a migration that it has seen was edited since. */
class MigrationError extends Error {
  override readonly name = "MigrationError";
}

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

interface Migration {
  version: number;
  file: string;
  sql: string;
  checksum: string;
}

/**
 * Brings the database to the newest schema, all of it or nothing. Any number of sidecars may call this at once: an
 * advisory lock lets one through at a time, and the others find nothing left to do. If there is nothing to do, it
 * changes nothing and needs no right to.
 */
export async function migrate(
  db: Database,
  { folder = MIGRATIONS, onBlocked = () => {}, patienceMs = PATIENCE_MS }: MigrateOptions = {},
): Promise<void> {
  const migrations = await readMigrations(folder);
  if ((await hasSchema(db)) && (await pending(db, migrations)).length === 0) return;
  const endMs = performance.now() + patienceMs;
  for (let isFirst = true; ; isFirst = false) {
    try {
      return await db.maintenance((connection) => migrateOnce(connection, migrations, db.kind));
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

async function migrateOnce(
  connection: MaintenanceConnection,
  migrations: readonly Migration[],
  kind: Database["kind"],
): Promise<void> {
  if (kind === "postgres") {
    await connection.query(TAKE_MIGRATION_LOCK);
    await checkMayMigrate(connection);
    await connection.script(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
  }
  await connection.script(`
    CREATE SCHEMA IF NOT EXISTS byo;
    CREATE TABLE IF NOT EXISTS byo.migrations (
      version integer PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT clock_timestamp())`);
  for (const { version, sql, checksum } of await pending(connection, migrations)) {
    await connection.script(sql);
    await connection.query(INSERT_APPLIED, [version, checksum]);
  }
}

/** The migrations that the database has not seen. Throws if it has seen others than these. */
async function pending(db: Queryable, migrations: readonly Migration[]): Promise<Migration[]> {
  const applied = await db.query<{ version: number; checksum: string }>(SELECT_APPLIED);
  const checksums = new Map(applied.map(({ version, checksum }) => [version, checksum]));
  const changed = migrations.find(({ version, checksum }) => (checksums.get(version) ?? checksum) !== checksum);
  if (changed)
    throw new MigrationError(`Migration ${changed.file} was changed after this database applied it. Restore the file.`);
  const newer = applied.find(({ version }) => migrations.every((known) => known.version !== version));
  if (newer) {
    throw new MigrationError(
      `This database has migration ${newer.version}, which is newer than this version. Run the newer sidecar, or restore a backup.`,
    );
  }
  return migrations.filter(({ version }) => !checksums.has(version));
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((file) => /^\d{6}\.sql$/.test(file)).sort();
  return Promise.all(
    files.map(async (file) => {
      const sql = await readFile(join(folder, file), "utf8");
      return {
        version: Number.parseInt(file, 10),
        file,
        sql,
        checksum: createHash("sha256").update(sql).digest("hex"),
      };
    }),
  );
}

async function hasSchema(db: Queryable): Promise<boolean> {
  const [row] = await db.query<{ exists: boolean }>(HAS_SCHEMA);
  return row?.exists === true;
}

function isBlocked(error: unknown): boolean {
  return error instanceof DatabaseUnavailable && Object(error.cause).code === LOCK_NOT_AVAILABLE;
}

// Any fixed number that no other user of advisory locks in the same database has.
const TAKE_MIGRATION_LOCK = { name: "migration-lock", text: "SELECT pg_advisory_xact_lock(7140235181)" };
const SELECT_APPLIED = { name: "migrations", text: "SELECT version, checksum FROM byo.migrations ORDER BY version" };
// In the catalogue, not with to_regclass: that needs a right on the schema.
const HAS_SCHEMA = {
  name: "migrations-exist",
  text: `SELECT EXISTS (SELECT FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
           WHERE n.nspname = 'byo' AND c.relname = 'migrations') AS exists`,
};
const INSERT_APPLIED = {
  name: "migration-applied",
  text: "INSERT INTO byo.migrations (version, checksum) VALUES ($1, $2)",
};
