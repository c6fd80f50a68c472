import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "undici";
import { stopAfterFile } from "../../harness/leftovers.ts";
import { type SpawnedSidecar, spawnTestSidecar } from "../../harness/spawned-sidecar.ts";
import { createTestDatabase } from "../../harness/test-database.ts";
import { startBalancer } from "./balancer.ts";

export interface Soak {
  requests: number;
  /** Everything but 200 with the user's own id. */
  failures: string[];
  /** Each a minute's median of the resident memory, in MiB. */
  appMiB: number[];
  sidecarMiB: number[];
}

/** To try the soak itself: a "minute" of so many seconds. What that measures is not written down. */
const SHORTER_MINUTE_SECS = process.env.BYO_TEST_SOAK_MINUTE_SECS;
export const IS_SHORTENED: boolean = SHORTER_MINUTE_SECS !== undefined;
const MINUTE_MS = Number(SHORTER_MINUTE_SECS ?? 60) * 1000;
const SAMPLES = 60;
const USERS = 1000;
const CONNECTIONS = 32;
/** Short, so that the connection often moves, to the replica that is restarted too. */
const CONNECTION_AGE_SECS = "20";

/**
 * Keeps an application under full load on two replicas behind a balancer. One of them is restarted halfway through every
 * minute; the memory of the other one and of the application is watched.
 */
export async function soak(minutes: number): Promise<Soak> {
  const database = await createTestDatabase();
  const env = { LOG_LEVEL: "warn", CONNECTION_AGE_SECS };
  const watched = await spawnTestSidecar({ database, env });
  let restarted = await spawnTestSidecar({ database, env });
  const port = new URL(restarted.url).port;
  const balancer = await startBalancer([watched.url, restarted.url]);
  const app = await startApp(balancer.url, watched.integrationKey);
  const cookies = await logIn(watched);
  const result: Soak = { requests: 0, failures: [], appMiB: [], sidecarMiB: [] };
  let over = false;

  async function visit(index: number): Promise<void> {
    const answer = await app.pool.request({ method: "GET", path: "/me", headers: { cookie: cookies[index] ?? "" } });
    const text = await answer.body.text();
    if (answer.statusCode === 200 && text === `user-${index}`) return;
    throw new Error(`got ${answer.statusCode} ${text.slice(0, 200)}`);
  }

  const load = Array.from({ length: CONNECTIONS }, async (_, worker) => {
    for (let turn = worker; !over; turn += CONNECTIONS) {
      const index = turn % USERS;
      await visit(index).catch((error: unknown) => result.failures.push(`user-${index}: ${error}`));
      result.requests++;
    }
  });

  for (let minute = 0; minute < minutes; minute++) {
    const samples = sampleMinute([app.pid, watched.pid]);
    await sleep(MINUTE_MS / 2);
    await restarted.kill("SIGTERM");
    restarted = await spawnTestSidecar({ database, env: { ...env, PORT: port } });
    const [appMiB = 0, sidecarMiB = 0] = await samples;
    result.appMiB.push(appMiB);
    result.sidecarMiB.push(sidecarMiB);
  }
  over = true;
  await Promise.all(load);
  await app.pool.close();
  return result;
}

async function startApp(url: string, key: string): Promise<{ pid: number; pool: Pool }> {
  const child: ChildProcess = fork(join(import.meta.dirname, "soak-app.ts"), {
    env: { PATH: process.env.PATH, NODE_ENV: "production", BYO_URL: url, BYO_INTEGRATION_KEY: key },
    execArgv: ["--conditions=@byo-session/source"],
  });
  stopAfterFile(async () => void child.kill("SIGKILL"));
  const [port] = await once(child, "message");
  return { pid: child.pid ?? 0, pool: new Pool(`http://127.0.0.1:${port}`, { connections: CONNECTIONS }) };
}

async function logIn(sidecar: SpawnedSidecar): Promise<string[]> {
  const cookies: string[] = [];
  for (let index = 0; index < USERS; index++) {
    const { sessionToken } = await sidecar.run("CreateSession", { userId: `user-${index}` });
    cookies.push(`__Host-sessionToken=${sessionToken}`);
  }
  return cookies;
}

/** The medians of a minute. */
async function sampleMinute(pids: readonly number[]): Promise<number[]> {
  const samples = pids.map((): number[] => []);
  for (let sample = 0; sample < SAMPLES; sample++) {
    await sleep(MINUTE_MS / SAMPLES);
    for (const [index, pid] of pids.entries()) samples[index]?.push(residentMiB(pid));
  }
  return samples.map((values) => Math.round(values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0));
}

/** proc(5): in KiB. */
function residentMiB(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}
