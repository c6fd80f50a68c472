// Writes what all hosts answered in the last whole run, and the table of it:
//   npm run test:long -- --project conformance-fast-path-cache-off; node test/frameworks/conformance/write-answers.ts
import { readFileSync, writeFileSync } from "node:fs";
import { RESULTS } from "./conformance-reporter.ts";
import { type ConformanceResult, conformanceTable } from "./conformance-table.ts";

const ANSWERS = new URL("answers.json", import.meta.url);
const DOCUMENT = new URL("../../../docs/results/conformance.md", import.meta.url);

const results: ConformanceResult[] = JSON.parse(readFileSync(RESULTS, "utf8"));
const byCase = Map.groupBy(
  results.filter(({ cannot }) => cannot === undefined),
  (result) => result.case,
);
const different = [...byCase].filter(([, ofCase]) => new Set(ofCase.map(({ lines }) => lines.join("\n"))).size > 1);
for (const [name, ofCase] of different) {
  console.error(`${name}\n${ofCase.map(({ host, lines }) => `  ${host}\n    ${lines.join("\n    ")}`).join("\n")}`);
}
if (different.length > 0) process.exit(1);
const answers = [...byCase].map(([name, [first]]) => [name, first?.lines ?? []]);
writeFileSync(ANSWERS, `${JSON.stringify(Object.fromEntries(answers), null, 2)}\n`);
writeFileSync(
  DOCUMENT,
  `# Conformance

Every rule of the middleware as a case, run over real HTTP against the real sidecar. What each case is answered is the
same in every host: [answers.json](../../test/frameworks/conformance/answers.json). A dash is a case that a host cannot meet. This is
over the fast path; [the other ways to the sidecar](carriers.md) come to the same.

${conformanceTable(results)}
`,
);
console.log(`${answers.length} cases`);
