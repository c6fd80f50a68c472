import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Reporter, TestModule } from "vitest/node";
import { writeResults } from "../../harness/result-table.ts";
import { carriersTable, isMatrix } from "./carriers-table.ts";
import { type ConformanceResult, conformanceTable, isComplete } from "./conformance-table.ts";
import type { ConformanceMeta } from "./define-conformance.ts";

const FOLDER = "test/frameworks/conformance/";

/** The results of the last complete run, for `write-answers.ts`. */
export const RESULTS = fileURLToPath(new URL("../../output/conformance.json", import.meta.url));

/** Prints which host meets which case, at the end of a run that had some. */
export default class ConformanceReporter implements Reporter {
  async onTestRunEnd(modules: readonly TestModule[]): Promise<void> {
    const results = modules.filter(({ relativeModuleId }) => relativeModuleId.startsWith(FOLDER)).flatMap(resultsOf);
    const settings = Map.groupBy(results, ({ setting }) => setting);
    const usual = settings.get("fast path") ?? [];
    if (usual.length > 0) console.log(`\nConformance\n${conformanceTable(usual)}\n`);
    if (settings.size > (usual.length > 0 ? 1 : 0)) console.log(`\nCases that are met\n${carriersTable(results)}\n`);
    if (isMatrix(results)) await writeMatrix(results);
    if (!isComplete(usual)) return;
    mkdirSync(fileURLToPath(new URL("../../output/", import.meta.url)), { recursive: true });
    writeFileSync(RESULTS, JSON.stringify(usual, null, 2));
  }
}

function resultsOf(module: TestModule): ConformanceResult[] {
  return [...module.children.allTests()].flatMap((test) => {
    const { conformance }: { conformance?: ConformanceMeta } = test.meta();
    return conformance ? [{ ...conformance, passed: test.result().state === "passed" }] : [];
  });
}

async function writeMatrix(results: readonly ConformanceResult[]): Promise<void> {
  await writeResults("carriers", "Conformance by each way to the sidecar", [
    "Every case of the [conformance](conformance.md) on PostgreSQL 18, with the sidecar reached by the fast path and by " +
      "`POST /run-command`, and with its session cache off and on. Each case is answered the same in all of them. What a " +
      "host cannot meet is named there; it is run here too, and must differ.",
    carriersTable(results),
  ]);
}
