import { expect, it } from "vitest";
import { printResults } from "../../harness/result-table.ts";
import { BrokenPromise, createLaboratory, explore, exploreInLanes } from "./laboratory.ts";
import { totalsTable } from "./totals.ts";

/** The rules of rotation where both sidecars remember sessions. */

const RUNS = 60;
/** The same histories each time: whether a bug is found must not depend on luck. */
const SEED = 20_261_122;

it(`keeps every promise in ${RUNS} random histories with the session cache`, { timeout: 120_000 }, async () => {
  const start = performance.now();
  const { remembered, ...totals } = await exploreInLanes(2, RUNS, SEED, { remembers: true });
  printResults(
    `Random histories with the session cache; ${remembered} times it had the session`,
    totalsTable(totals, performance.now() - start),
  );
  expect(totals.runs).toBe(RUNS);
  expect(totals.confirmations).toBeGreaterThan(RUNS);
  expect(remembered).toBeGreaterThan(RUNS);
});

it("finds a deliberate bug: what one sidecar changes is not told to the other", { timeout: 120_000 }, async () => {
  const laboratory = await createLaboratory({ remembers: true, isDeaf: true });
  const report = await explore(laboratory, { numRuns: RUNS, seed: SEED, endOnFailure: true });
  expect(report.errorInstance).toBeInstanceOf(BrokenPromise);
});
