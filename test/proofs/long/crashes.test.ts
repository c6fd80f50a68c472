import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import { type ResultRow, resultTable, writeResults } from "../../harness/result-table.ts";
import { spawnTestSidecar } from "../../harness/spawned-sidecar.ts";
import { countLosses, LOAD_CONFIG, startLoad } from "../resilience/crashes/load.ts";
import { startPostgresServer } from "../resilience/crashes/postgres-processes.ts";
import { crashSidecar } from "../resilience/crashes/sidecar-crashes.ts";

const rows: ResultRow[] = [];

it.each([
  { database: "Postgres", crashes: 20 },
  { database: "embedded", crashes: 8 },
] as const)("loses nothing in $crashes crashes of the sidecar on $database", { timeout: 1_800_000 }, async (round) => {
  const { slowestRestartMs, brokenOff, refused, ...losses } = await crashSidecar(round.database, round.crashes);
  const what = `sidecar on ${round.database}, kill -9`;
  rows.push({ what, crashes: round.crashes, ...losses, refused, "slowest restart ms": slowestRestartMs });
  expect({ lost: losses.lost, refused }).toEqual({ lost: 0, refused: 0 });
  expect(brokenOff).toBeGreaterThan(0);
});

it("loses nothing in 15 crashes of Postgres", { timeout: 1_800_000 }, async () => {
  const crashes = 15;
  const postgres = await startPostgresServer();
  const env = { DATABASE_URL: postgres.url, LOG_LEVEL: "warn" };
  const sidecar = await spawnTestSidecar({ config: LOAD_CONFIG, env });
  const load = startLoad([sidecar]);
  let slowestMs = 0;
  for (let crash = 0; crash < crashes; crash++) {
    await load.grow(5);
    await postgres.killHard();
    await postgres.start();
    const start = performance.now();
    while ((await sidecar.get("/readyz")).status !== 200) await sleep(20);
    slowestMs = Math.max(slowestMs, Math.round(performance.now() - start));
  }
  await load.grow(5);
  await load.stop();
  const losses = await countLosses(load.sessions, sidecar);
  const { refused } = load.counts;
  rows.push({ what: "Postgres, kill -9", crashes, ...losses, refused, "slowest restart ms": slowestMs });
  expect({ lost: losses.lost, refused }).toEqual({ lost: 0, refused: 0 });
});

afterAll(async () => {
  await writeResults("crashes", "Crashes under load", [
    "24 users log in, visit until their token rotates, and log out, are revoked or stay, while a process is killed again " +
      "and again. Afterwards every login, rotation and end that was acknowledged is asked about. The restart of a sidecar " +
      "is the time until it is ready again: on the embedded database it waits for the lock of its predecessor, which " +
      "becomes stale in ten seconds; for Postgres it is the time from when the server answers until the sidecar is ready.",
    resultTable(rows),
  ]);
});
