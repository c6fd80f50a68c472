import { readdirSync } from "node:fs";
import { resultTable } from "../../harness/result-table.ts";
import type { ConformanceMeta } from "./define-conformance.ts";

export interface ConformanceResult extends ConformanceMeta {
  passed: boolean;
}

/** In the order of the columns. */
export function hostsOf(results: readonly ConformanceResult[]): string[] {
  return [...new Set(results.map(({ host }) => host))].sort();
}

/** Whether every host was run: each has a test file. */
export function isComplete(results: readonly ConformanceResult[]): boolean {
  const files = readdirSync(new URL(".", import.meta.url)).filter((name) => name.endsWith(".test.ts"));
  return hostsOf(results).length === files.length;
}

/** Cases by hosts; what a host cannot meet has a number, and below the table the reason. */
export function conformanceTable(results: readonly ConformanceResult[]): string {
  const hosts = hostsOf(results);
  const reasons: string[] = [];
  const numberOf = (reason: string) => {
    if (!reasons.includes(reason)) reasons.push(reason);
    return reasons.indexOf(reason) + 1;
  };
  const cell = (result: ConformanceResult | undefined) => {
    if (!result) return "not run";
    if (!result.passed) return "FAILED";
    return result.cannot === undefined ? "✓" : `– (${numberOf(result.cannot)})`;
  };
  const rows = [...Map.groupBy(results, (result) => result.case)].map(([name, ofCase]) => ({
    case: name.replaceAll("|", "\\|"),
    ...Object.fromEntries(hosts.map((host) => [host, cell(ofCase.find((result) => result.host === host))])),
  }));
  const notes = reasons.map((reason, index) => `${index + 1}. ${reason}`);
  return [resultTable(rows), ...(notes.length > 0 ? [notes.join("\n")] : [])].join("\n\n");
}
