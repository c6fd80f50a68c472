import { afterAll, expect, it } from "vitest";
import { printResults, type ResultRow } from "../../harness/result-table.ts";
import { BrokenPromise, createLaboratory, explore } from "./laboratory.ts";
import { MUTANTS } from "./mutants.ts";

const RUNS = 500;
/** The same histories each time: whether a bug is found must not depend on luck. */
const SEED = 20_261_122;
const rows: ResultRow[] = [];

it.each(MUTANTS)("finds a deliberate bug: $bug", { timeout: 120_000 }, async ({ bug, alteration }) => {
  const laboratory = await createLaboratory({ alteration });
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

afterAll(() => printResults(`Deliberate bugs that the checker finds (${RUNS} runs at most)`, rows));
