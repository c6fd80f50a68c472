import { afterAll, expect, it } from "vitest";
import { printResults, type ResultRow } from "../../../harness/result-table.ts";
import { crashSidecar } from "./sidecar-crashes.ts";

const rows: ResultRow[] = [];

afterAll(() => printResults("The sidecar is killed (kill -9) under load and started again", rows));

it.each([
  { database: "Postgres", crashes: 1 },
  // After a crash the lock of the embedded database becomes stale by itself, in ten seconds.
  { database: "embedded", crashes: 1 },
] as const)("loses nothing acknowledged when the sidecar on $database crashes", { timeout: 200_000 }, async (round) => {
  const report = await crashSidecar(round.database, round.crashes);
  rows.push({ ...round, ...report });
  expect(report).toMatchObject({ lost: 0, refused: 0 });
  // Otherwise it was killed while nothing was under way.
  expect(report.brokenOff).toBeGreaterThan(0);
});
