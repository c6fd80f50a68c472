import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { createLaboratory, explore, type Totals } from "./laboratory.ts";

const RUNS = 500;
let totals: Totals | undefined;
let tookMs = 0;

it("keeps every promise in 500 random histories on two sidecars", { timeout: 240_000 }, async () => {
  const laboratory = await createLaboratory();
  totals = laboratory.totals;
  const start = performance.now();
  const report = await explore(laboratory, { numRuns: RUNS });
  tookMs = performance.now() - start;
  console.log(fc.defaultReportMessage(report), report.errorInstance);
  expect(report.failed, `seed ${report.seed}, path ${report.counterexamplePath}`).toBe(false);
});

afterAll(() => {
  console.log(totals, tookMs);
});
