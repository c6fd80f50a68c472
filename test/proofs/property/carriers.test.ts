import { expect, it } from "vitest";
import { printResults } from "../../harness/result-table.ts";
import { BrokenPromise, createLaboratory, explore, exploreInLanes } from "./laboratory.ts";
import { MUTANTS } from "./mutants.ts";
import { totalsTable } from "./totals.ts";

/** The rules of rotation where commands come by the wire: the long run has both carriers, with the session cache too. */

const RUNS = 40;
const SEED = 20_261_122;

it(`keeps every promise in ${RUNS} random histories over the fast path`, { timeout: 120_000 }, async () => {
  const start = performance.now();
  const { inFrames, remembered: _none, ...totals } = await exploreInLanes(2, RUNS, SEED, { carrier: "frames" });
  printResults(
    `Random histories over the fast path, ${inFrames} commands in frames`,
    totalsTable(totals, performance.now() - start),
  );
  expect(totals.confirmations).toBeGreaterThan(RUNS);
  // The login is one more.
  expect(inFrames).toBe(totals.requests + totals.runs);
});

it("finds a deliberate bug there too", { timeout: 120_000 }, async () => {
  const [mutant] = MUTANTS.filter(({ bug }) => bug === "a successor is answered and not stored");
  const laboratory = await createLaboratory({ carrier: "frames", alteration: mutant?.alteration });
  const report = await explore(laboratory, { numRuns: RUNS, seed: SEED, endOnFailure: true });
  expect(report.errorInstance).toBeInstanceOf(BrokenPromise);
});
