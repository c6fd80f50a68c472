import { setTimeout as sleep } from "node:timers/promises";
import { requestsTo } from "../app-requests.ts";
import { clientOf } from "../drive.ts";
import { HEADERS } from "../load.ts";
import type { Options } from "../options.ts";
import { startApp } from "../processes.ts";
import type { Servers } from "../servers.ts";
import { median, quantile } from "../statistics.ts";

/**
 * How long a process that holds a session goes on serving it: from the sending of the revocation, so from before its
 * commit, to the arrival of the refusal.
 */
export interface Revocation {
  revocations: number;
  medianMs: number;
  p99Ms: number;
  latestMs: number;
  /** How many took this long, and longer than the one before. Those above the last were late. */
  histogram: { upToMs: number; revocations: number }[];
}

const UP_TO_MS = [2, 5, 10, 20, 50, 100, 200, 500, 1000];
/** Between two requests of the session. */
const PAUSE_MS = 1;

/**
 * Two sidecars on one database. An application process holds each session and is asked for it again and again; another
 * process, this one, revokes it at the other sidecar.
 */
export async function measureRevocation(servers: Servers, { revocations, profile }: Options): Promise<Revocation> {
  const other = await servers.startReplica();
  const { session, close } = clientOf(other, servers);
  const env = { BYO_URL: servers.sidecars.default.url, BYO_INTEGRATION_KEY: servers.integrationKey };
  const app = await startApp("byo.ts", env, { folder: profile, name: "revocation" });
  const requests = requestsTo(app.url);
  const tookMs: number[] = [];
  try {
    while (tookMs.length < revocations) tookMs.push(await revokeOne());
    const served = await requests.served();
    if (served < revocations) throw new Error(`expected each session to be held, but only ${served} requests were`);
  } finally {
    await requests.close();
    await app.stop();
    await close();
    await other.stop();
  }
  return {
    revocations,
    medianMs: median(tookMs),
    p99Ms: quantile(tookMs, 0.99),
    latestMs: Math.max(...tookMs),
    histogram: UP_TO_MS.map((upToMs, index) => ({
      upToMs,
      revocations: tookMs.filter((ms) => ms <= upToMs && ms > (UP_TO_MS[index - 1] ?? 0)).length,
    })),
  };

  async function revokeOne(): Promise<number> {
    const user = { userId: crypto.randomUUID(), userAgent: HEADERS["user-agent"], ipAddress: "127.0.0.1" };
    const { sessionId, sessionToken } = (await session.create(user)).getOrThrow();
    const cookie = `__Host-sessionToken=${sessionToken}`;
    await requests.statusOf(cookie);
    if ((await requests.statusOf(cookie)) !== 200) throw new Error("expected a session");
    const sentAt = performance.now();
    const revoked = session.invalidateById({ sessionId });
    while ((await requests.statusOf(cookie)) === 200) await sleep(PAUSE_MS);
    const ms = performance.now() - sentAt;
    (await revoked).getOrThrow();
    return ms;
  }
}
