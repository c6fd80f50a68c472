import pg from "pg";
import { stopAfterFile } from "../../harness/leftovers.ts";
import type { TestDatabase } from "../../harness/test-database.ts";

/** Whether anything in the database has changed that a request controls. */
export interface Fingerprint {
  read(): Promise<string>;
}

// Without what is written later in batches: activity times, counted refusals, the last uses of a key.
const VOLATILE = ["last_activity_at", "last_ip_address", "last_used_at", "devices_ignored_at"];
// And without what a replica reports about itself every few seconds.
const ROWS_THAT_COUNT: Record<string, string> = {
  audit_events: "collapse_key IS NULL",
  counters: "false",
  encryption_keys: "false",
  encryption_readers: "false",
  jobs: "false",
  replicas: "false",
};
/** It becomes long, and other tests check that no row of it changes. */
const GROWS_ONLY = "audit_events";

/** Looks at every table of the sidecar. */
export async function createFingerprint(database: TestDatabase): Promise<Fingerprint> {
  const client = new pg.Client({ connectionString: database.env.DATABASE_URL });
  await client.connect();
  stopAfterFile(() => client.end());
  const tables = await client.query<{ name: string }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'byo'",
  );
  const parts = tables.rows.map(({ name }) => {
    const row = VOLATILE.reduce((json, column) => `${json} - '${column}'`, "to_jsonb(t)");
    const where = ROWS_THAT_COUNT[name] ?? "true";
    const digest = name === GROWS_ONLY ? "count(*)" : `sum(hashtextextended((${row})::text, 0)::numeric)`;
    return `(SELECT ${digest} FROM byo.${name} t WHERE ${where})`;
  });
  const text = `SELECT concat_ws(' ', ${parts.map((part) => `coalesce(${part}, 0)`).join(", ")}) AS fingerprint`;
  return {
    async read() {
      const { rows } = await client.query<{ fingerprint: string }>({ name: "fingerprint", text });
      return rows[0]?.fingerprint ?? "";
    },
  };
}
