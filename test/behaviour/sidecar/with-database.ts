import type { Database } from "../../../sidecar/src/engine/db/database.ts";
import { openPostgres } from "../../../sidecar/src/engine/db/postgres.ts";
import type { TestSidecar } from "../../harness/test-sidecar.ts";

/** Works on the database of a sidecar as its command line does, beside it. */
export async function withDatabase<T>(
  { database }: Pick<TestSidecar, "database">,
  work: (db: Database) => Promise<T>,
): Promise<T> {
  // The embedded database has one owner, which is this process.
  if (database.open) return work(await database.open());
  const db = openPostgres({ connectionString: database.env.DATABASE_URL ?? "", maxConnections: 1 });
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}
