import type { TestDatabase } from "../../harness/test-database.ts";

const COUNTED = {
  sessions: "byo.sessions",
  // Refusals are gathered for a second: those of earlier requests may still come.
  audit_events: "byo.audit_events WHERE collapse_key IS NULL",
  integration_keys: "byo.integration_keys",
  config_files: "byo.config_files",
  legacy_sessions: "byo.legacy_sessions",
  devices: "byo.devices",
  used_proofs: "byo.used_proofs",
};
const STATE = [
  ...Object.entries(COUNTED).map(([name, rows]) => `(SELECT count(*)::int FROM ${rows}) AS ${name}`),
  "(SELECT md5(string_agg(s::text, ',' ORDER BY id)) FROM byo.sessions s) AS content_of_sessions",
];

/**
 * How many rows the tables of a database have, and all that the sessions say. Equal before and after means that nothing
 * was written, but for the last use of an integration key, which every request may note.
 */
export async function databaseState({ sql }: Pick<TestDatabase, "sql">): Promise<Record<string, unknown>> {
  const [state = {}] = await sql(`SELECT ${STATE.join(", ")}`);
  return state;
}
