import type { Queryable } from "./database.ts";

/** What a database remembers of the sidecars that have used it. */

const ANSWERS = { name: "answers", text: "SELECT 1 AS one" };
const NOW = { name: "clock", text: "SELECT date_part('epoch', byo.now()) * 1000 AS now" };
const SEEN_FILES = { name: "config-files-seen", text: "SELECT name FROM byo.config_files ORDER BY name" };
const REMEMBER_FILES = {
  name: "config-files-remember",
  text: "INSERT INTO byo.config_files (name) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING",
};

/** Settles when the database answers. */
export async function probe(db: Queryable): Promise<void> {
  await db.query(ANSWERS);
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
