import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { byo } from "../../harness/byo.ts";
import { stopAfterFile } from "../../harness/leftovers.ts";
import { createPostgresCluster, type PostgresCluster } from "../../harness/postgres-cluster.ts";
import { createPostgresPair, rejoin, untilCaughtUp } from "../../harness/postgres-pair.ts";
import { printResults } from "../../harness/result-table.ts";
import { runSql } from "../../harness/run-sql.ts";
import { type SpawnedSidecar, spawnTestSidecar } from "../../harness/spawned-sidecar.ts";
import type { TestSidecar } from "../../harness/test-sidecar.ts";

/** The runbook of docs/recovery.md with Postgres's own programs, and a failover to a standby that lags. */

const USERS = 20;
const FAILOVERS = 20;
/** So that rotations need no clock of the test. */
const CONFIG = { defaults: { rotation_interval_secs: 1, rotation_grace_secs: 1 } };
const ENV = { ENCRYPTION_KEY: Buffer.alloc(32, 5).toString("base64"), SESSION_CACHE: "on" };
const LATER_MS = 2100;

it("pg_dump, on, pg_restore, byo recover: the honest stay, the dead stay dead", { timeout: 300_000 }, async () => {
  const cluster = await createPostgresCluster("oldest");
  stopAfterFile(() => cluster.destroy());
  const env = { ...ENV, DATABASE_URL: cluster.urlOf("postgres") };
  const first = await spawnTestSidecar({ config: CONFIG, env });
  const users = await logInUsers(first);
  const since = new Date().toISOString();
  const dump = join(await temporaryFolder(), "byo.dump");
  await program("pg_dump", cluster, "--format=custom", `--file=${dump}`);
  const { tokens, ended } = await goOn(first, users);
  await first.kill("SIGTERM");
  const events = await fileOf(first.logText());

  await program("pg_restore", cluster, "--clean", "--if-exists", dump);
  const recovered = await byo({ ...env }, "recover", "--since", since, "--events", events, "--yes");
  expect(recovered).toMatchObject({ code: 0, stderr: expect.stringContaining(`${ended.length} sessions end.`) });
  const second = await spawnTestSidecar({ config: CONFIG, env });
  for (const token of tokens) expect(await wordOf(second, token)).toBe("200");
  for (const token of ended) expect(await wordOf(second, token)).toBe("Revoked");
});

it(`${FAILOVERS} failovers to a standby that lags: the honest stay, and byo recover ends what had ended`, {
  timeout: 900_000,
}, async () => {
  const { primary, standby } = await createPostgresPair();
  let [current, next] = [primary, standby];
  const hosts = [primary, standby].map(({ port }) => `127.0.0.1:${port}`).join(",");
  const env = { ...ENV, DATABASE_URL: `postgres://byo@${hosts}/postgres` };
  const sidecar = await spawnTestSidecar({ config: CONFIG, env });
  const outagesMs: number[] = [];
  const counts = { kept: 0, ended: 0 };
  for (let round = 0; round < FAILOVERS; round++) {
    const users = await logInUsers(sidecar);
    await untilCaughtUp(current, next);
    const since = new Date().toISOString();
    await stopFollowing(next);
    const { tokens, ended } = await goOn(sidecar, users);
    const goneAtMs = performance.now();
    await current.kill();
    await runSql(next.urlOf("postgres"), "SELECT pg_promote()");
    while ((await sidecar.get("/readyz")).status !== 200) await sleep(20);
    outagesMs.push(performance.now() - goneAtMs);

    for (const token of tokens) expect(await wordOf(sidecar, token)).toBe("200");
    // Remembered as living, as the new primary says.
    for (const token of ended) expect(await wordOf(sidecar, token)).toBe("200");
    const events = await fileOf(sidecar.logText());
    expect(await byo(env, "recover", "--since", since, "--events", events, "--yes")).toMatchObject({ code: 0 });
    for (const token of ended) expect(await wordOf(sidecar, token)).toBe("Revoked");
    for (const token of tokens) expect(await wordOf(sidecar, token)).toBe("200");
    counts.kept += tokens.length;
    counts.ended += ended.length;
    await rejoin(current, next);
    [current, next] = [next, current];
    while ((await sidecar.get("/readyz")).status !== 200) await sleep(20);
  }
  const sorted = outagesMs.sort((a, b) => a - b);
  printResults("Failovers of Postgres to a standby that had not got the last changes", [
    {
      failovers: FAILOVERS,
      "newer tokens kept": counts.kept,
      "logged out": 0,
      "ends true again": counts.ended,
      "ends lost": 0,
      "outage, median": `${Math.round(sorted[Math.floor(FAILOVERS / 2)] ?? 0)} ms`,
      "outage, longest": `${Math.round(sorted.at(-1) ?? 0)} ms`,
    },
  ]);
});

it("a restore below running sidecars: what they remember does not count", { timeout: 300_000 }, async () => {
  const cluster = await createPostgresCluster("oldest");
  stopAfterFile(() => cluster.destroy());
  const env = { ...ENV, DATABASE_URL: cluster.urlOf("postgres") };
  const sidecar = await spawnTestSidecar({ config: CONFIG, env });
  const dump = join(await temporaryFolder(), "byo.dump");
  await program("pg_dump", cluster, "--format=custom", `--file=${dump}`);
  const { sessionToken } = await sidecar.run("CreateSession", { userId: "late" });
  expect(await wordOf(sidecar, sessionToken)).toBe("200");
  expect(await wordOf(sidecar, sessionToken)).toBe("200");
  await program("pg_restore", cluster, "--clean", "--if-exists", "--single-transaction", dump);
  await sleep(1000);
  expect(await wordOf(sidecar, sessionToken)).toBe("NotFound");
});

interface User {
  sessionId: string;
  token: string;
}

function logInUsers(sidecar: TestSidecar): Promise<User[]> {
  const logins = Array.from({ length: USERS }, async (_, index) => {
    const { sessionId, sessionToken } = await sidecar.run("CreateSession", { userId: `user-${index}` });
    return { sessionId, token: sessionToken };
  });
  return Promise.all(logins);
}

/** Half of the users rotate twice; the sessions of the others are revoked. */
async function goOn(sidecar: SpawnedSidecar, users: readonly User[]): Promise<{ tokens: string[]; ended: string[] }> {
  const [stay, go] = [users.slice(0, USERS / 2), users.slice(USERS / 2)];
  for (const { sessionId } of go) await sidecar.run("InvalidateSessionById", { sessionId });
  let tokens = stay.map(({ token }) => token);
  for (let rotation = 0; rotation < 2; rotation++) {
    await sleep(LATER_MS);
    tokens = await Promise.all(tokens.map((token) => rotated(sidecar, token)));
  }
  return { tokens, ended: go.map(({ token }) => token) };
}

async function rotated(sidecar: TestSidecar, sessionToken: string): Promise<string> {
  const { newSessionToken } = await sidecar.run("ValidateAndRefreshSession", { sessionToken });
  if (newSessionToken === undefined) throw new Error("expected a successor");
  await sidecar.run("ValidateSession", { sessionToken: newSessionToken });
  return newSessionToken;
}

async function wordOf(sidecar: TestSidecar, sessionToken: string): Promise<string> {
  const { status, body } = await sidecar.command("ValidateSession", { sessionToken });
  return status === 401 ? String(body.details) : String(status);
}

/** It loses its primary, and nobody notices. */
async function stopFollowing(standby: PostgresCluster): Promise<void> {
  const url = standby.urlOf("postgres");
  await runSql(url, "ALTER SYSTEM SET primary_conninfo = ''");
  await runSql(url, "SELECT pg_reload_conf()");
  while ((await runSql(url, "SELECT pid FROM pg_stat_wal_receiver")).length > 0) await sleep(50);
}

/** Debian's package postgresql-client has these. If they are missing, the test fails. */
async function program(name: "pg_dump" | "pg_restore", cluster: PostgresCluster, ...args: string[]): Promise<void> {
  await promisify(execFile)(name, [...args, `--dbname=${cluster.urlOf("postgres")}`]);
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "byo-recovery-"));
  stopAfterFile(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function fileOf(text: string): Promise<string> {
  const path = join(await temporaryFolder(), "sidecars.log");
  await writeFile(path, text);
  return path;
}
