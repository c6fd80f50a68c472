import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Database } from "./database.ts";

const MIGRATIONS = fileURLToPath(new URL("../../../migrations/", import.meta.url));

/** The database was written by a newer sidecar, or a migration that it has seen was edited since. */
export class MigrationError extends Error {
  override readonly name = "MigrationError";
}

/**
 * Brings the database to the newest schema, all of it or nothing. Any number of sidecars may call this at once: an
 * advisory lock lets one through at a time, and the others find nothing left to do.
 */
export async function migrate(db: Database): Promise<void> {
  const files = (await readdir(MIGRATIONS)).filter((file) => /^\d{6}\.sql$/.test(file)).sort();
  await db.maintenance(async (connection) => {
    if (db.kind === "postgres") await connection.query(TAKE_MIGRATION_LOCK);
    await connection.script(`
      CREATE SCHEMA IF NOT EXISTS byo;
      CREATE TABLE IF NOT EXISTS byo.migrations (
        version integer PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT clock_timestamp())`);
    const applied = await connection.query<{ version: number; checksum: string }>(SELECT_APPLIED);
    const checksums = new Map(applied.map((row) => [row.version, row.checksum]));
    for (const file of files) {
      const version = Number.parseInt(file, 10);
      const sql = await readFile(`${MIGRATIONS}${file}`, "utf8");
      const checksum = createHash("sha256").update(sql).digest("hex");
      const known = checksums.get(version);
      checksums.delete(version);
      if (known === checksum) continue;
      if (known)
        throw new MigrationError(`Migration ${file} was changed after this database applied it. Restore the file.`);
      await connection.script(sql);
      await connection.query(INSERT_APPLIED, [version, checksum]);
    }
    const [newer] = checksums.keys();
    if (newer !== undefined) {
      throw new MigrationError(
        `This database has migration ${newer}, which is newer than this version. Run the newer sidecar, or restore a backup.`,
      );
    }
  });
}

// Any fixed number that no other user of advisory locks in the same database has.
const TAKE_MIGRATION_LOCK = { name: "migration-lock", text: "SELECT pg_advisory_xact_lock(7140235181)" };
const SELECT_APPLIED = { name: "migrations", text: "SELECT version, checksum FROM byo.migrations ORDER BY version" };
const INSERT_APPLIED = {
  name: "migration-applied",
  text: "INSERT INTO byo.migrations (version, checksum) VALUES ($1, $2)",
};
