import { type ResultRow, resultTable } from "../../test/harness/result-table.ts";
import { BARE } from "./contestants.ts";
import type { NextCost } from "./parts/next.ts";
import type { Slices } from "./parts/requests.ts";
import type { Results } from "./results.ts";
import { cpuOf, medianOf, shareOfBare } from "./slices.ts";
import { median, spread } from "./statistics.ts";
import { targetsOf } from "./targets.ts";

/** The report in Markdown. */
export function reportOf(results: Results, chartFile: string): string {
  const { machine, measuredAt, parts } = results;
  const sections = [
    "# Performance, measured",
    `Made by \`npm run bench\` on ${measuredAt}: ${machine}. What the numbers mean, and how they were made, is in ` +
      "[Performance](../performance.md).",
    section("Targets", targetsOf(results)),
    ...(parts.requests ? requestsOf(parts.requests, chartFile) : []),
    parts.sizes && section("One validation, by the number of sessions in the database", parts.sizes.map(numbersOf)),
    parts.device && section("One validation, by what it brings of a device", deviceRows(parts.device)),
    parts.latency && section("How long an application waits for a validation", parts.latency.map(numbersOf)),
    parts.logins && section("Logins, each of another user", [numbersOf(parts.logins)]),
    parts.next && section("CPU of Next for one request, in ms", parts.next.map(msOfNext)),
    parts.writes && section("Times of use: CPU of Postgres for one", [numbersOf(parts.writes)]),
    ...(parts.profiles ?? []).map(({ name, areas }) =>
      section(
        `Where the time goes: ${name}`,
        areas.map(({ area, share, most }) => ({ "CPU of": area, share: percent(share), "most of it in": most })),
      ),
    ),
  ];
  return `${sections.filter((text) => text !== undefined).join("\n\n")}\n`;
}

function msOfNext({ what, noProxyMs, emptyProxyMs, oursMs }: NextCost): ResultRow {
  const ms = (value: number) => value.toFixed(2);
  return {
    ...{ of: what, "without a proxy": ms(noProxyMs), "an empty proxy": ms(emptyProxyMs), ours: ms(oursMs) },
    "ours adds": ms(oursMs - emptyProxyMs),
  };
}

function section(title: string, rows: readonly ResultRow[]): string {
  return `## ${title}\n\n${resultTable(rows)}`;
}

function requestsOf(requests: readonly Slices[], chartFile: string): string[] {
  const measured = requests.filter((slices) => slices.measured.length > 0);
  const bare = measured.find(({ name }) => name === BARE.name)?.measured ?? [];
  const noise = spread(bare.map(({ perSec }) => perSec));
  const stolen = median(bare.map((slice) => slice.stolen));
  return [
    section(
      "A protected `GET /me` under full load, 32 connections",
      measured.map((slices) => ({
        server: slices.name,
        "requests/s": Math.round(medianOf(slices.measured, (slice) => slice.perSec)),
        "of bare Express": shareOfBare(slices).toFixed(2),
        "CPU us": Math.round(cpuOf(slices)),
        "= app + sidecar + store": (["appUs", "sidecarUs", "storeUs"] as const)
          .map((part) => Math.round(medianOf(slices.measured, (slice) => slice[part])))
          .join(" + "),
        slices: slices.measured.length,
      })),
    ),
    `The noise of the machine: half of the ${bare.length} slices of bare Express lie within ${percent(noise)} of each ` +
      `other; other machines took ${percent(stolen)} of its time.`,
    `![CPU per request, by server](${chartFile})`,
  ];
}

function deviceRows({ bareUs, ways }: NonNullable<Results["parts"]["device"]>): ResultRow[] {
  const [plain] = ways;
  const plainUs = plain ? plain.sidecarUs + plain.postgresUs : 0;
  return [
    ...ways.map(({ name, sidecarUs, postgresUs }) => ({
      "ValidateSession of": name,
      "sidecar us": Math.round(sidecarUs),
      "Postgres us": Math.round(postgresUs),
      "added us": Math.round(sidecarUs + postgresUs - plainUs),
      "in bare verifications": ((sidecarUs + postgresUs - plainUs) / bareUs).toFixed(2),
    })),
    {
      "ValidateSession of": "one bare verification of ES256",
      "sidecar us": Math.round(bareUs),
      "Postgres us": 0,
      "added us": 0,
      "in bare verifications": "1.00",
    },
  ];
}

const LABELS: Readonly<Record<string, string>> = {
  rows: "sessions",
  sidecarUs: "sidecar CPU us",
  postgresUs: "Postgres CPU us",
  sidecarMiB: "sidecar RSS MiB",
  name: "client of",
  idleP50Ms: "p50 ms, idle",
  peakPerSec: "peak/s",
  halfPeakP99Ms: "p99 ms, half peak",
  perSec: "logins/s",
  togetherUs: "500 in one statement, us",
  singleUs: "500 statements, us",
};

function numbersOf(row: object): ResultRow {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      LABELS[name] ?? name,
      typeof value === "number" ? rounded(value) : value,
    ]),
  );
}

function rounded(value: number): number {
  return value < 10 ? Math.round(value * 100) / 100 : Math.round(value);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}
