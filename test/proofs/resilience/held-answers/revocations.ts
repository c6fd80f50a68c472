import { setTimeout as sleep } from "node:timers/promises";
import type { ResultRow } from "../../../harness/result-table.ts";
import { type SpawnedSidecar, spawnTestSidecar } from "../../../harness/spawned-sidecar.ts";
import { startTcpProxy, type TcpProxy } from "../../../harness/tcp-proxy.ts";
import { createTestDatabase } from "../../../harness/test-database.ts";
import { times } from "../fleet.ts";
import { type HoldingApp, startHoldingApp } from "./apps.ts";

export const LIMIT_MS = 1000;
const AT_ONCE = 10;
const POLL_MS = 2;
const CUT = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE application_name = 'byo-session listener' AND datname = current_database()`;

export interface Revocations {
  rows: ResultRow[];
  tries: number;
  /** For how long each was served that was served for over the limit. */
  lateMs: number[];
}

/** Of one session at one application, from the answer to the revocation. */
interface Try {
  /** Until the last request that was still served was sent; 0: none was. */
  servedForMs: number;
  /** Until a refusal had arrived. */
  refusedAfterMs: number;
}

interface Stage {
  apps: readonly HoldingApp[];
  /** That of the first application, and another one. */
  left: SpawnedSidecar;
  right: SpawnedSidecar;
  /** Between the first application and its replica. */
  proxy: TcpProxy;
}

/** What is broken just before sessions are revoked on the other replica, and repaired when all have been refused. */
const TROUBLES: readonly { name: string; share: number; begin?(stage: Stage): unknown; end?(stage: Stage): unknown }[] =
  [
    { name: "nothing", share: 0.55 },
    { name: "LISTEN cut on both replicas", share: 0.15, begin: ({ left }) => left.sql(CUT) },
    {
      name: "the replica frozen by SIGSTOP",
      share: 0.15,
      begin: ({ left }) => process.kill(left.pid, "SIGSTOP"),
      end: ({ left }) => process.kill(left.pid, "SIGCONT"),
    },
    {
      name: "the network to the replica drops everything",
      share: 0.15,
      begin: ({ proxy }) => proxy.freeze(),
      end: ({ proxy }) => proxy.thaw(),
    },
  ];

/**
 * Two replicas on Postgres as processes, and an application at each: every session is held by both applications, revoked
 * on the second replica, and shown to both until they refuse it.
 */
export async function revokeHeld(tries: number): Promise<Revocations> {
  const database = await createTestDatabase();
  const env = { LOG_LEVEL: "warn", SESSION_CACHE: "on", CONNECTION_AGE_SECS: "86400" };
  const [left, right] = await Promise.all([spawnTestSidecar({ database, env }), spawnTestSidecar({ database, env })]);
  const proxy = await startTcpProxy(Number(new URL(left.url).port));
  const apps = await Promise.all(
    [`http://127.0.0.1:${proxy.port}`, right.url].map((url) => startHoldingApp(url, left.integrationKey)),
  );
  const stage: Stage = { apps, left, right, proxy };
  const rows: ResultRow[] = [];
  const all: Try[] = [];
  for (const trouble of TROUBLES) {
    const made: Try[] = [];
    while (made.length < tries * trouble.share * apps.length) {
      const sessions = await logInAndHold(stage);
      await trouble.begin?.(stage);
      const revoked = await (trouble.begin ? atOnce : oneByOne)(sessions, (session) => revoke(stage, session));
      await trouble.end?.(stage);
      made.push(...revoked.flat());
    }
    rows.push(rowOf(trouble.name, made, apps.length));
    all.push(...made);
  }
  return {
    rows,
    tries: all.length / apps.length,
    lateMs: all.map(({ servedForMs }) => servedForMs).filter((servedForMs) => servedForMs > LIMIT_MS),
  };
}

function atOnce<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  return Promise.all(items.map(work));
}

/** So that the time of one is not that of ten. */
async function oneByOne<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}

interface Login {
  sessionId: string;
  sessionToken: string;
}

/** Logs users in, and shows the sessions until every application answers each of them itself. */
async function logInAndHold({ right, apps }: Stage): Promise<Login[]> {
  const logins = await Promise.all(times(AT_ONCE, () => right.run("CreateSession", { userId: crypto.randomUUID() })));
  for (const app of apps) {
    for (const deadline = performance.now() + 20_000; ; await sleep(20)) {
      const before = (await app.counts()).served;
      await Promise.all(logins.map(({ sessionToken }) => app.visit(sessionToken)));
      if ((await app.counts()).served - before >= logins.length) break;
      if (performance.now() > deadline) throw new Error(`not held: ${JSON.stringify(await app.counts())}`);
    }
  }
  return logins;
}

async function revoke({ right, apps }: Stage, { sessionId, sessionToken }: Login): Promise<Try[]> {
  await right.run("InvalidateSessionById", { sessionId });
  const revokedAt = performance.now();
  return Promise.all(apps.map((app) => untilRefused(app, sessionToken, revokedAt)));
}

async function untilRefused(app: HoldingApp, token: string, revokedAt: number): Promise<Try> {
  let servedForMs = 0;
  // Past ten times the limit it is late enough.
  while (servedForMs < 10 * LIMIT_MS) {
    const sentAt = performance.now();
    if ((await app.visit(token)) !== 200) break;
    servedForMs = sentAt - revokedAt;
    await sleep(POLL_MS);
  }
  return { servedForMs, refusedAfterMs: performance.now() - revokedAt };
}

function rowOf(broken: string, all: readonly Try[], apps: number): ResultRow {
  const refusedAfter = all.map(({ refusedAfterMs }) => refusedAfterMs).sort((a, b) => a - b);
  return {
    "what is broken": broken,
    revocations: all.length / apps,
    "refused at once": all.filter(({ servedForMs }) => servedForMs === 0).length,
    "median ms to the refusal": Number((refusedAfter[Math.floor(refusedAfter.length / 2)] ?? 0).toFixed(1)),
    "served for ms at most": Math.round(Math.max(...all.map(({ servedForMs }) => servedForMs))),
    [`served for over ${LIMIT_MS} ms`]: all.filter(({ servedForMs }) => servedForMs > LIMIT_MS).length,
  };
}
