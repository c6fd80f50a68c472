import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { beforeAll, expect, it, vi } from "vitest";
import { IS_LONG } from "../../../harness/is-long.ts";
import { stopAfterFile } from "../../../harness/leftovers.ts";
import { createPostgresCluster, type PostgresCluster } from "../../../harness/postgres-cluster.ts";
import { runSql } from "../../../harness/run-sql.ts";
import type { CommandAnswer } from "../../../harness/sidecar-client.ts";
import { startTcpProxy } from "../../../harness/tcp-proxy.ts";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { times } from "../fleet.ts";

const SOON = { timeout: 10_000, interval: 50 };
/** In which every command is answered, whatever the database does. */
const ANSWER_LIMIT_MS = 5000;
const CUTTING_MS = IS_LONG ? 60_000 : 3000;
/** Of a client between two logins: without it they take all that the processors have. */
const PAUSE_MS = IS_LONG ? 0 : 20;
const CLIENTS = 6;
/** `npm test` has the first of each. */
const some = <T>(cases: readonly T[]) => (IS_LONG ? cases : cases.slice(0, 1));
let cluster: PostgresCluster;

beforeAll(async () => {
  cluster = await createPostgresCluster("newest");
  stopAfterFile(() => cluster.destroy());
});

const admin = <Row extends object>(sql: string) => runSql<Row>(cluster.urlOf("postgres"), sql);

/** A database of its own, whose owner is a role with few rights. */
async function ownDatabase(name: string): Promise<string> {
  await admin(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await admin(`DROP ROLE IF EXISTS ${name}`);
  await admin(`CREATE ROLE ${name} LOGIN`);
  await admin(`CREATE DATABASE ${name} OWNER ${name}`);
  const url = new URL(cluster.urlOf(name));
  url.username = name;
  return url.href;
}

/** So that statements take as long as the test wants. */
async function lockSessions(url: string): Promise<{ unlock: () => Promise<void> }> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query("BEGIN; LOCK TABLE byo.sessions");
  return { unlock: () => client.end() };
}

const logIns = (sidecar: TestSidecar, count: number) =>
  Promise.all(times(count, () => sidecar.command("CreateSession", { userId: crypto.randomUUID() })));
const statusesOf = (answers: readonly CommandAnswer[]) => [...new Set(answers.map(({ status }) => status))].sort();

it.each(
  some([
    ["role", "ALTER ROLE role_limit CONNECTION LIMIT 4"],
    ["database", "ALTER DATABASE database_limit CONNECTION LIMIT 4"],
  ]),
)("a %s that allows fewer connections than the pool: the start says so, and all are served", async (of, limit) => {
  const DATABASE_URL = await ownDatabase(`${of}_limit`);
  await admin(limit);
  const sidecar = await startTestSidecar({ env: { DATABASE_URL, SESSION_CACHE: "on" } });
  expect(sidecar.logText()).toContain("allows fewer connections than this replica alone may open");
  const locked = await lockSessions(cluster.urlOf(`${of}_limit`));
  // Each on a connection of its own, which logins at the same time are not.
  const lists = Promise.all(times(20, (at) => sidecar.command("FetchAllSessionsForUser", { userId: `user-${at}` })));
  await vi.waitFor(() => expect(sidecar.logText()).toContain("requests wait for those that it has"), SOON);
  await locked.unlock();
  expect(statusesOf(await lists)).toEqual([200]);
  await sidecar.stop();
});

it.each(
  some([
    [
      "has no free connection",
      "ROLE away_1 CONNECTION LIMIT 0",
      "ROLE away_1 CONNECTION LIMIT -1",
      "has no connection left",
    ],
    ["lets the role in no more", "ROLE away_2 NOLOGIN", "ROLE away_2 LOGIN", "refuses the user"],
    [
      "has closed the database",
      "DATABASE away_3 ALLOW_CONNECTIONS false",
      "DATABASE away_3 ALLOW_CONNECTIONS true",
      "not",
    ],
  ]),
)(
  "a server that %s for a while: 503 in time, the reason is said, and all works again",
  async (_, away, back, reason) => {
    const name = /away_\d/.exec(away)?.[0] ?? "";
    const sidecar = await startTestSidecar({ env: { DATABASE_URL: await ownDatabase(name), SESSION_CACHE: "off" } });
    expect(sidecar.logText()).not.toContain("allows fewer connections");
    await admin(`ALTER ${away}`);
    await admin(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${name}'`);
    const startMs = performance.now();
    await vi.waitFor(async () => expect(statusesOf(await logIns(sidecar, 20))).toEqual([503]), SOON);
    expect(performance.now() - startMs).toBeLessThan(ANSWER_LIMIT_MS);
    expect((await sidecar.get("/readyz")).text).toContain("the database does not answer");
    const said = sidecar.logText().split("\n");
    expect(said.filter((line) => line.includes("DATABASE_URL cannot be reached: "))).toEqual([
      expect.stringContaining(reason),
    ]);
    await admin(`ALTER ${back}`);
    await vi.waitFor(async () => expect(statusesOf(await logIns(sidecar, 20))).toEqual([200]), SOON);
    expect(sidecar.logText()).toContain("the database can be reached again");
    await sidecar.stop();
  },
);

it(`connections that are ended all the time for ${CUTTING_MS / 1000} s: only what was on them fails, and none is left over`, {
  timeout: CUTTING_MS + 60_000,
}, async () => {
  const DATABASE_URL = await ownDatabase("cut");
  const sidecar = await startTestSidecar({ env: { DATABASE_URL, SESSION_CACHE: "on" } });
  const counts = { cut: 0, served: 0, failed: 0 };
  const others: unknown[] = [];
  let isOver = false;
  const clients = times(CLIENTS, async () => {
    while (!isOver) {
      // Another user each time: a limit of sessions would end those whose client is slow.
      const login = await sidecar.command("CreateSession", { userId: crypto.randomUUID() });
      const { sessionToken } = login.body;
      const answers = [login, await sidecar.command("ValidateSession", { sessionToken: String(sessionToken) })];
      for (const { status, body } of login.status === 200 ? answers : [login]) {
        if (status === 200) counts.served++;
        else if (status === 503) counts.failed++;
        else others.push({ status, body });
      }
      await sleep(PAUSE_MS);
    }
  });
  for (const endMs = performance.now() + CUTTING_MS; performance.now() < endMs; await sleep(400)) {
    // The one that listens, and the one that is in use for the longest time.
    const ended = await admin(`SELECT pg_terminate_backend(pid) FROM (
      (SELECT pid FROM pg_stat_activity WHERE datname = 'cut' AND application_name = 'byo-session listener')
      UNION ALL (SELECT pid FROM pg_stat_activity WHERE datname = 'cut' AND application_name = 'byo-session'
                 ORDER BY backend_start LIMIT 1)) AS chosen`);
    counts.cut += ended.length;
  }
  isOver = true;
  await Promise.all(clients);
  expect(others).toEqual([]);
  expect(counts.cut).toBeGreaterThan(5);
  expect(counts.served).toBeGreaterThan(counts.cut);
  // One connection carries what several clients ask at the same time.
  expect(counts.failed).toBeLessThanOrEqual(CLIENTS * counts.cut);
  await vi.waitFor(async () => expect((await sidecar.metrics()).get("byo_session_notifications_heard")).toBe(1), SOON);
  const left = await admin<{ of: string; count: number }>(
    `SELECT application_name AS of, count(*)::integer FROM pg_stat_activity WHERE datname = 'cut' GROUP BY 1 ORDER BY 1`,
  );
  expect(left).toEqual([
    { of: "byo-session", count: expect.any(Number) },
    { of: "byo-session listener", count: 1 },
  ]);
  expect(left[0]?.count).toBeLessThanOrEqual(10);
  await sidecar.stop();
});

it.runIf(IS_LONG)(
  "a slow server: each is answered in time, and nothing is left waiting",
  { timeout: 60_000 },
  async () => {
    const url = new URL(await ownDatabase("slow"));
    const proxy = await startTcpProxy(Number(url.port));
    url.port = String(proxy.port);
    const sidecar = await startTestSidecar({ env: { DATABASE_URL: url.href, SESSION_CACHE: "off" } });
    const { sessionId } = await sidecar.run("CreateSession", { userId: "ada" });
    // Each statement then takes 300 ms.
    proxy.delay(150);
    const startMs = performance.now();
    const answers = await Promise.all(
      times(150, (at) => sidecar.command("UpdateSession", { sessionId, newMetadata: { at } })),
    );
    expect(performance.now() - startMs).toBeLessThan(ANSWER_LIMIT_MS + 2000);
    expect(statusesOf(answers)).toContain(503);
    // Those that nobody waits for any more must not be worked off first.
    const nextMs = performance.now();
    expect(statusesOf(await logIns(sidecar, 1))).toEqual([200]);
    expect(performance.now() - nextMs).toBeLessThan(3000);
    expect((await sidecar.metrics()).get("byo_database_waiting")).toBe(0);
    proxy.delay(0);
    await vi.waitFor(async () => expect(statusesOf(await logIns(sidecar, 20))).toEqual([200]), SOON);
    await sidecar.stop();
  },
);
