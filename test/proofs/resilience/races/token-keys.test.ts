import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { verifyStatelessToken } from "@byo-session/core/stateless";
import { afterAll, expect, it } from "vitest";
import { IS_LONG } from "../../../harness/is-long.ts";
import { printResults, type ResultRow } from "../../../harness/result-table.ts";
import { startTestReplicas, type TestSidecar } from "../../../harness/test-sidecar.ts";

const RUN_MS = 12_000;
const ROTATE_EVERY_MS = 1500;
const LIFETIME_SECS = 3;
/** Verifiers ask for an unknown key at most once a second: a key that signs later than that is known to all of them. */
const LEAD_SECS = 1;
const MAKERS = 6;
/** Between two tokens of one maker. Without it they take all that the processors have, all the time. */
const PAUSE_MS = IS_LONG ? 0 : 30;
/** Tokens this near to their end may be refused or not: two clocks are read. */
const UNSURE_MS = 300;

const rows: ResultRow[] = [];
afterAll(() => printResults("Stateless tokens while their keys rotate: two replicas, two verifiers", rows));

interface Made {
  token: string;
  endMs: number;
}

it("no token is refused while its time lasts, and none is accepted after", { timeout: 60_000 }, async () => {
  const env = { ENCRYPTION_KEY: randomBytes(32).toString("base64") };
  const replicas = await startTestReplicas(2, { env });
  const verifiers = replicas.map(({ url }) => `${url}/.well-known/jwks.json`);
  const replica = (at: number): TestSidecar => {
    const found = replicas[at % replicas.length];
    if (!found) throw new Error("no replica");
    return found;
  };
  const pool: Made[] = [];
  const keyIds = new Set<unknown>();
  const counts = { made: 0, accepted: 0, refused: 0 };
  const wrong: string[] = [];
  const endMs = Date.now() + RUN_MS;

  /** At every verifier, so that each meets every key, whichever replica signed and whichever it asks. */
  async function judge({ token, endMs }: Made): Promise<void> {
    for (const jwksUrl of verifiers) {
      const startMs = Date.now();
      const code = await verifyStatelessToken(token, { jwksUrl }).then(
        () => "accepted" as const,
        (error: { code: string }) => error.code,
      );
      const isSure = startMs > endMs + UNSURE_MS || Date.now() < endMs - UNSURE_MS;
      if (!isSure) continue;
      const isOver = startMs > endMs;
      // Its key may be gone with it.
      const rightly: string[] = isOver ? ["ERR_STATELESS_TOKEN_EXPIRED", "ERR_STATELESS_TOKEN_INVALID"] : ["accepted"];
      if (rightly.includes(code)) counts[isOver ? "refused" : "accepted"]++;
      else wrong.push(`${code} ${endMs - startMs} ms before its end`);
    }
  }

  async function makeTokens(at: number): Promise<void> {
    for (let turn = at; Date.now() < endMs; turn++) {
      const data = { userId: "ada", lifetimeSecs: LIFETIME_SECS };
      const { statelessToken: token, expiresAt } = await replica(turn).run("CreateStatelessToken", data);
      const made = { token, endMs: expiresAt * 1000 };
      counts.made++;
      keyIds.add(JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()).kid);
      pool.push(made);
      await judge(made);
      await sleep(PAUSE_MS);
    }
  }

  async function showAgain(): Promise<void> {
    while (Date.now() < endMs) {
      const made = pool[Math.floor(Math.random() * pool.length)];
      if (made) await judge(made);
      await sleep(made ? PAUSE_MS : 10);
    }
  }

  async function rotate(): Promise<number> {
    let rotations = 0;
    for (; Date.now() < endMs; rotations++) {
      await sleep(ROTATE_EVERY_MS);
      await replica(rotations).run("RotateStatelessTokenKey", {
        secsBeforeNewKeyBecomesDefault: LEAD_SECS,
        secsBeforeExistingKeysAreDeactivated: LEAD_SECS + LIFETIME_SECS,
      });
    }
    return rotations;
  }

  const makers = Array.from({ length: MAKERS }, (_, at) => makeTokens(at));
  const [rotations] = await Promise.all([rotate(), showAgain(), showAgain(), ...makers]);
  rows.push({ rotations, keys: keyIds.size, ...counts, wrong: wrong.length });
  expect(wrong).toEqual([]);
  expect(keyIds.size).toBeGreaterThanOrEqual(rotations - 2);
  expect(rotations).toBeGreaterThan(4);
  expect(Math.min(counts.accepted, counts.refused)).toBeGreaterThan(50);

  // Both replicas give the same keys, and after an emergency no key of before.
  const keysOf = ({ run }: TestSidecar) => run("GetJwks", {});
  await replica(0).run("RotateStatelessTokenKey", {
    secsBeforeNewKeyBecomesDefault: 0,
    secsBeforeExistingKeysAreDeactivated: 0,
  });
  const [here, there] = await Promise.all([keysOf(replica(0)), keysOf(replica(1))]);
  expect(here.keys).toHaveLength(1);
  expect(there).toEqual(here);
  const last = await replica(1).run("CreateStatelessToken", { userId: "ada" });
  for (const address of verifiers) {
    // A verifier that begins now.
    const jwksUrl = `${address}?after-the-emergency`;
    await verifyStatelessToken(last.statelessToken, { jwksUrl });
    const living = pool.at(-1)?.token ?? "";
    await expect(verifyStatelessToken(living, { jwksUrl })).rejects.toMatchObject({
      code: "ERR_STATELESS_TOKEN_INVALID",
    });
  }
});
