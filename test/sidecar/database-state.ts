import type { TestDatabase } from "../harness/test-database.ts";

/**
 * What the tables of a database hold: each one's number of rows, and all that the sessions say. Equal before and after
 * means that nothing was written. No part of it is what earlier requests may still write: the last use of an integration
 * key, and refusals, which are gathered for a second.
 */
export async function databaseState({ sql }: Pick<TestDatabase, "sql">): Promise<Record<string, unknown>> {
  const tables = await sql<{ name: string }>(
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'byo' ORDER BY table_name",
  );
  const counts = tables.map(({ name }) => `(SELECT count(*)::int FROM ${rowsOf(name)}) AS ${name}`);
  const sessions = "(SELECT md5(string_agg(s::text, ',' ORDER BY id)) FROM byo.sessions s) AS content_of_sessions";
  const [state = {}] = await sql(`SELECT ${[...counts, sessions].join(", ")}`);
  return state;
}

function rowsOf(table: string): string {
  return table === "audit_events" ? "byo.audit_events WHERE collapse_key IS NULL" : `byo.${table}`;
}
