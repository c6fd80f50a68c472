import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AuditEvent } from "../../src/engine/audit/event.ts";
import { createRefusals } from "../../src/engine/audit/refusals.ts";
import type { AuditRow } from "../../src/engine/audit/store.ts";
import { LOGIN_MS, MINUTE_MS } from "./fixtures.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const FLUSH_MS = 1000;

function refusals() {
  const rows: AuditRow[] = [];
  const lines: { event: AuditEvent; time: string }[] = [];
  const errors: unknown[] = [];
  const database = { isAway: false };
  const gathered = createRefusals({
    insert: async (batch) => {
      if (database.isAway) throw new Error("away");
      rows.push(...batch);
    },
    writeLine: (event, time) => lines.push({ event, time }),
    onFlushError: (error) => errors.push(error),
  });
  return { ...gathered, rows, lines, errors, database };
}

function refusal(changes: Partial<AuditEvent> = {}): AuditEvent {
  return { event: "SessionRefused", sessionId: "s", reason: "NotAllowed", ipAddress: "203.0.113.9", ...changes };
}

describe("refusals", () => {
  it("are one row and one line for each session, event, reason, address and minute", async () => {
    const { note, rows, lines } = refusals();
    const different: Partial<AuditEvent>[] = [
      {},
      { sessionId: "t" },
      { event: "SessionShared" },
      { reason: "Blocked" },
      { ipAddress: "198.51.100.7" },
    ];
    for (let time = 0; time < 3; time++) for (const changes of different) note(refusal(changes), LOGIN_MS);
    note(refusal(), LOGIN_MS + MINUTE_MS);
    await vi.advanceTimersByTimeAsync(FLUSH_MS);
    expect(rows.map(({ count }) => count)).toEqual([3, 3, 3, 3, 3, 1]);
    expect(new Set(rows.map(({ collapseKey }) => collapseKey)).size).toBe(6);
    expect(lines).toHaveLength(6);
  });

  it("have the time of the first, in the row as in the line", async () => {
    const { note, rows, lines } = refusals();
    note(refusal(), LOGIN_MS + 0.4);
    note(refusal(), LOGIN_MS + 500);
    await vi.advanceTimersByTimeAsync(FLUSH_MS);
    const time = new Date(LOGIN_MS).toISOString();
    expect(rows).toMatchObject([{ time, count: 2 }]);
    expect(lines).toMatchObject([{ time, event: { reason: "NotAllowed" } }]);
  });

  it("share their row with those of the same minute that are written already, without another line", async () => {
    const { note, rows, lines } = refusals();
    for (const atMs of [LOGIN_MS, LOGIN_MS + 2000]) {
      note(refusal(), atMs);
      await vi.advanceTimersByTimeAsync(FLUSH_MS);
    }
    expect(rows.map(({ collapseKey }) => collapseKey)).toEqual([rows[0]?.collapseKey, rows[0]?.collapseKey]);
    expect(lines).toHaveLength(1);
  });

  it("of logins, which have no session yet, are gathered by user", async () => {
    const { note, rows } = refusals();
    for (const userId of ["ada", "bea", "ada"]) {
      note({ event: "SessionCreateRefused", userId, reason: "IpAddressError" }, LOGIN_MS);
    }
    await vi.advanceTimersByTimeAsync(FLUSH_MS);
    expect(rows.map(({ userId, count }) => [userId, count])).toEqual([
      ["ada", 2],
      ["bea", 1],
    ]);
  });

  it("from more than twenty addresses in a minute share a row without an address", async () => {
    const { note, rows } = refusals();
    for (let index = 0; index < 1000; index++) note(refusal({ ipAddress: `203.0.113.${index}` }), LOGIN_MS);
    note(refusal({ ipAddress: "203.0.113.3" }), LOGIN_MS);
    await vi.advanceTimersByTimeAsync(FLUSH_MS);
    expect(rows).toHaveLength(21);
    expect(rows[3]).toMatchObject({ ipAddress: "203.0.113.3", count: 2 });
    expect(rows.at(-1)).toMatchObject({ count: 980, ipAddress: undefined });
  });

  it("are no more than fit into memory", async () => {
    const { note, rows } = refusals();
    for (let index = 0; index < 20_000; index++) note(refusal({ sessionId: `s${index}` }), LOGIN_MS);
    await vi.advanceTimersByTimeAsync(FLUSH_MS);
    expect(rows).toHaveLength(10_000);
  });

  it("wait while the database is down, and keep counting", async () => {
    const { note, rows, lines, errors, database } = refusals();
    database.isAway = true;
    note(refusal(), LOGIN_MS);
    await vi.advanceTimersByTimeAsync(FLUSH_MS);
    expect(errors).toMatchObject([{ message: "away" }]);
    note(refusal(), LOGIN_MS + 1500);
    note(refusal({ reason: "Blocked" }), LOGIN_MS + 1500);
    database.isAway = false;
    await vi.advanceTimersByTimeAsync(FLUSH_MS);
    expect(rows.map(({ reason, count }) => [reason, count]).sort()).toEqual([
      ["Blocked", 1],
      ["NotAllowed", 2],
    ]);
    expect(lines).toHaveLength(2);
  });

  it("are written by a clean shutdown", async () => {
    const { note, close, rows } = refusals();
    note(refusal(), LOGIN_MS);
    await close();
    expect(rows).toHaveLength(1);
  });
});
