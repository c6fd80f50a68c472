import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Reporter, TestModule } from "vitest/node";
import type { ConformanceMeta } from "../../frameworks/conformance/define-conformance.ts";
import { isOfAttacks, openTests } from "./attack-table.ts";
import type { FinishedTest } from "./checklist-table.ts";

/** The results of the last run that had all tests of the attacks, for `write-attacks.ts`. */
export const RESULTS = fileURLToPath(new URL("../../output/attacks.json", import.meta.url));

/** Keeps what a whole run shows of the attacks, and says which it shows no longer. */
export default class AttacksReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const finished = modules.flatMap(finishedTests).filter(isOfAttacks);
    const failed = finished.filter(({ passed }) => !passed);
    if (failed.length > 0) console.log(`\nAttacks that get further than docs/security.md says\n${namesOf(failed)}\n`);
    if (openTests(finished).length > 0) return;
    mkdirSync(fileURLToPath(new URL("../../output/", import.meta.url)), { recursive: true });
    writeFileSync(RESULTS, JSON.stringify(finished, null, 2));
  }
}

function namesOf(tests: readonly FinishedTest[]): string {
  return tests.map(({ file, name }) => `${file}: ${name}`).join("\n");
}

function finishedTests(module: TestModule): FinishedTest[] {
  return [...module.children.allTests()]
    .filter((test) => test.result().state !== "skipped" && !isBeyondItsHost(test.meta()))
    .map((test) => ({ name: test.fullName, file: module.relativeModuleId, passed: test.result().state === "passed" }));
}

/** A case that its host cannot meet passes by failing. */
function isBeyondItsHost({ conformance }: { conformance?: ConformanceMeta }): boolean {
  return conformance?.cannot !== undefined;
}
