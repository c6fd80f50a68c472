import { expect, it } from "vitest";
import { printResults } from "../../../harness/result-table.ts";
import { BREAKS } from "./breaks.ts";
import { explore } from "./explore.ts";

/** The protocol of docs/held-answers.md, in random histories with clocks and networks of the test. */

/** Of these `test/proofs/long/held-answers.test.ts` runs 6,000. */
const HISTORIES = 300;
/** By then each deliberate break is found. */
const HISTORIES_OF_A_BREAK = 800;
/** The same histories each time: whether a bug is found must not depend on luck. */
const SEED = 20_261_127;

it(`serves nothing for over a second in ${HISTORIES} random histories`, { timeout: 120_000 }, async () => {
  const { row, violations } = await explore(HISTORIES, SEED);
  printResults("Held answers in random histories", [row]);
  expect(violations).toEqual([]);
});

it.each(BREAKS)("finds a deliberate break: $name", { timeout: 120_000 }, async ({ rules }) => {
  const { violations } = await explore(HISTORIES_OF_A_BREAK, SEED, rules);
  expect(violations).not.toEqual([]);
});
