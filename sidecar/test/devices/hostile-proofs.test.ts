import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifySignedChallenge } from "../../src/devices/proof.ts";
import { type HostileProof, hostileProofs } from "./hostile-proofs.ts";

const SAMPLES = 100;
const CALLS_PER_SAMPLE = 3;
const CPU_MS_MAX = 1;

let fetches = 0;
const deadEnd = createServer((_request, response) => {
  fetches++;
  response.end();
});

beforeAll(async () => {
  deadEnd.listen(0, "127.0.0.1");
  await once(deadEnd, "listening");
});
afterAll(() => {
  deadEnd.close();
});

async function cpuMsOf({ proof, expected }: HostileProof): Promise<number> {
  const before = process.cpuUsage();
  await verifySignedChallenge(proof, expected);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/**
 * CPU of one refusal in milliseconds. A proof that is costly is costly each time, while the compiler and the garbage
 * collector of this process come and go: so the cheapest of some calls in a row is one sample.
 */
async function measureCpuMs(hostile: HostileProof): Promise<{ median: number; p99: number }> {
  const samples: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample++) {
    const inARow: number[] = [];
    for (let call = 0; call < CALLS_PER_SAMPLE; call++) inARow.push(await cpuMsOf(hostile));
    samples.push(Math.min(...inARow));
  }
  samples.sort((a, b) => a - b);
  const quantile = (q: number) => samples[Math.ceil(SAMPLES * q) - 1] ?? Number.NaN;
  return { median: quantile(0.5), p99: quantile(0.99) };
}

describe("hostile proofs", () => {
  it("are each refused with the right word, at under 1 ms of CPU at p99", async () => {
    const { port } = deadEnd.address() as AddressInfo;
    const table: Record<string, { "refused as": string; "median us": number; "p99 us": number }> = {};
    for (const hostile of hostileProofs(`http://127.0.0.1:${port}/jwks`)) {
      const check = await verifySignedChallenge(hostile.proof, hostile.expected);
      expect(check, hostile.name).toEqual({ ok: false, problem: hostile.problem });
      const cost = await measureCpuMs(hostile);
      expect(cost.p99, `CPU milliseconds of: ${hostile.name}`).toBeLessThan(CPU_MS_MAX);
      table[hostile.name] = {
        "refused as": hostile.problem,
        "median us": Math.round(cost.median * 1000),
        "p99 us": Math.round(cost.p99 * 1000),
      };
    }
    console.table(table);
    expect(Object.keys(table).length).toBeGreaterThan(120);
    expect(fetches, "URLs in a header that were followed").toBe(0);
  });
});
