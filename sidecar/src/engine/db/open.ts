import type { Database } from "./database.ts";
import { type EmbeddedOptions, openEmbedded } from "./embedded.ts";
import { migrate } from "./migrate.ts";
import { openPostgres } from "./postgres.ts";

export interface DatabaseSettings {
  /** A Postgres connection string. Undefined: the embedded database in `dataDir`. */
  databaseUrl?: string;
  dataDir: string;
}

/** Opens the database that the settings name and brings it to the newest schema. */
export async function openDatabase(
  settings: DatabaseSettings,
  { onLockLost = rethrow, lockRetries }: Partial<EmbeddedOptions> = {},
): Promise<Database> {
  const db = settings.databaseUrl
    ? openPostgres({ connectionString: settings.databaseUrl })
    : await openEmbedded({ dataDir: settings.dataDir, onLockLost, lockRetries });
  try {
    await migrate(db);
    return db;
  } catch (error) {
    await db.close();
    throw error;
  }
}

function rethrow(reason: Error): never {
  throw reason;
}
