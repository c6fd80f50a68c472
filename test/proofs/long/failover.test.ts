import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import { startHaproxy } from "../../harness/haproxy.ts";
import type { PostgresCluster } from "../../harness/postgres-cluster.ts";
import { createPostgresPair, rejoin } from "../../harness/postgres-pair.ts";
import { printResults, type ResultRow, resultTable, writeResults } from "../../harness/result-table.ts";
import { runSql } from "../../harness/run-sql.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";

const FAILOVERS = 20;
const ways: [string, (clusters: readonly PostgresCluster[]) => Promise<string>][] = [
  ["both servers in DATABASE_URL", async (clusters) => clusters.map(({ port }) => `127.0.0.1:${port}`).join(",")],
  ["haproxy in front of them", async (clusters) => `127.0.0.1:${await startHaproxy(clusters)}`],
];
const rows: ResultRow[] = [];

afterAll(async () => {
  printResults("Failovers of Postgres, with a synchronous standby", rows);
  await writeResults("failover", "Failovers of Postgres", [
    "The primary is killed under load, its synchronous standby promoted, and the old primary becomes the next standby.",
    resultTable(rows),
  ]);
});

it.each(ways)(`%s: ${FAILOVERS} failovers, and nothing is lost`, { timeout: 600_000 }, async (way, hostsFor) => {
  const { primary, standby, caughtUp } = await createPostgresPair();
  let [current, next]: [PostgresCluster, PostgresCluster] = [primary, standby];
  const url = `postgres://byo@${await hostsFor([primary, standby])}/postgres`;
  const sidecar = await startTestSidecar({ env: { DATABASE_URL: url, SESSION_CACHE: "off" } });
  await caughtUp();
  await setStandby(current, "*");
  const living: string[] = [];
  const ended: string[] = [];
  const others = new Map<number, number>();
  const outagesMs: number[] = [];
  for (let round = 0; round < FAILOVERS; round++) {
    const load = startLoad(sidecar, { living, ended, others });
    await sleep(400);
    const goneAtMs = performance.now();
    await current.kill();
    await runSql(next.urlOf("postgres"), "SELECT pg_promote()");
    while ((await sidecar.get("/readyz")).status !== 200) await sleep(20);
    outagesMs.push(performance.now() - goneAtMs);
    await sleep(400);
    await load.stop();
    for (const sessionToken of living) expect(await status(sidecar, sessionToken)).toBe(200);
    for (const sessionToken of ended) expect(await status(sidecar, sessionToken)).toBe(401);
    await rejoin(current, next);
    [current, next] = [next, current];
    await setStandby(current, "*");
  }
  const unexpected = [...others].filter(([code]) => code !== 503);
  expect(unexpected).toEqual([]);
  const sorted = outagesMs.sort((a, b) => a - b);
  rows.push({
    way,
    failovers: FAILOVERS,
    "logins kept": living.length,
    "ends kept": ended.length,
    lost: 0,
    "answered 503": others.get(503) ?? 0,
    "other errors": unexpected.length,
    "outage, median": `${Math.round(sorted[Math.floor(FAILOVERS / 2)] ?? 0)} ms`,
    "outage, longest": `${Math.round(sorted.at(-1) ?? 0)} ms`,
  });
});

async function status(sidecar: TestSidecar, sessionToken: string): Promise<number> {
  return (await sidecar.command("ValidateSession", { sessionToken })).status;
}

interface History {
  living: string[];
  ended: string[];
  /** Answers that were no success, by status. */
  others: Map<number, number>;
}

/** Logs users in and half of them out. Only what was answered with 200 counts. */
function startLoad(sidecar: TestSidecar, { living, ended, others }: History) {
  let isRunning = true;
  const count = (code: number) => others.set(code, (others.get(code) ?? 0) + 1);
  const workers = Array.from({ length: 4 }, async (_, worker) => {
    for (let turn = 0; isRunning; turn++) {
      const login = await sidecar.command("CreateSession", { userId: `user-${worker}-${turn}-${living.length}` });
      if (login.status !== 200) {
        count(login.status);
        await sleep(20);
        continue;
      }
      const sessionToken = String(login.body.sessionToken);
      if (turn % 2 === 0) {
        living.push(sessionToken);
        continue;
      }
      const end = await sidecar.command("InvalidateSessionByToken", { sessionToken });
      if (end.status === 200) ended.push(sessionToken);
      else count(end.status);
    }
  });
  return {
    async stop() {
      isRunning = false;
      await Promise.all(workers);
    },
  };
}

async function setStandby(cluster: PostgresCluster, names: string): Promise<void> {
  await runSql(cluster.urlOf("postgres"), `ALTER SYSTEM SET synchronous_standby_names = '${names}'`);
  await runSql(cluster.urlOf("postgres"), "SELECT pg_reload_conf()");
}
