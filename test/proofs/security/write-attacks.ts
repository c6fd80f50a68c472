// Writes the table of docs/security.md from the last run that had all of its tests: npm test && node test/proofs/security/write-attacks.ts
import { readFileSync } from "node:fs";
import { attackTable, openTests } from "./attack-table.ts";
import { RESULTS } from "./attacks-reporter.ts";
import type { FinishedTest } from "./checklist-table.ts";
import { ATTACKS_PART } from "./documents.ts";
import { writePart } from "./written-part.ts";

const finished: FinishedTest[] = JSON.parse(readFileSync(RESULTS, "utf8"));
const open = openTests(finished);
if (open.length > 0) {
  console.error(`Only a run that passed is written. Open: ${open.map(({ name }) => name).join(", ")}`);
  process.exit(1);
}
writePart(ATTACKS_PART, attackTable(finished));
console.log(`${ATTACKS_PART.document}: written`);
