import type { ResultRow } from "../../../harness/result-table.ts";
import type { Rules } from "./breaks.ts";
import { type HistoryReport, playHistory } from "./history.ts";
import type { Violation } from "./judge.ts";

export interface Exploration {
  readonly row: ResultRow;
  /** Of the first history that broke a promise. */
  readonly violations: readonly (Violation & { readonly seed: number })[];
  /** How many histories that took. */
  readonly foundIn: number | undefined;
}

/** Plays histories until one breaks a promise. */
export async function explore(histories: number, firstSeed: number, rules?: Rules): Promise<Exploration> {
  const reports: HistoryReport[] = [];
  for (let seed = firstSeed; seed < firstSeed + histories; seed++) {
    const report = await playHistory(seed, rules);
    reports.push(report);
    if (report.violations.length > 0) {
      const violations = report.violations.map((violation) => ({ ...violation, seed }));
      return { row: rowOf(reports), violations, foundIn: reports.length };
    }
  }
  return { row: rowOf(reports), violations: [], foundIn: undefined };
}

function rowOf(reports: readonly HistoryReport[]): ResultRow {
  const sum = (count: (report: HistoryReport) => number) => reports.reduce((total, each) => total + count(each), 0);
  return {
    histories: reports.length,
    changes: sum(({ commits }) => commits),
    granted: sum(({ granted }) => granted),
    served: sum(({ servedCount }) => servedCount),
    forgotten: sum(({ forgotten }) => forgotten),
    unvouched: sum(({ unvouched }) => unvouched),
    "beats answered": sum(({ beats }) => beats),
    "not answered": sum(({ unansweredBeats }) => unansweredBeats),
    "served after a change": sum(({ stale }) => stale),
    "latest ms": Math.round(Math.max(...reports.map(({ latestMs }) => latestMs))),
  };
}
