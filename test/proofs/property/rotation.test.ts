import { expect, it } from "vitest";
import { printResults } from "../../harness/result-table.ts";
import { exploreInLanes } from "./laboratory.ts";
import { totalsTable } from "./totals.ts";

/** Of these `test/proofs/long/rotation.test.ts` runs 20,000. */
const RUNS = 80;
/** The same seed everywhere, so that a failure is about the change under test; the long run explores further. */
const SEED = 20_261_122;

it(`keeps every promise in ${RUNS} random histories on two sidecars`, { timeout: 300_000 }, async () => {
  const start = performance.now();
  const totals = await exploreInLanes(2, RUNS, SEED);
  printResults("Random histories on two sidecars and one Postgres", totalsTable(totals, performance.now() - start));
  expect(totals.runs).toBe(RUNS);
  // The scenarios must reach what they are about.
  expect(totals.confirmations).toBeGreaterThan(RUNS);
  expect(totals.lockWaits).toBeGreaterThan(RUNS / 4);
  expect(totals.ends).toMatchObject({ TokenReused: expect.any(Number), LoggedOut: expect.any(Number) });
  expect(totals.unavailable).toBeLessThan(totals.requests / 100);
});
