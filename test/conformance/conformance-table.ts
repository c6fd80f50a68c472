import { resultTable } from "../harness/result-table.ts";
import type { ConformanceMeta } from "./define-conformance.ts";

export interface ConformanceResult extends ConformanceMeta {
  passed: boolean;
}

/** The hosts that a whole run has, in the order of the columns. */
export const HOSTS = [
  "Express 5",
  "Express 4",
  "Fastify 5",
  "Koa 3",
  "Koa 2",
  "Next 16 (proxy.ts)",
  "Next 16 (basePath, own server)",
  "Next 15 (middleware.ts)",
  "Next 15 (trailingSlash, middleware.ts on Node)",
];

export function isComplete(results: readonly ConformanceResult[]): boolean {
  return HOSTS.every((name) => results.some(({ host }) => host === name));
}

/** Cases by hosts; what a host cannot meet has a number, and below the table the reason. */
export function conformanceTable(results: readonly ConformanceResult[]): string {
  const hosts = HOSTS.filter((name) => results.some(({ host }) => host === name));
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
