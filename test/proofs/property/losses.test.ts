import { afterAll, expect, it } from "vitest";
import { printResults, type ResultRow } from "../../harness/result-table.ts";
import { BrokenPromise, createLaboratory, explore, exploreInLanes } from "./laboratory.ts";
import { LOSS_MUTANTS } from "./loss-mutants.ts";
import { totalsTable } from "./totals.ts";

/** The rules of rotation where the database is put back again and again: restores, and failovers to a server that lags. */

const RUNS = 40;
/** The same histories each time: whether a bug is found must not depend on luck. */
const SEED = 20_261_127;
const rows: ResultRow[] = [];

it(`keeps every promise in ${RUNS} random histories with restores and failovers`, { timeout: 120_000 }, async () => {
  const start = performance.now();
  const totals = await exploreInLanes(2, RUNS, SEED, { isLossy: true });
  printResults("Random histories with restores and failovers", totalsTable(totals, performance.now() - start));
  expect(totals.runs).toBe(RUNS);
  expect(totals.restores).toBeGreaterThan(RUNS);
});

it.each(LOSS_MUTANTS)("finds a deliberate bug: $bug", { timeout: 120_000 }, async ({ bug, alteration }) => {
  const laboratory = await createLaboratory({ alteration, isLossy: true });
  const report = await explore(laboratory, { numRuns: 500, seed: SEED, endOnFailure: true });
  const error = report.errorInstance;
  const broken = error instanceof BrokenPromise ? [...new Set(error.violations.map(({ promise }) => promise))] : [];
  rows.push({
    "deliberate bug": bug,
    "found in run": report.failed ? report.numRuns : "never",
    "broken promises": broken.join("; "),
  });
  expect(error).toBeInstanceOf(BrokenPromise);
});

afterAll(() => printResults("Deliberate bugs about losses that the checker finds", rows));
