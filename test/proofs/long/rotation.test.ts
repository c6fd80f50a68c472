import { randomInt } from "node:crypto";
import { expect, it } from "vitest";
import { resultTable, writeResults } from "../../harness/result-table.ts";
import { exploreInLanes } from "../property/laboratory.ts";
import { totalsTable } from "../property/totals.ts";

const RUNS = 20_000;

it(`keeps every promise in ${RUNS} random histories on two sidecars`, { timeout: 7_200_000 }, async () => {
  const start = performance.now();
  const totals = await exploreInLanes(4, RUNS, randomInt(2 ** 30));
  const tookMs = performance.now() - start;
  expect(totals.runs).toBe(RUNS);
  expect(totals.unavailable).toBeLessThan(totals.requests / 100);
  await writeResults("rotation", `${RUNS} random histories of a session`, [
    "Two sidecars on one PostgreSQL 18 server. Each history is a session of its own with random requests, parallel and " +
      "broken off, lost and late answers, browser crashes, a thief, logouts, revocations and the passing of time, half " +
      "of them with a session that is bound to a device; the " +
      "order in which the statements of overlapping requests reach the database is random too. Every history is checked " +
      "against the promises in `test/proofs/property/promises.ts`.",
    resultTable(totalsTable(totals, tookMs)),
  ]);
});
