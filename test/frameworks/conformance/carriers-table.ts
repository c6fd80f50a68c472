import { resultTable } from "../../harness/result-table.ts";
import { type ConformanceResult, hostsOf, isComplete } from "./conformance-table.ts";

/** The ways that commands take to the sidecar, and whether that remembers sessions. */
const SETTINGS = ["fast path", "fast path, session cache", "/run-command", "/run-command, session cache"] as const;

export type Setting = (typeof SETTINGS)[number];

export function settingOf(hasFastPath: boolean, remembers: boolean): Setting {
  const carrier = hasFastPath ? "fast path" : "/run-command";
  return remembers ? `${carrier}, session cache` : carrier;
}

/** Whether every host ran in every setting. */
export function isMatrix(results: readonly ConformanceResult[]): boolean {
  return SETTINGS.every((setting) => isComplete(results.filter((result) => result.setting === setting)));
}

/** Hosts by settings: how many of the cases are met. */
export function carriersTable(results: readonly ConformanceResult[]): string {
  const settings = SETTINGS.filter((setting) => results.some((result) => result.setting === setting));
  return resultTable(
    hostsOf(results).map((host) => ({
      host,
      ...Object.fromEntries(settings.map((setting) => [setting, cell(ofCell(results, host, setting))])),
    })),
  );
}

function ofCell(results: readonly ConformanceResult[], host: string, setting: Setting): ConformanceResult[] {
  return results.filter((result) => result.host === host && result.setting === setting);
}

function cell(results: readonly ConformanceResult[]): string {
  if (results.length === 0) return "not run";
  const failed = results.filter(({ passed }) => !passed).length;
  const met = results.filter(({ passed, cannot }) => passed && cannot === undefined).length;
  return `${met} of ${results.length}${failed > 0 ? `, ${failed} FAILED` : ""}`;
}
