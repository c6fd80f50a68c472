import { DatabaseUnavailable, type Queryable, ReadOnlyServer } from "./database.ts";

/** What a database remembers of the sidecars that have used it. */

const ACCEPTS_WRITES = {
  name: "accepts-writes",
  text: `SELECT NOT pg_is_in_recovery() AND NOT current_setting('transaction_read_only')::boolean AS accepts`,
};
const NOW = { name: "clock", text: "SELECT date_part('epoch', byo.now()) * 1000 AS now" };
const SEEN_FILES = { name: "config-files-seen", text: "SELECT name FROM byo.config_files ORDER BY name" };
const REMEMBER_FILES = {
  name: "config-files-remember",
  text: "INSERT INTO byo.config_files (name) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING",
};

/** Settles when the database answers. Rejects if it accepts no writes: then nothing of what it says may be current. */
export async function probe(db: Queryable): Promise<void> {
  const [row] = await db.query<{ accepts: boolean }>(ACCEPTS_WRITES);
  if (!row?.accepts) throw new DatabaseUnavailable("the database cannot be used", { cause: new ReadOnlyServer() });
}

/** The database's time in milliseconds since 1970. All decisions use it, whatever the replicas' own clocks say. */
export async function readClock(db: Queryable): Promise<number> {
  const [row] = await db.query<{ now: number }>(NOW);
  if (!row) throw new Error("expected one row from the database's clock");
  return row.now;
}

export async function seenConfigFiles(db: Queryable): Promise<string[]> {
  return (await db.query<{ name: string }>(SEEN_FILES)).map((row) => row.name);
}

export async function rememberConfigFiles(db: Queryable, names: readonly string[]): Promise<void> {
  if (names.length > 0) await db.query(REMEMBER_FILES, [names]);
}
