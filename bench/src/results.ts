import { mkdir, readFile, writeFile } from "node:fs/promises";
import { chartOf } from "./chart.ts";
import type { DeviceCost } from "./parts/device.ts";
import type { Latency } from "./parts/latency.ts";
import type { Logins } from "./parts/logins.ts";
import type { NextCost } from "./parts/next.ts";
import type { Slices } from "./parts/requests.ts";
import type { Size } from "./parts/sizes.ts";
import type { Writes } from "./parts/writes.ts";
import type { Profile } from "./profiles.ts";
import { reportOf } from "./report.ts";

/** Everything that was measured: the parts of the last run, and older ones of those that it left out. */
export interface Results {
  machine: string;
  measuredAt: string;
  parts: {
    sizes?: Size[];
    writes?: Writes;
    device?: DeviceCost;
    latency?: Latency[];
    logins?: Logins;
    next?: NextCost[];
    requests?: Slices[];
    /** Of another run: a process that is profiled is slower. */
    profiles?: Profile[];
  };
}

const JSON_FILE = "performance.json";
const REPORT_FILE = "performance.md";
const CHART_FILE = "performance.svg";

export async function readResults(folder: URL): Promise<Results> {
  const text = await readFile(new URL(JSON_FILE, folder), "utf8").catch(() => undefined);
  return text === undefined ? { machine: "", measuredAt: "", parts: {} } : JSON.parse(text);
}

/** Writes the numbers, and the report and the chart that follow from them. */
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
