import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import type { ResultRow } from "../../../harness/result-table.ts";
import { startTestReplicas, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { times } from "../fleet.ts";

const AT_ONCE = 50;
export const LIMIT_MS = 1000;
const POLL_MS = 20;
const CUT = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE application_name = 'byo-session listener' AND datname = current_database()`;

export interface Revocations {
  rows: ResultRow[];
  tries: number;
  /** For how long each was served that was served for over the limit. */
  lateMs: number[];
}

interface Try {
  refusedAtOnce: boolean;
  /** From the answer to the revocation until the last request that was still served was sent. */
  servedForMs: number;
}

/**
 * Two replicas that remember sessions: each of so many sessions is remembered by one, revoked on the other, and shown to
 * the first until it is refused. A fifth of them right after the connections were cut on which the replicas listen.
 */
export async function revokeRemembered(tries: number): Promise<Revocations> {
  const [here, there] = await startTestReplicas(2, { env: { SESSION_CACHE: "on" } });
  if (!here || !there) throw new Error("expected two sidecars");
  const made: Record<"heard" | "cut", Try[]> = { heard: [], cut: [] };
  for (let done = 0; done < tries; done += AT_ONCE) {
    const kind = done % (5 * AT_ONCE) === 0 ? "cut" : "heard";
    const logins = await Promise.all(times(AT_ONCE, () => here.run("CreateSession", { userId: crypto.randomUUID() })));
    const tokens = logins.map(({ sessionToken }) => sessionToken);
    await untilRemembered(there, tokens);
    if (kind === "cut") await here.sql(CUT);
    made[kind].push(...(await Promise.all(logins.map((login) => revoke(here, there, login)))));
  }
  const all = [...made.heard, ...made.cut];
  return {
    rows: [rowOf("while both listen", made.heard), rowOf("just after both lost their connection", made.cut)],
    tries: all.length,
    lateMs: all.map(({ servedForMs }) => servedForMs).filter((servedForMs) => servedForMs > LIMIT_MS),
  };
}

function rowOf(what: string, all: readonly Try[]): ResultRow {
  return {
    revocations: what,
    tries: all.length,
    "refused at once": all.filter(({ refusedAtOnce }) => refusedAtOnce).length,
    "served for ms at most": Math.round(Math.max(...all.map(({ servedForMs }) => servedForMs))),
    [`served for over ${LIMIT_MS} ms`]: all.filter(({ servedForMs }) => servedForMs > LIMIT_MS).length,
  };
}

async function hitsOf(sidecar: TestSidecar): Promise<number> {
  return (await sidecar.metrics()).get('byo_session_cache_total{answer="hit"}') ?? 0;
}

/** Validates all of them until each is answered by what is remembered. */
async function untilRemembered(sidecar: TestSidecar, tokens: readonly string[]): Promise<void> {
  for (const deadline = performance.now() + 20_000; performance.now() < deadline; await sleep(POLL_MS)) {
    const before = await hitsOf(sidecar);
    await Promise.all(tokens.map((sessionToken) => sidecar.run("ValidateSession", { sessionToken })));
    if ((await hitsOf(sidecar)) - before === tokens.length) return;
  }
  throw new Error("the other replica does not remember the sessions");
}

async function revoke(
  here: TestSidecar,
  there: TestSidecar,
  { sessionId, sessionToken }: { sessionId: string; sessionToken: string },
): Promise<Try> {
  await here.run("InvalidateSessionById", { sessionId });
  const revokedAt = performance.now();
  let servedForMs = -1;
  // Past ten times the limit it is late enough.
  while (servedForMs < 10 * LIMIT_MS) {
    const sentAt = performance.now();
    const { status } = await there.command("ValidateSession", { sessionToken });
    if (status === 401) break;
    expect(status).toBe(200);
    servedForMs = sentAt - revokedAt;
    await sleep(POLL_MS);
  }
  return { refusedAtOnce: servedForMs < 0, servedForMs: Math.max(0, servedForMs) };
}
