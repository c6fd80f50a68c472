import { randomInt } from "node:crypto";
import { afterAll, expect, it } from "vitest";
import { type ResultRow, resultTable, writeResults } from "../../harness/result-table.ts";
import { exploreInLanes } from "../property/laboratory.ts";

const RUNS = 500;

const rows: ResultRow[] = [];

it.each([
  { carrier: "frames", remembers: false },
  { carrier: "frames", remembers: true },
  { carrier: "run-command", remembers: false },
  { carrier: "run-command", remembers: true },
] as const)(
  `keeps every promise in ${RUNS} random histories by $carrier, session cache: $remembers`,
  {
    timeout: 3_600_000,
  },
  async (by) => {
    const start = performance.now();
    const explored = await exploreInLanes(4, RUNS, randomInt(2 ** 30), by);
    const { runs, requests, inFrames, remembered, confirmations, refusals, violations } = explored;
    rows.push({
      carrier: by.carrier === "frames" ? "fast path" : "/run-command",
      "session cache": by.remembers ? "on" : "off",
      histories: runs,
      requests,
      "of these in frames": inFrames,
      "answered from the cache": remembered,
      "rotations confirmed": confirmations,
      refusals,
      "broken promises": violations,
      seconds: Math.round((performance.now() - start) / 1000),
    });
    expect(inFrames).toBe(by.carrier === "frames" ? requests + runs : 0);
    expect(remembered > 0).toBe(by.remembers);
  },
);

afterAll(async () => {
  await writeResults("rotation-carriers", "Random histories of a session by each way to the sidecar", [
    "As in [the histories](rotation.md), but each command comes by core's own carrier and the sidecar's own server: many at " +
      "a time in the frames of the fast path, or each as a request to `/run-command`; with the session cache off and on. " +
      "One frame more for each history is its login.",
    resultTable(rows),
  ]);
});
