import { beforeEach, expect, it } from "vitest";
import { createOverdue, type Overdue } from "../../src/engine/garbage-collection/overdue.ts";

const HOUR_MS = 3_600_000;
let warnings: string[];
let nowMs: number;
let overdue: Overdue;

beforeEach(() => {
  warnings = [];
  nowMs = 1000;
  overdue = createOverdue({
    steps: [{ name: "delete_audit_events" }, { name: "forget_devices" }, { name: "reads_all", mayTakeSecs: 86_400 }],
    intervalSecs: () => 300,
    nowMs: () => nowMs,
    warn: (message) => warnings.push(message),
  });
});

it("warns of steps that have not been done for an hour, with the time since when, once an hour", () => {
  overdue.update(new Map([["delete_audit_events", 30 * 60_000]]));
  overdue.check();
  expect(warnings).toEqual([]);
  nowMs += HOUR_MS / 2 + 1;
  const since = new Date(Date.now() - HOUR_MS).toISOString().slice(0, 15);
  overdue.check();
  expect(warnings).toEqual([]);
  overdue.check();
  overdue.check();
  expect(warnings).toEqual([expect.stringContaining(`delete_audit_events since ${since}`)]);
  expect(warnings[0]).not.toContain("forget_devices");
  nowMs += HOUR_MS;
  overdue.check();
  overdue.check();
  expect(warnings).toHaveLength(3);
  expect(warnings[2]).toContain("forget_devices since");
});

it("knows how old each step is, also without a new answer of the database", () => {
  nowMs += 5000;
  overdue.update(new Map([["forget_devices", 2000]]));
  nowMs += 1000;
  expect([...overdue.ages()]).toEqual([
    ["delete_audit_events", 6],
    ["forget_devices", 3],
    ["reads_all", 6],
  ]);
});
