import type { Database } from "./database.ts";
import { type EmbeddedOptions, openEmbedded } from "./embedded.ts";
import { type MigrateOptions, migrate } from "./migrate.ts";
import { openPostgres } from "./postgres.ts";
import { prepareFor } from "./prepare.ts";
import { expectServable, readSchemaState } from "./schema.ts";
import { collationWarning } from "./server/collation.ts";
import { encryptionOf } from "./server/encryption.ts";
import { checkMayServe } from "./server/privileges.ts";
import type { Pooler } from "./server/standing.ts";
import { untilItAnswers } from "./wait.ts";

export interface DatabaseSettings {
  /** A Postgres connection string. Undefined: the embedded database in `dataDir`. */
  databaseUrl?: string;
  databaseDirectUrl?: string;
  databaseMigrationUrl?: string;
  databasePooler: Pooler;
  databasePoolSize: number;
  databaseWaitSecs: number;
  sessionCache: boolean;
  dataDir: string;
}

/** `newest`: applies what is missing. `served`: expects one that this version can serve. `any`: does not look. */
export type WantedSchema = "newest" | "served" | "any";

interface OpenOptions extends Partial<EmbeddedOptions> {
  /** Default: `newest`. */
  schema?: WantedSchema;
  log?: { info(details: object, message: string): void; warn(details: object, message: string): void };
  /** Ends the wait for a database that does not answer. */
  signal?: AbortSignal;
}

/** Opens the database that the settings name. */
export async function openDatabase(
  settings: DatabaseSettings,
  { schema = "newest", onLost = rethrow, lockRetries, log, signal }: OpenOptions = {},
): Promise<Database> {
  const { databaseUrl, dataDir } = settings;
  if (databaseUrl) return openServer({ ...settings, databaseUrl }, { schema, log, signal });
  const db = await openEmbedded({ dataDir, onLost, lockRetries });
  return closedOnFailure(db, () => (schema === "newest" ? migrate(db) : checkSchema(db, { schema, log })));
}

async function openServer(
  settings: DatabaseSettings & { databaseUrl: string },
  { schema, log, signal }: Pick<OpenOptions, "log" | "signal"> & { schema: WantedSchema },
): Promise<Database> {
  const { databaseUrl, databaseDirectUrl, databaseMigrationUrl, databasePooler, databasePoolSize } = settings;
  const db = openPostgres({
    connectionString: databaseUrl,
    directConnectionString: databaseDirectUrl,
    pooler: databasePooler,
    maxConnections: databasePoolSize,
    log,
  });
  const options: MigrateOptions = {
    onBlocked: () => log?.warn({}, "a migration is waiting for other transactions to end; it tries again each second"),
  };
  return closedOnFailure(db, async () => {
    const { encryption, warning } = encryptionOf("DATABASE_URL", databaseUrl);
    if (warning) log?.warn({}, warning);
    await untilItAnswers(db, { waitSecs: settings.databaseWaitSecs, log, signal });
    const order = await collationWarning(db);
    if (order) log?.warn({}, order);
    if (schema !== "newest") {
      await checkSchema(db, { schema, log });
    } else if (databaseMigrationUrl) {
      const owner = openPostgres({
        connectionString: databaseMigrationUrl,
        setting: "DATABASE_MIGRATION_URL",
        pooler: databasePooler,
        maxConnections: 1,
      });
      try {
        await migrate(owner, options);
        await prepareFor(db, owner, { notifies: settings.sessionCache });
      } finally {
        await owner.close();
      }
    } else {
      await migrate(db, options);
    }
    if (schema !== "any") await checkMayServe(db);
    log?.info({ encryption }, "connected to Postgres");
  });
}

async function checkSchema(db: Database, { schema, log }: Pick<OpenOptions, "schema" | "log">): Promise<void> {
  if (schema === "any") return;
  const state = await readSchemaState(db);
  expectServable(state);
  if (state.pending.length === 0) return;
  log?.warn(
    { at: state.at, own: state.own },
    "the database has an older schema than this version: it is served as it is until you run byo migrate",
  );
}

async function closedOnFailure(db: Database, work: () => Promise<void>): Promise<Database> {
  try {
    await work();
    return db;
  } catch (error) {
    await db.close();
    throw error;
  }
}

function rethrow(reason: Error): never {
  throw reason;
}
