import { Pool } from "undici";
import { expect, it } from "vitest";
import { spawnTestSidecar } from "../harness/spawned-sidecar.ts";

const AT_ONCE = 10;
const WARM_UP = 2000;
const MEASURED = 5000;
/** What is aimed at on an idle machine. Asserted with slack: tests share their processors with others. */
const AIM_MS = 3;
const ASSERTED_MS = 30;

it(`validation through /run-command on Postgres: p50 under ${AIM_MS} ms at ${AT_ONCE} at once`, {
  timeout: 120_000,
}, async () => {
  const sidecar = await spawnTestSidecar();
  const sessions = await Promise.all(
    Array.from({ length: 100 }, (_, at) => sidecar.run("CreateSession", { userId: `user-${at}` })),
  );
  const pool = new Pool(sidecar.url, { connections: AT_ONCE });
  const headers = { authorization: `Bearer ${sidecar.integrationKey}`, "content-type": "application/json" };

  async function measure(count: number): Promise<number[]> {
    const durations: number[] = [];
    let next = 0;
    const worker = async () => {
      while (next < count) {
        const data = { sessionToken: sessions[next++ % sessions.length]?.sessionToken };
        const body = JSON.stringify({ command: "ValidateSession", data });
        const start = performance.now();
        const answer = await pool.request({ method: "POST", path: "/run-command", headers, body });
        await answer.body.dump();
        durations.push(performance.now() - start);
        expect(answer.statusCode).toBe(200);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return durations.sort((a, b) => a - b);
  }

  await measure(WARM_UP);
  const start = performance.now();
  const durations = await measure(MEASURED);
  const perSec = MEASURED / ((performance.now() - start) / 1000);
  await pool.close();
  const at = (share: number) => durations[Math.floor(durations.length * share)] ?? Number.NaN;
  const percentiles = [0.5, 0.9, 0.99].map((share) => `p${share * 100} ${at(share).toFixed(2)} ms`).join(", ");
  console.log(
    `latency of one validation, ${AT_ONCE} at once: ${percentiles}; ${perSec.toFixed(0)}/s (aim: p50 under ${AIM_MS} ms)`,
  );
  expect(at(0.5)).toBeLessThan(ASSERTED_MS);
});
