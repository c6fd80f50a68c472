import { mkdir, writeFile } from "node:fs/promises";
import { chartOf } from "./chart.ts";
import { reportOf } from "./report.ts";
import { JSON_FILE, type Results } from "./results.ts";

const REPORT_FILE = "performance.md";
const CHART_FILE = "performance.svg";

/** Writes the numbers, and the report and the chart made from them. */
export async function writeResults(folder: URL, results: Results): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(new URL(JSON_FILE, folder), `${JSON.stringify(results, null, 2)}\n`);
  await writeFile(new URL(REPORT_FILE, folder), reportOf(results, CHART_FILE));
  const { requests } = results.parts;
  if (requests) await writeFile(new URL(CHART_FILE, folder), chartOf(requests));
}

export function printReport(results: Results): void {
  console.log(`\n${reportOf(results, CHART_FILE)}`);
}
