import { writeFile } from "node:fs/promises";
import { arch, cpus, platform } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { spawnTestSidecar } from "../../../harness/spawned-sidecar.ts";
import { type ProcessMemory, processMemory } from "../../security/process-memory.ts";
import { countRows, flood, randomTokens, wrongSecretsFor } from "../../security/token-flood.ts";

const RANDOM_TOKENS = 1_000_000;
const WRONG_SECRETS = 100_000;
const MINUTE_MS = 60_000;
/** A fast machine continues until there are enough minutes to compare; a slow one stops at a limit. */
const MIN_MINUTES = 4;
const MAX_MINUTES = 25;
const SAMPLE_EVERY_MS = 1000;
const MAX_ROWS = 1000;
const MAX_GROWTH = 1.1;
const RESULTS = new URL("../../../../docs/results/flood.md", import.meta.url);

it("57 a million invented tokens leave memory flat and the database as it was", {
  timeout: (MAX_MINUTES + 5) * MINUTE_MS,
}, async () => {
  const sidecar = await spawnTestSidecar();
  const { sessionToken } = await sidecar.run("CreateSession", { userId: "ada" });
  const rowsBefore = await countRows(sidecar);
  const start = performance.now();
  const elapsedMs = () => performance.now() - start;
  const isOver = () => elapsedMs() > MAX_MINUTES * MINUTE_MS;

  const minutes: ProcessMemory[][] = [];
  let over = false;
  const watch = (async () => {
    while (!over) {
      const minute = Math.floor(elapsedMs() / MINUTE_MS);
      const samples = minutes[minute] ?? [];
      samples.push(await processMemory(sidecar));
      minutes[minute] = samples;
      await sleep(SAMPLE_EVERY_MS);
    }
  })();

  let sent = 0;
  const send = async (tokens: typeof randomTokens, count: number) => {
    const answered = await flood(sidecar, { tokens, count, isOver });
    expect([...answered.keys()].every((status) => status === 200 || status === 401)).toBe(true);
    const total = [...answered.values()].reduce((sum, n) => sum + n, 0);
    sent += total;
    return total;
  };
  const wrong = await send(wrongSecretsFor(sessionToken), WRONG_SECRETS);
  let random = await send(randomTokens, RANDOM_TOKENS);
  while (!isOver() && elapsedMs() < MIN_MINUTES * MINUTE_MS) random += await send(randomTokens, 10_000);
  const secs = elapsedMs() / 1000;
  over = true;
  await watch;
  await sleep(1500);

  const rows = (await countRows(sidecar)) - rowsBefore;
  // The minute that the end cut off has too few samples to speak for itself.
  const means = minutes.filter((samples) => samples.length >= 15).map(summary);
  const growth = (means.at(-1)?.resident ?? Number.NaN) / (means[1]?.resident ?? Number.NaN);
  await writeFile(RESULTS, report({ random, wrong, secs, rows, means, growth }));

  expect(sent).toBeGreaterThanOrEqual(RANDOM_TOKENS + WRONG_SECRETS);
  expect(rows).toBeLessThan(MAX_ROWS);
  expect(growth).toBeLessThanOrEqual(MAX_GROWTH);
  expect((await sidecar.command("ValidateSession", { sessionToken })).status).toBe(200);
});

/** The mean of the one, the least of the other. */
function summary(samples: readonly ProcessMemory[]): ProcessMemory {
  return {
    resident: samples.reduce((sum, { resident }) => sum + resident, 0) / samples.length,
    heapUsed: Math.min(...samples.map(({ heapUsed }) => heapUsed)),
  };
}

interface Measured {
  random: number;
  wrong: number;
  secs: number;
  rows: number;
  means: ProcessMemory[];
  growth: number;
}

function report({ random, wrong, secs, rows, means, growth }: Measured): string {
  const count = (n: number) => n.toLocaleString("en-US");
  const mib = (bytes: number) => (bytes / 2 ** 20).toFixed(1);
  const table = means.map(({ resident, heapUsed }, at) => `| ${at + 1} | ${mib(resident)} | ${mib(heapUsed)} |`);
  return `# A flood of invented tokens

Written by \`npm run test:long\`: a sidecar as a process of its own on Postgres 18, validations and logouts over HTTP from
50 connections, client addresses and user agents that never repeat. Half of the invented tokens have the form of a token,
so each of those costs a look into the database. ${cpus().length} processors for the sidecar, Postgres and the flood
together, ${platform()} ${arch()}, Node ${process.versions.node}.

| | measured | bound |
| --- | --- | --- |
| invented tokens | ${count(random)} | at least ${count(RANDOM_TOKENS)} |
| wrong secrets for one session's id | ${count(wrong)} | at least ${count(WRONG_SECRETS)} |
| requests a second | ${count(Math.round((random + wrong) / secs))} | |
| new rows in all tables | ${count(rows)} | under ${count(MAX_ROWS)} |
| memory of the last minute, by that of the second | ${growth.toFixed(3)} | at most ${MAX_GROWTH} |

The memory of the process in each minute: what it has of the machine (RSS, on average), and the least that was in use in
its heap. The first grows until V8 has the room for garbage that it wants; the second is what is held.

| minute | RSS, MiB | least in use, MiB |
| --- | --- | --- |
${table.join("\n")}

The session whose id was used is valid after it.
`;
}
