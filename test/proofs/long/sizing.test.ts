import { expect, it } from "vitest";
import { printResults, type ResultRow, resultTable, writeResults } from "../../harness/result-table.ts";
import { createTestDatabase, type TestDatabase } from "../../harness/test-database.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";

const REAL = 400;
const ROWS = 60_000;
const USER_AGENT =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";

/** One life of a session as an application causes it, with a rotation; each step of all users before the next. */
async function live(sidecar: TestSidecar, database: TestDatabase): Promise<ResultRow[]> {
  const client = (at: number) => ({ ipAddress: `198.51.100.${at % 250}`, userAgent: USER_AGENT });
  const rows: ResultRow[] = [];
  const step = async (what: string, run: (at: number) => Promise<unknown>) => {
    const before = await state(database);
    for (let at = 0; at < REAL; at += 20) await Promise.all(Array.from({ length: 20 }, (_, more) => run(at + more)));
    // What is written in batches.
    await new Promise((resolve) => setTimeout(resolve, 2500));
    const after = await state(database);
    rows.push({
      step: what,
      "WAL bytes": Math.round((after.wal - before.wal) / REAL),
      "audit rows": Number(((after.events - before.events) / REAL).toFixed(2)),
    });
  };
  const tokens: string[] = [];
  const successors: string[] = [];
  await step("login", async (at) => {
    const data = { userId: `user-${at}`, tags: ["org:acme"], metadata: { plan: "pro" }, ...client(at) };
    tokens[at] = (await sidecar.run("CreateSession", data)).sessionToken;
  });
  await sidecar.advance(3601);
  await step("rotation", async (at) => {
    const first = await sidecar.run("ValidateAndRefreshSession", { sessionToken: tokens[at] ?? "", ...client(at) });
    successors[at] = first.newSessionToken ?? "";
    await sidecar.run("ValidateSession", { sessionToken: successors[at] ?? "", ...client(at) });
  });
  await sidecar.advance(600);
  await step("time of use", (at) =>
    sidecar.run("ValidateSession", { sessionToken: successors[at] ?? "", ...client(at) }),
  );
  return rows;
}

async function state({ sql }: TestDatabase): Promise<{ wal: number; events: number }> {
  const [row] = await sql<{ wal: number; events: number }>(
    "SELECT (pg_current_wal_lsn() - '0/0')::float8 AS wal, (SELECT count(*) FROM byo.audit_events)::float8 AS events",
  );
  if (!row) throw new Error("no row");
  return row;
}

/** Copies what the sidecar has written, until there are so many rows, each with an id and a user of its own. */
async function multiply({ sql }: TestDatabase): Promise<void> {
  await sql(`
    INSERT INTO byo.sessions SELECT (jsonb_populate_record(s, jsonb_build_object('id', gen_random_uuid(),
        'user_id', s.user_id || '-' || copy, 'created_at', s.created_at - copy * interval '7 seconds'))).*
      FROM byo.sessions s CROSS JOIN generate_series(1, ${ROWS / REAL - 1}) AS copy`);
  await sql(`
    INSERT INTO byo.audit_events (${EVENT_COLUMNS})
      SELECT ${EVENT_COLUMNS.replace("session_id", "gen_random_uuid()").replace("time", "time - copy * interval '7 seconds'")}
      FROM byo.audit_events CROSS JOIN generate_series(1, ${ROWS} / (SELECT count(*) FROM byo.audit_events)::int) AS copy`);
  await sql("VACUUM ANALYZE byo.sessions");
  await sql("VACUUM ANALYZE byo.audit_events");
}

const EVENT_COLUMNS =
  "time, event, session_id, user_id, tags, ip_address, user_agent, actor, reason, details, count, device_browser, device_os, device_type";

async function bytesOf({ sql }: TestDatabase, table: string): Promise<ResultRow> {
  const [row] = await sql<{ rows: number; heap: number; indexes: number; total: number }>(
    `SELECT (SELECT count(*) FROM byo.${table})::float8 AS rows, pg_table_size('byo.${table}')::float8 AS heap,
       pg_indexes_size('byo.${table}')::float8 AS indexes, pg_total_relation_size('byo.${table}')::float8 AS total`,
  );
  if (!row) throw new Error("no row");
  const per = (bytes: number) => Math.round(bytes / row.rows);
  return {
    table,
    rows: row.rows,
    "table, bytes a row": per(row.heap),
    indexes: per(row.indexes),
    together: per(row.total),
  };
}

it("measures what a session, an event and a step of a session's life cost in the database", {
  timeout: 600_000,
}, async () => {
  const database = await createTestDatabase();
  const sidecar = await startTestSidecar({
    database,
    env: { SESSION_CACHE: "on", ENCRYPTION_KEY: Buffer.alloc(32, 7).toString("base64") },
  });
  const steps = await live(sidecar, database);
  await sidecar.stop();
  await multiply(database);
  const sizes = [await bytesOf(database, "sessions"), await bytesOf(database, "audit_events")];
  printResults("Bytes a row", sizes);
  printResults("What a step writes", steps);
  for (const size of sizes) expect(size.together).toBeLessThan(1500);
  await writeResults("sizing", "Bytes in the database, measured", [
    `${REAL} sessions that a sidecar wrote, with a tag, metadata, address and user agent, copied until there were ${ROWS}; vacuumed, PostgreSQL 18.`,
    resultTable(sizes),
    `What each step of a session's life writes, over ${REAL} of them. WAL is what a standby and an archive receive; with full-page images it is more after each checkpoint.`,
    resultTable(steps),
  ]);
});
