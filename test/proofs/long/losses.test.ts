import { afterAll, expect, it } from "vitest";
import { printResults, type ResultRow } from "../../harness/result-table.ts";
import { BrokenPromise, createLaboratory, explore, exploreInLanes } from "../property/laboratory.ts";
import { LOSS_MUTANTS } from "../property/loss-mutants.ts";
import { totalsTable } from "../property/totals.ts";

/** As in the short run, with new histories each time, and with the deliberate bugs. */

const RUNS = 500;
/** Whether a bug is found must not depend on luck. */
const SEED = 20_261_127;
const rows: ResultRow[] = [];

it.each([false, true])(
  "keeps every promise in histories with losses; session cache: %s",
  {
    timeout: 900_000,
  },
  async (remembers) => {
    const start = performance.now();
    const totals = await exploreInLanes(2, RUNS, Date.now(), { isLossy: true, remembers });
    printResults("Random histories with restores and failovers", totalsTable(totals, performance.now() - start));
    expect(totals.restores).toBeGreaterThan(RUNS);
  },
);

it.each(LOSS_MUTANTS)("finds a deliberate bug: $bug", { timeout: 300_000 }, async ({ bug, alteration }) => {
  const laboratory = await createLaboratory({ alteration, isLossy: true });
  const report = await explore(laboratory, { numRuns: RUNS, seed: SEED, endOnFailure: true });
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
