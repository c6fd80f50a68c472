import type { Database } from "./database.ts";
import { type EmbeddedOptions, openEmbedded } from "./embedded.ts";
import { type MigrateOptions, migrate } from "./migrate.ts";
import { openPostgres } from "./postgres.ts";
import { prepareFor } from "./prepare.ts";
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

interface OpenOptions extends Partial<EmbeddedOptions> {
  log?: { info(details: object, message: string): void; warn(details: object, message: string): void };
  /** Ends the wait for a database that does not answer. */
  signal?: AbortSignal;
}

/** Opens the database that the settings name and brings it to the newest schema. */
export async function openDatabase(
  settings: DatabaseSettings,
  { onLost = rethrow, lockRetries, log, signal }: OpenOptions = {},
): Promise<Database> {
  const { databaseUrl, dataDir } = settings;
  if (databaseUrl) return openServer({ ...settings, databaseUrl }, { log, signal });
  const db = await openEmbedded({ dataDir, onLost, lockRetries });
  return closedOnFailure(db, () => migrate(db));
}

async function openServer(
  settings: DatabaseSettings & { databaseUrl: string },
  { log, signal }: Pick<OpenOptions, "log" | "signal">,
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
    onBlocked: () => log?.warn({}, "a migration waits for transactions of others to end; it tries again each second"),
  };
  return closedOnFailure(db, async () => {
    const { encryption, warning } = encryptionOf("DATABASE_URL", databaseUrl);
    if (warning) log?.warn({}, warning);
    await untilItAnswers(db, { waitSecs: settings.databaseWaitSecs, log, signal });
    if (databaseMigrationUrl) {
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
    await checkMayServe(db);
    log?.info({ encryption }, "connected to Postgres");
  });
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
