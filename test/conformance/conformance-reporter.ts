import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Reporter, TestModule } from "vitest/node";
import { type ConformanceResult, conformanceTable, isComplete } from "./conformance-table.ts";
import type { ConformanceMeta } from "./define-conformance.ts";

const FOLDER = "test/conformance/";

/** What the last whole run has shown, for `write-answers.ts`. */
export const RESULTS = fileURLToPath(new URL("../output/conformance.json", import.meta.url));

/** Prints which host meets which case, at the end of a run that had some. */
export default class ConformanceReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const results = modules.filter(({ relativeModuleId }) => relativeModuleId.startsWith(FOLDER)).flatMap(resultsOf);
    if (results.length === 0) return;
    console.log(`\nConformance\n${conformanceTable(results)}\n`);
    if (!isComplete(results)) return;
    mkdirSync(fileURLToPath(new URL("../output/", import.meta.url)), { recursive: true });
    writeFileSync(RESULTS, JSON.stringify(results, null, 2));
  }
}

function resultsOf(module: TestModule): ConformanceResult[] {
  return [...module.children.allTests()].flatMap((test) => {
    const { conformance }: { conformance?: ConformanceMeta } = test.meta();
    return conformance ? [{ ...conformance, passed: test.result().state === "passed" }] : [];
  });
}
