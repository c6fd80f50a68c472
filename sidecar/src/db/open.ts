import type { Database } from "./database.ts";
import { openEmbedded } from "./embedded.ts";
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
  onLockLost: (reason: Error) => void = (reason) => {
    throw reason;
  },
): Promise<Database> {
  const db = settings.databaseUrl
    ? openPostgres({ connectionString: settings.databaseUrl })
    : await openEmbedded({ dataDir: settings.dataDir, onLockLost });
  try {
    await migrate(db);
    return db;
  } catch (error) {
    await db.close();
    throw error;
  }
}
