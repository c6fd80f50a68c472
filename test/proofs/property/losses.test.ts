import { expect, it } from "vitest";
import { printResults } from "../../harness/result-table.ts";
import { BrokenPromise, createLaboratory, explore, exploreInLanes } from "./laboratory.ts";
import { LOSS_MUTANTS } from "./loss-mutants.ts";
import { totalsTable } from "./totals.ts";

/**
 * The rules of rotation where the database is put back again and again: restores, and failovers to a server that lags.
 * The long run has more histories, and all deliberate bugs.
 */

const RUNS = 20;
const SEED = 20_261_127;

it(`keeps every promise in ${RUNS} random histories with restores and failovers`, { timeout: 120_000 }, async () => {
  const start = performance.now();
  const totals = await exploreInLanes(2, RUNS, SEED, { isLossy: true });
  printResults("Random histories with restores and failovers", totalsTable(totals, performance.now() - start));
  expect(totals.runs).toBe(RUNS);
  expect(totals.restores).toBeGreaterThan(RUNS);
});

it("finds a deliberate bug there", { timeout: 120_000 }, async () => {
  const [mutant] = LOSS_MUTANTS;
  const laboratory = await createLaboratory({ alteration: mutant?.alteration, isLossy: true });
  const report = await explore(laboratory, { numRuns: 100, seed: SEED, endOnFailure: true });
  expect(report.errorInstance).toBeInstanceOf(BrokenPromise);
});
