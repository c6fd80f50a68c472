import type { Queryable } from "./database.ts";
import { MIGRATIONS, type Migration, readMigrations } from "./migrations.ts";
import { checkMayServe } from "./server/privileges.ts";

/** The database's schema and this version do not fit, or a migration that it has seen was edited since. */
export class MigrationError extends Error {
  override readonly name = "MigrationError";
}

/** How far the schema of a database is, compared with the migrations of this version. */
export interface SchemaState {
  /** The newest migration that the database has; 0: it has no schema. */
  at: number;
  /** The newest migration of this version. */
  own: number;
  /** What the database has not seen yet, in order. */
  pending: readonly Migration[];
}

interface Applied {
  version: number;
  checksum: string;
  /** Null: written by a version that did not know of it. */
  servesFrom: number | null;
}

/** Throws if the database has migrations after which this version cannot serve it. */
export async function readSchemaState(db: Queryable, folder = MIGRATIONS): Promise<SchemaState> {
  const migrations = await readMigrations(folder);
  return compare(migrations, (await hasSchema(db)) ? await db.query<Applied>(SELECT_APPLIED) : []);
}

function compare(migrations: readonly Migration[], applied: readonly Applied[]): SchemaState {
  const own = migrations.at(-1)?.version ?? 0;
  const checksums = new Map(applied.map(({ version, checksum }) => [version, checksum]));
  const changed = migrations.find(({ version, checksum }) => (checksums.get(version) ?? checksum) !== checksum);
  if (changed)
    throw new MigrationError(`Migration ${changed.file} was changed after this database applied it. Restore the file.`);
  const isKnown = (version: number) => migrations.some((known) => known.version === version);
  const foreign = applied.find(
    ({ version, servesFrom }) => !isKnown(version) && (servesFrom === null || servesFrom > own),
  );
  if (foreign) {
    throw new MigrationError(
      `This database has migration ${foreign.version}, after which this version cannot serve it. Run the newer sidecar, or restore a backup.`,
    );
  }
  return {
    at: Math.max(0, ...applied.map(({ version }) => version)),
    own,
    pending: migrations.filter(({ version }) => !checksums.has(version)),
  };
}

/** Throws unless this version can serve the schema as it is. */
export function expectServable({ at, pending }: SchemaState): void {
  if (at === 0) throw new MigrationError("This database has no schema yet. Run: byo migrate");
  const needed = pending.find(({ servesFrom }) => servesFrom > at);
  if (!needed) return;
  throw new MigrationError(
    `This version cannot serve the database before migration ${needed.version}; it is at ${at}. Run: byo migrate`,
  );
}

async function hasSchema(db: Queryable): Promise<boolean> {
  const [row] = await db.query<{ mayRead: boolean }>(HAS_SCHEMA);
  // As when a dump was restored for another owner.
  if (row?.mayRead === false) await checkMayServe(db);
  return row !== undefined;
}

// By way of JSON, because versions before did not write the last column.
const SELECT_APPLIED = {
  name: "migrations",
  text: `SELECT version, checksum, (to_jsonb(applied) ->> 'serves_from')::integer AS "servesFrom"
         FROM byo.migrations AS applied ORDER BY version`,
};
// In the catalogue, not with to_regclass: that needs a right on the schema.
const HAS_SCHEMA = {
  name: "migrations-exist",
  text: `SELECT has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') AS "mayRead"
         FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
         WHERE n.nspname = 'byo' AND c.relname = 'migrations'`,
};
