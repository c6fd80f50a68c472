import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { startExample } from "../../../frameworks/live/example-program.ts";
import { CHROME_ON_LINUX } from "../../../harness/browser-client.ts";
import type { ResultRow } from "../../../harness/result-table.ts";
import { type SpawnedSidecar, spawnTestSidecar } from "../../../harness/spawned-sidecar.ts";
import { createTestDatabase } from "../../../harness/test-database.ts";
import { times } from "../fleet.ts";
import { type Failover, startFailover } from "./failover.ts";

export const LIMIT_MS = 1000;
const MANY = { defaults: { max_concurrent_sessions_per_user: 20 } };
const OPENED_AT_ONCE = 20;
/** Every socket has its session pushed by then. */
const SETTLING_MS = 1000;

/** Two replicas on one Postgres, each with an app of its own: `ws` on Express, as docs/live.md has it. */
export interface Stage {
  readonly replicas: readonly [SpawnedSidecar, SpawnedSidecar];
  /** Between the first app and its replica. */
  readonly failover: Failover;
  readonly apps: readonly [string, string];
  stop(): Promise<void>;
}

export async function setStage(): Promise<Stage> {
  const database = await createTestDatabase();
  const start = () => spawnTestSidecar({ database, config: MANY, env: { LOG_LEVEL: "warn", SESSION_CACHE: "on" } });
  const replicas = [await start(), await start()] as const;
  const failover = await startFailover(replicas[0].url);
  const apps = [
    await startExample("express-ws.ts", { ...replicas[0], url: failover.url }),
    await startExample("express-ws.ts", replicas[1]),
  ] as const;
  const all = [...apps, ...replicas];
  return {
    ...{ replicas, failover, apps: [apps[0].url, apps[1].url] },
    stop: async () => void (await Promise.all(all.map((each) => each.stop()))),
  };
}

export interface User {
  readonly userId: string;
  readonly cookies: readonly string[];
}

export async function logIn(by: SpawnedSidecar, sessions: number): Promise<User> {
  const userId = crypto.randomUUID();
  const create = () => by.run("CreateSession", { userId, userAgent: CHROME_ON_LINUX });
  const made = await Promise.all(times(sessions, create));
  return { userId, cookies: made.map(({ sessionToken }) => `__Host-sessionToken=${sessionToken}`) };
}

export interface OpenSocket {
  readonly userId: string;
  /** When it was closed by the app, by this process's steady clock. */
  closedAtMs: number | undefined;
  closing: string | undefined;
}

/** Opens so many sockets of each user, spread over their sessions and the apps. */
export async function openSockets(
  users: readonly User[],
  each: number,
  apps: readonly string[],
): Promise<OpenSocket[]> {
  const wanted = users.flatMap((user) => times(each, (index) => ({ user, index })));
  const opened: OpenSocket[] = [];
  for (let from = 0; from < wanted.length; from += OPENED_AT_ONCE) {
    const part = wanted.slice(from, from + OPENED_AT_ONCE);
    opened.push(...(await Promise.all(part.map(({ user, index }) => openSocket(user, index, apps)))));
  }
  await sleep(SETTLING_MS);
  return opened;
}

/** Again where a busy machine let the opening fail: what is looked at is the closing. */
async function openSocket(user: User, index: number, apps: readonly string[], triesLeft = 3): Promise<OpenSocket> {
  try {
    return await tryToOpen(user, index, apps);
  } catch (error) {
    if (triesLeft === 0) throw error;
    await sleep(SETTLING_MS);
    return openSocket(user, index, apps, triesLeft - 1);
  }
}

async function tryToOpen({ userId, cookies }: User, index: number, apps: readonly string[]): Promise<OpenSocket> {
  const app = apps[index % apps.length] ?? "";
  // Every session has sockets at each of the apps.
  const cookie = cookies[Math.floor(index / apps.length) % cookies.length] ?? "";
  const ws = new WebSocket(app, { headers: { cookie, "user-agent": CHROME_ON_LINUX } });
  const socket: OpenSocket = { userId, closedAtMs: undefined, closing: undefined };
  ws.on("close", (code, reason) => {
    socket.closedAtMs = performance.now();
    socket.closing = `${code} ${reason}`;
  });
  await once(ws, "message");
  return socket;
}

/** Ends all sessions of the user by that replica; gives how long after its answer each of the sockets was closed. */
export async function logOutEverywhere(
  userId: string,
  by: SpawnedSidecar,
  sockets: readonly OpenSocket[],
): Promise<number[]> {
  const own = sockets.filter((socket) => socket.userId === userId);
  await by.run("InvalidateAllSessionsForUser", { userId });
  const atMs = performance.now();
  while (own.some(({ closedAtMs }) => closedAtMs === undefined) && performance.now() - atMs < 10 * LIMIT_MS) {
    await sleep(5);
  }
  return own.map(({ closedAtMs }) => Math.max(0, (closedAtMs ?? Number.POSITIVE_INFINITY) - atMs));
}

const BUCKETS_MS = [5, 10, 25, 50, 100, 250, 500, LIMIT_MS] as const;

export function rowOf(what: string, afterMs: readonly number[]): ResultRow {
  const sorted = afterMs.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN);
  const buckets = BUCKETS_MS.map((limitMs) => [`≤ ${limitMs} ms`, sorted.filter((ms) => ms <= limitMs).length]);
  return {
    "all sessions of a user are ended": what,
    sockets: sorted.length,
    median: at(0.5),
    "99 %": at(0.99),
    latest: at(1),
    ...Object.fromEntries(buckets),
  };
}
