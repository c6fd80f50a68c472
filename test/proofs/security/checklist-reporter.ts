import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Reporter, TestModule } from "vitest/node";
import { checklistResults, type FinishedTest, isComplete, plainTable } from "./checklist-table.ts";

const FOLDER = "test/proofs/security/";

/** What the last whole run has shown, for `write-checklist.ts`. */
export const RESULTS = fileURLToPath(new URL("../../output/security-checklist.json", import.meta.url));

/** Prints the security checklist at the end of a run that had tests of it. */
export default class ChecklistReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const finished = modules
      .filter(({ relativeModuleId }) => relativeModuleId.startsWith(FOLDER))
      .flatMap(finishedTests);
    if (finished.length === 0) return;
    const results = checklistResults(finished);
    console.log(`\nSecurity checklist\n${plainTable(results)}\n`);
    if (!isComplete(results)) return;
    mkdirSync(fileURLToPath(new URL("../../output/", import.meta.url)), { recursive: true });
    writeFileSync(RESULTS, JSON.stringify(finished, null, 2));
  }
}

function finishedTests(module: TestModule): FinishedTest[] {
  return [...module.children.allTests()]
    .filter((test) => test.result().state !== "skipped")
    .map((test) => ({ name: test.name, file: module.relativeModuleId, passed: test.result().state === "passed" }));
}
