import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPostgres } from "../../../../sidecar/src/engine/db/postgres.ts";
import { readSession } from "../../../../sidecar/src/engine/sessions/read/store.ts";
import { createRotationStore } from "../../../../sidecar/src/engine/sessions/rotate/store.ts";
import { createConfigFolder } from "../../../behaviour/sidecar/config-folder.ts";
import { logIn, validate } from "../../../behaviour/sidecar/login.ts";
import { stopAfterFile } from "../../../harness/leftovers.ts";
import { createMigratedCluster, type MigratedCluster } from "../../../harness/migrated-cluster.ts";
import { type ResultRow, resultTable, writeResults } from "../../../harness/result-table.ts";
import { createTestDatabaseOn, type TestDatabase } from "../../../harness/test-database.ts";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { sendEveryStatement } from "../../plans/every-statement.ts";
import { faultsInPlans, READS_ALL } from "../../plans/faults.ts";
import { fillTables } from "../../plans/grown-tables.ts";

/** Sessions, and as many audit events. */
const SIZES = (process.env.BYO_TEST_COLLECTION_SIZES ?? "1000000,10000000").split(",").map(Number);
const EXPIRING = 0.3;
const ROTATED = 5_000;
const LIMIT_MS = 3 * 3_600_000;

/** What a server with so much data has. */
const SETTINGS = { shared_buffers: "2GB", max_wal_size: "16GB" };

let cluster: MigratedCluster;
const rows: ResultRow[] = [];

beforeAll(async () => {
  cluster = await createMigratedCluster("newest", { settings: SETTINGS });
  stopAfterFile(() => cluster.destroy());
});

describe.each(SIZES)("%i sessions and as many events", (size) => {
  let database: TestDatabase;
  const row: ResultRow = { sessions: size };

  afterAll(writeSoFar);

  it("are filled in", { timeout: LIMIT_MS }, async () => {
    database = await createTestDatabaseOn(cluster.provided);
    await fillTables(database, { sessions: size, events: size, others: 20_000, expiring: EXPIRING });
  });

  it("rotate without touching an index", { timeout: LIMIT_MS }, async () => {
    const before = await updatesOf(database);
    await rotateSome(database, ROTATED);
    const { updates, hot } = difference(await updatesOf(database), before);
    expect(updates).toBe(2 * ROTATED);
    row["HOT when rotated"] = percent(hot / updates);
    expect(hot / updates).toBeGreaterThan(0.95);
  });

  it("expire at once, and are all marked, while logins and validations are served", { timeout: LIMIT_MS }, async () => {
    const [before, updatesBefore] = [await sizesOf(database), await updatesOf(database)];
    await database.advance(3600);
    const expired = await unmarked(database);
    expect(expired).toBeGreaterThan(size * EXPIRING * 0.9);
    const folder = await createConfigFolder({
      "system_config.jsonc": { job_run_intervals: { session_garbage_collection: 1 } },
    });
    const sidecar = await startTestSidecar({ database, env: folder.env });
    const start = performance.now();
    const slowestMs = await useUntil(sidecar, async () => !(await isAnyUnmarked(database)));
    const secs = (performance.now() - start) / 1000;
    await sidecar.stop();
    const marked = difference(await updatesOf(database), updatesBefore);
    const after = await sizesOf(database);
    await database.sql("VACUUM byo.sessions");
    const [{ events = 0 } = {}] = await database.sql<{ events: number }>(
      "SELECT count(*)::int AS events FROM byo.audit_events WHERE event = 'SessionEnded' AND reason = 'Expired' AND actor = 'system'",
    );
    expect(events).toBe(expired);
    rows.push(row);
    Object.assign(row, {
      expired,
      "failed batches": sidecar.logs().filter(({ step }) => step !== undefined).length,
      "marked per second": Math.round(expired / secs),
      "slowest login and validation ms": Math.round(slowestMs),
      "HOT when marked": percent(marked.hot / marked.updates),
      "table MB": `${before.table} → ${after.table} → ${(await sizesOf(database)).table}`,
      "indexes MB": `${before.indexes} → ${after.indexes} → ${(await sizesOf(database)).indexes}`,
    });
  });

  it("have no statement that reads more of them the more there are", { timeout: LIMIT_MS }, async () => {
    await database.sql("ANALYZE byo.sessions");
    await database.sql("ANALYZE byo.audit_events");
    const sent = await sendEveryStatement(database);
    expect(await faultsInPlans(database.env.DATABASE_URL ?? "", sent, READS_ALL)).toEqual([]);
    row.statements = sent.length;
    await database.drop();
  });
});

async function writeSoFar(): Promise<void> {
  await writeResults("collection", "The collection on large tables", [
    "Filled with as many audit events as sessions; 60 % of the sessions are living, and 30 % of all expire at the same time, " +
      "an hour after the start. A sidecar then marks them, with a trace in the audit trail for each, and pauses as long as it " +
      "works; a batch that takes longer than a statement may is tried again in smaller parts. Sizes are of the table of sessions: before, after all were marked, and after a vacuum, whose free space new " +
      "sessions use. HOT: the share of updates that touched no index. PostgreSQL 18 has 2 GB of shared buffers, and keeps its " +
      "commits in memory (`fsync=off`). `test/proofs/plans` reads the plans of all statements at each size.",
    resultTable(rows),
  ]);
}

const percent = (share: number) => `${Math.round(share * 100)} %`;

async function unmarked({ sql }: TestDatabase): Promise<number> {
  const [row] = await sql<{ count: number }>(
    "SELECT count(*)::int AS count FROM byo.sessions WHERE ended_at IS NULL AND expires_at <= (SELECT byo.now())",
  );
  return row?.count ?? 0;
}

async function isAnyUnmarked({ sql }: TestDatabase): Promise<boolean> {
  const rows = await sql(
    "SELECT id FROM byo.sessions WHERE ended_at IS NULL AND expires_at <= (SELECT byo.now()) ORDER BY expires_at LIMIT 1",
  );
  return rows.length > 0;
}

/** Logs in and validates all the time until the condition is met; returns the longest time that took, in milliseconds. */
async function useUntil(sidecar: TestSidecar, isDone: () => Promise<boolean>): Promise<number> {
  let slowestMs = 0;
  for (let turn = 1; ; turn++) {
    const start = performance.now();
    const { token } = await logIn(sidecar);
    expect(await validate(sidecar, token)).toMatchObject({ status: 200 });
    slowestMs = Math.max(slowestMs, performance.now() - start);
    await sleep(50);
    if (turn % 40 === 0 && (await isDone())) return slowestMs;
  }
}

/** Gives sessions a successor and confirms it, by the statements of a rotation. */
async function rotateSome({ sql, env }: TestDatabase, count: number): Promise<void> {
  const db = openPostgres({ connectionString: env.DATABASE_URL ?? "", maxConnections: 1 });
  const ids = await sql<{ id: string }>(
    "SELECT id FROM byo.sessions WHERE ended_at IS NULL ORDER BY created_at DESC LIMIT $1",
    [count],
  );
  const noUses = { latest: () => undefined };
  const store = createRotationStore(db);
  const confirmation = { graceSecs: 60, ipAddress: "10.0.0.1", userAgent: "agent", clientPair: undefined };
  for (const { id } of ids) {
    const row = await readSession(db, noUses, id);
    if (row) await store.start(row, row.curHash);
    const pending = await readSession(db, noUses, id);
    if (pending) await store.confirm(pending, confirmation);
  }
  await db.close();
}

interface Updates {
  updates: number;
  hot: number;
}

/** What Postgres has counted; its processes report when they end. */
async function updatesOf({ sql }: TestDatabase): Promise<Updates> {
  await sleep(1500);
  const [row] = await sql<{ updates: number; hot: number }>(
    `SELECT n_tup_upd::int AS updates, n_tup_hot_upd::int AS hot FROM pg_stat_user_tables
     WHERE relid = 'byo.sessions'::regclass`,
  );
  return row ?? { updates: 0, hot: 0 };
}

function difference(after: Updates, before: Updates): Updates {
  return { updates: after.updates - before.updates, hot: after.hot - before.hot };
}

async function sizesOf({ sql }: TestDatabase): Promise<{ table: number; indexes: number }> {
  const [row] = await sql<{ table: number; indexes: number }>(
    `SELECT (pg_relation_size('byo.sessions') / 1e6)::int AS table, (pg_indexes_size('byo.sessions') / 1e6)::int AS indexes`,
  );
  return row ?? { table: 0, indexes: 0 };
}
