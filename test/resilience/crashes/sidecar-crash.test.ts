import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { stopAfterFile } from "../../harness/leftovers.ts";
import { printResults, type ResultRow } from "../../harness/result-table.ts";
import { spawnTestSidecar } from "../../harness/spawned-sidecar.ts";
import { createTestDatabase } from "../../harness/test-database.ts";
import { countLosses, LOAD_CONFIG, startLoad, type ToldSession } from "./load.ts";

const rows: ResultRow[] = [];

afterAll(() => printResults("The sidecar is killed (kill -9) under load and started again", rows));

it.each([
  { database: "Postgres", crashes: 3 },
  // After a crash the lock of the embedded database becomes stale by itself in ten seconds.
  { database: "embedded", crashes: 2 },
])(
  "loses nothing acknowledged when the sidecar on $database crashes",
  { timeout: 150_000 },
  async ({ database, crashes }) => {
    const options = { database: await createTestDatabase(), config: LOAD_CONFIG, env: await environmentOf(database) };
    const told: ToldSession[] = [];
    let sidecar = await spawnTestSidecar(options);
    let slowestStartMs = 0;
    let refused = 0;
    let brokenOff = 0;
    for (let crash = 0; crash < crashes; crash++) {
      const load = startLoad([sidecar]);
      await load.grow(10);
      expect(await sidecar.kill("SIGKILL")).toEqual({ code: null, signal: "SIGKILL" });
      const start = performance.now();
      await load.stop();
      told.push(...load.sessions);
      refused += load.counts.refused;
      brokenOff += load.counts.brokenOff;
      sidecar = await spawnTestSidecar(options);
      slowestStartMs = Math.max(slowestStartMs, performance.now() - start);
    }
    const losses = await countLosses(told, sidecar);
    rows.push({
      database,
      crashes,
      ...losses,
      refused,
      "requests broken off": brokenOff,
      "slowest restart ms": Math.round(slowestStartMs),
    });
    expect(losses).toMatchObject({ lost: 0 });
    expect(refused).toBe(0);
    expect(brokenOff).toBeGreaterThan(0);
  },
);

async function environmentOf(database: string): Promise<Record<string, string | undefined>> {
  if (database === "Postgres") return { LOG_LEVEL: "warn" };
  const dataDir = await mkdtemp(join(tmpdir(), "byo-crash-"));
  stopAfterFile(() => rm(dataDir, { recursive: true, force: true }));
  return { LOG_LEVEL: "warn", DATABASE_URL: undefined, DATA_DIR: dataDir };
}
