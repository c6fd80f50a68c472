import { beforeAll, expect, it } from "vitest";
import { readMigrations } from "../../../../sidecar/src/engine/db/migrations.ts";
import { printResults, type ResultRow } from "../../../harness/result-table.ts";
import { runByo } from "../../../harness/run-byo.ts";
import { makeVersion, type SidecarVersion, THIS_VERSION } from "../../../harness/sidecar-version.ts";
import { type SpawnedSidecar, spawnTestSidecar } from "../../../harness/spawned-sidecar.ts";
import { createTestDatabase, type TestDatabase } from "../../../harness/test-database.ts";
import { countLosses, LOAD_CONFIG, startLoad } from "../crashes/load.ts";

const rows: ResultRow[] = [];
let before: SidecarVersion;
let after: SidecarVersion;

beforeAll(async () => {
  const newest = (await readMigrations(THIS_VERSION.migrations)).at(-1);
  if (!newest) throw new Error("there is no migration");
  expect(newest.servesFrom, `${newest.file} says from which version on it serves`).toBeLessThan(newest.version);
  before = await makeVersion({ last: newest.servesFrom });
  const added = `-- Serves versions from ${String(newest.version).padStart(6, "0")}.
    ALTER TABLE byo.sessions ADD COLUMN later text; CREATE TABLE byo.later (id bigint PRIMARY KEY)`;
  after = await makeVersion({ added: { "000999": added } });
});

const start = (database: TestDatabase, version: SidecarVersion, env: Record<string, string> = {}) =>
  spawnTestSidecar({ database, version, config: LOAD_CONFIG, env: { LOG_LEVEL: "warn", ...env } });

async function schemaOf(database: TestDatabase): Promise<number> {
  const [row] = await database.sql<{ version: number }>("SELECT max(version) AS version FROM byo.migrations");
  return row?.version ?? 0;
}

/** Replaces each replica in turn, under load, as a rolling deployment does. */
async function roll(database: TestDatabase, from: SidecarVersion, to: SidecarVersion, what: string): Promise<void> {
  const replicas: SpawnedSidecar[] = [await start(database, from), await start(database, from)];
  const schemaBefore = await schemaOf(database);
  // What a load balancer gives its requests to, at each time.
  const load = startLoad(replicas);
  await load.grow(3);
  for (let at = 0; at < replicas.length; at++) {
    const old = replicas[at];
    replicas[at] = await start(database, to);
    await load.grow(3);
    await old?.kill("SIGTERM");
  }
  await load.grow(3);
  await load.stop();
  const [judge] = replicas;
  if (!judge) throw new Error("no replica");
  const losses = await countLosses(load.sessions, judge);
  const { acknowledged, unavailable, brokenOff, turnedAway, refused } = load.counts;
  const failed = unavailable + brokenOff + turnedAway;
  const schema = `${schemaBefore} to ${await schemaOf(database)}`;
  rows.push({ what, schema, answers: acknowledged, ...losses, refused, failed });
  expect({ lost: losses.lost, refused, failed }).toEqual({ lost: 0, refused: 0, failed: 0 });
  await Promise.all(replicas.map(({ stop }) => stop()));
}

it("upgrades under load with both versions running, and goes back, and nothing is lost", {
  timeout: 180_000,
}, async () => {
  const database = await createTestDatabase({ empty: true });
  await roll(database, before, THIS_VERSION, "to this version");
  await roll(database, THIS_VERSION, after, "to the version after");
  await roll(database, after, THIS_VERSION, "back to this version");
  expect(await schemaOf(database)).toBe(999);
  printResults("Replicas of two versions under load, each replaced in turn", rows);
});

it("this version serves the schema before its own, and byo migrate applies what is missing", {
  timeout: 60_000,
}, async () => {
  const database = await createTestDatabase({ empty: true });
  await (await start(database, before)).stop();
  const schema = await schemaOf(database);
  const kept = await start(database, THIS_VERSION, { MIGRATE_ON_START: "off", LOG_LEVEL: "info" });
  expect(kept.logText()).toContain("an older schema than this version");
  const { sessionToken } = await kept.run("CreateSession", { userId: "ada" });
  expect(await schemaOf(database)).toBe(schema);

  expect(await runByo(["keys", "list"], database.env)).toMatchObject({ code: 0 });
  expect(await runByo(["keys", "encryption", "status"], database.env)).toMatchObject({ code: 0 });
  const check = await runByo(["migrate", "--check"], database.env);
  expect(check).toMatchObject({ code: 2, stderr: expect.stringMatching(/^To be applied: the database is at \d{6}/) });
  expect(await schemaOf(database), "none of them has changed the schema").toBe(schema);

  expect(await runByo(["migrate"], database.env)).toMatchObject({ code: 0, stdout: check.stdout });
  expect(await schemaOf(database)).toBeGreaterThan(schema);
  expect(await runByo(["migrate", "--check"], database.env)).toMatchObject({ code: 0, stdout: "" });
  expect((await kept.command("ValidateSession", { sessionToken })).status).toBe(200);
  await kept.stop();
});

it("a version that cannot serve the schema says so, and changes nothing", { timeout: 60_000 }, async () => {
  const database = await createTestDatabase({ empty: true });
  const [first] = await readMigrations(THIS_VERSION.migrations);
  const empty = await runByo(["keys", "list"], database.env);
  expect(empty).toMatchObject({ code: 78, stderr: "byo: This database has no schema yet. Run: byo migrate\n" });
  expect(await database.sql("SELECT FROM pg_namespace WHERE nspname = 'byo'")).toEqual([]);

  const oldest = await makeVersion({ last: first?.version });
  expect(await runByo(["migrate"], database.env, oldest)).toMatchObject({ code: 0 });
  const needs = /^byo: This version cannot serve the database before migration \d+; it is at 1\. Run: byo migrate\n$/;
  expect(await runByo(["keys", "list"], database.env)).toMatchObject({
    code: 78,
    stderr: expect.stringMatching(needs),
  });
  await expect(start(database, THIS_VERSION, { MIGRATE_ON_START: "off" })).rejects.toThrow("Run: byo migrate");
  expect(await schemaOf(database)).toBe(1);

  await runByo(["migrate"], database.env);
  const tooNew = await runByo(["keys", "list"], database.env, oldest);
  expect(tooNew).toMatchObject({ code: 78, stderr: expect.stringContaining("after which this version cannot serve") });
});
