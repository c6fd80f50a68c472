// Writes docs/results/security-checklist.md from the last whole run of the project "security":
//   npm run test:long -- --project security && node test/proofs/security/write-checklist.ts
import { readFileSync } from "node:fs";
import { RESULTS } from "./checklist-reporter.ts";
import { checklistResults, type FinishedTest, markdownTable } from "./checklist-table.ts";
import { CHECKLIST_PART } from "./documents.ts";
import { writePart } from "./written-part.ts";

const finished: FinishedTest[] = JSON.parse(readFileSync(RESULTS, "utf8"));
const results = checklistResults(finished);
const open = results.filter(({ result }) => /FAILED/.test(result));
if (open.length > 0) {
  console.error(
    `Only a run that passed is written. Open: ${open.map(({ number, result }) => `${number} ${result}`).join(", ")}`,
  );
  process.exit(1);
}
writePart(CHECKLIST_PART, markdownTable(results));
console.log(`${CHECKLIST_PART.document}: ${results.length} rows`);
