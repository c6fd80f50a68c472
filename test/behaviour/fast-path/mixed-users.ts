import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import { byoSession } from "@byo-session/express";
import express from "express";
import { Pool } from "undici";
import { serve } from "../../harness/serve.ts";
import type { SpawnedSidecar } from "../../harness/spawned-sidecar.ts";
import { startTcpProxy } from "../../harness/tcp-proxy.ts";

/** The results of all users' requests. */
export interface Mixing {
  /** 200 with the user's own session. */
  own: number;
  /** Answers with another user's session, or without one: there must be none. */
  wrong: string[];
  /** 503: the application's deadline for the sidecar had passed, or the connection was broken. */
  unavailable: number;
  /** The user's browser went away before the answer. */
  aborted: number;
  /** No answer at all from a running application: there must be none of these either. */
  unanswered: string[];
}

export interface MixingOptions {
  sidecar: SpawnedSidecar;
  users: number;
  rounds: number;
  seed: number;
  /** The connections to the sidecar are broken so often. */
  cutEveryMs: number;
}

/** From too short for a busy sidecar to what is usual. */
const TIMEOUTS_MS = [5, 25, 100, 2000];
const UNDER_WAY = 200;
/** So few that none waits for as long as a sidecar works on one. */
const LOGINS_AT_ONCE = 20;
const MAX_PATIENCE_MS = 40;

/**
 * Many users at once on a few applications, each with another deadline, behind a network that breaks; a third of the
 * browsers go away at some moment. Every answer that does arrive is compared with who asked.
 */
export async function mixUsers({ sidecar, users, rounds, seed, cutEveryMs }: MixingOptions): Promise<Mixing> {
  const random = createRandom(seed);
  const proxy = await startTcpProxy(Number(new URL(sidecar.url).port));
  const url = `http://127.0.0.1:${proxy.port}`;
  const apps = await Promise.all(TIMEOUTS_MS.map((timeoutMs) => startApp(url, sidecar.integrationKey, timeoutMs)));
  const userIds = Array.from({ length: users }, (_, index) => `user-${index}`);
  const tokens = await logIn(sidecar, userIds);
  const mixing: Mixing = { own: 0, wrong: [], unavailable: 0, aborted: 0, unanswered: [] };

  async function visit(userId: string): Promise<void> {
    const app = apps[Math.floor(random() * apps.length)];
    const signal = random() < 1 / 3 ? AbortSignal.timeout(Math.ceil(random() * MAX_PATIENCE_MS)) : undefined;
    try {
      const headers = { cookie: `__Host-sessionToken=${tokens.get(userId)}` };
      const answer = await app?.request({ method: "GET", path: "/me", headers, ...(signal && { signal }) });
      const text = await answer?.body.text();
      if (answer?.statusCode === 503) mixing.unavailable++;
      else if (answer?.statusCode === 200 && text === userId) mixing.own++;
      else mixing.wrong.push(`${userId} got ${answer?.statusCode} ${text}`);
    } catch (error) {
      if (signal?.aborted) mixing.aborted++;
      else mixing.unanswered.push(`${userId}: ${inspect(error)}`);
    }
  }

  let isOver = false;
  async function visitAll(): Promise<void> {
    for (let round = 0; round < rounds; round++) await inParallel(UNDER_WAY, shuffled(userIds, random), visit);
    isOver = true;
  }
  async function breakConnections(): Promise<void> {
    while (!isOver) {
      await sleep(cutEveryMs);
      await proxy.cut();
      await proxy.restore();
    }
  }
  await Promise.all([visitAll(), breakConnections()]);
  await Promise.all(apps.map((app) => app.close()));
  return mixing;
}

async function startApp(url: string, integrationKey: string, timeoutMs: number): Promise<Pool> {
  const app = express();
  app.use(byoSession({ url, integrationKey, timeoutMs }));
  app.get("/me", (req, res) => {
    res.send(req.session?.userId ?? "nobody");
  });
  const served = await serve(app);
  // On a busy machine a connection rests for longer than Node's five seconds, and would be closed under a request.
  served.server.keepAliveTimeout = 120_000;
  return new Pool(served.url, { connections: UNDER_WAY });
}

async function logIn(sidecar: SpawnedSidecar, userIds: readonly string[]): Promise<Map<string, string>> {
  const tokens = new Map<string, string>();
  await inParallel(LOGINS_AT_ONCE, userIds, async (userId) => {
    tokens.set(userId, (await sidecar.run("CreateSession", { userId })).sessionToken);
  });
  return tokens;
}

async function inParallel(
  atOnce: number,
  items: readonly string[],
  work: (item: string) => Promise<void>,
): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

function shuffled(items: readonly string[], random: () => number): string[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

/** The same numbers for the same seed (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
