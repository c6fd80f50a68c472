// Writes the table of docs/security.md from the last whole run of the project "security":
//   npm test -- --project security && node test/security/write-checklist.ts
import { readFileSync, writeFileSync } from "node:fs";
import { RESULTS } from "./checklist-reporter.ts";
import { checklistResults, type FinishedTest, markdownTable } from "./checklist-table.ts";

const DOCUMENT = new URL("../../docs/security.md", import.meta.url);
const START = "<!-- checklist: written by test/security/write-checklist.ts -->";
const END = "<!-- end of the checklist -->";

const finished: FinishedTest[] = JSON.parse(readFileSync(RESULTS, "utf8"));
const results = checklistResults(finished);
const open = results.filter(({ result }) => /FAILED/.test(result));
if (open.length > 0) {
  console.error(
    `Only a run that passed is written. Open: ${open.map(({ number, result }) => `${number} ${result}`).join(", ")}`,
  );
  process.exit(1);
}
const text = readFileSync(DOCUMENT, "utf8");
const [before, rest] = text.split(START);
const after = rest?.split(END)[1];
if (before === undefined || after === undefined)
  throw new Error(`docs/security.md: expected the lines ${START} and ${END}`);
writeFileSync(DOCUMENT, `${before}${START}\n\n${markdownTable(results)}\n\n${END}${after}`);
console.log(`docs/security.md: ${results.length} rows`);
