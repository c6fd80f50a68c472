import type { ResultRow } from "../../harness/result-table.ts";
import type { Totals } from "./laboratory.ts";

/** The results of random histories, as the rows of a table. */
export function totalsTable(totals: Totals, tookMs: number): ResultRow[] {
  const row = (what: string, count: number): ResultRow => ({ what, count });
  return [
    row("histories (each a session of its own)", totals.runs),
    row("of these by an honest client alone", totals.honestRuns),
    row("of these with a device", totals.boundRuns),
    row("requests", totals.requests),
    row("of these sent while another was under way", totals.overlapping),
    row("statements that waited for the lock of another", totals.lockWaits),
    row("answers lost", totals.lostAnswers),
    row("answers that came late", totals.lateAnswers),
    row("browser crashes with an older cookie put back", totals.crashes),
    row("times that the database was put back", totals.restores),
    row("connections to the database broken off", totals.brokenConnections),
    row("answers missed on a slow machine", totals.unavailable),
    row("rotations confirmed", totals.confirmations),
    row("refusals", totals.refusals),
    ...Object.entries(totals.ends).map(([word, count]) =>
      row(word === "none" ? "sessions that lived" : `sessions ended: ${word}`, count),
    ),
    row("seconds", Math.round(tookMs / 1000)),
    row("honest clients refused, dead tokens accepted, other broken promises", totals.violations),
  ];
}
