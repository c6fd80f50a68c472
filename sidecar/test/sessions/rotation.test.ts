import { describe, expect, it } from "vitest";
import { ignoresSuccessor, type Presenter, rotationStep } from "../../src/engine/sessions/rotate/step.ts";
import type { SessionRow } from "../../src/engine/sessions/session.ts";
import { HOUR_MS, LOGIN_MS, pendingAfter, policyWith, rowWith } from "./fixtures.ts";

const MAX_MS = 24 * HOUR_MS;
const NOTHING = { change: "none", answer: "none" };
const HOME = { ipAddress: "203.0.113.9", userAgent: "Chrome" };

function presenterWith(changes: Partial<Presenter> = {}): Presenter {
  const nobody = { ipAddress: undefined, userAgent: undefined };
  return { refresh: true, proved: false, unproved: false, ...nobody, ...changes };
}

describe("the current token", () => {
  const at = (sinceMs: number, changes: Partial<SessionRow> = {}) => rowWith({ now: LOGIN_MS + sinceMs, ...changes });

  it.each([
    ["before the interval is over", at(HOUR_MS), NOTHING],
    ["after it", at(HOUR_MS + 1), { change: "start", answer: "successor" }],
    ["when a rotation was asked for", at(1, { rotationAsked: true }), { change: "start", answer: "successor" }],
    ["within the grace of the last rotation", at(HOUR_MS + 1, { prevUntil: LOGIN_MS + HOUR_MS + 1 }), NOTHING],
    ["after that grace", at(HOUR_MS + 1, { prevUntil: LOGIN_MS + HOUR_MS }), { change: "start", answer: "successor" }],
    ["when one was asked for within the grace", at(1, { rotationAsked: true, prevUntil: LOGIN_MS + 1 }), NOTHING],
  ])("%s", (_, row, step) => {
    expect(rotationStep(row, policyWith(), "current", presenterWith())).toEqual(step);
  });

  it("never rotates where the interval is 0", () => {
    const row = at(1000 * HOUR_MS, { rotationAsked: true });
    expect(rotationStep(row, policyWith({ rotation_interval_secs: 0 }), "current", presenterWith())).toEqual(NOTHING);
  });

  it("never rotates for a validation that does not refresh, nor where the device is ignored", () => {
    const row = at(HOUR_MS + 1);
    for (const changes of [{ refresh: false }, { unproved: true }]) {
      expect(rotationStep(row, policyWith(), "current", presenterWith(changes))).toEqual(NOTHING);
    }
  });
});

describe("a token whose successor is pending", () => {
  it.each([
    ["the second use, at once", 1, 0, "none"],
    ["the second use, a third of the time later", 1, MAX_MS / 3, "count"],
    ["the third use, too early", 2, (2 * MAX_MS) / 3 - 1, "none"],
    ["the third use, two thirds later", 2, (2 * MAX_MS) / 3, "count"],
    ["any use after the third", 3, 10 * MAX_MS, "none"],
  ] as const)("gets it again, and is counted at intervals: %s", (_, count, pendingMs, change) => {
    const row = rowWith({ ...pendingAfter(1, LOGIN_MS, count), now: LOGIN_MS + pendingMs });
    expect(rotationStep(row, policyWith(), "current", presenterWith())).toEqual({ change, answer: "successor" });
  });

  it.each([
    [2, MAX_MS + 1, false],
    [3, MAX_MS, false],
    [3, MAX_MS + 1, true],
  ])("is told from a client that ignores cookies: %i uses in %i ms", (count, pendingMs, ignores) => {
    const row = rowWith({ ...pendingAfter(1, LOGIN_MS, count), now: LOGIN_MS + pendingMs });
    expect(ignoresSuccessor(row, policyWith(), "current")).toBe(ignores);
  });

  it("is refused alone: neither the successor nor the token before is", () => {
    const row = rowWith({ ...pendingAfter(2, LOGIN_MS, 3), now: LOGIN_MS + 2 * MAX_MS });
    for (const position of ["successor", "previous", "stale"] as const) {
      expect(ignoresSuccessor(row, policyWith(), position)).toBe(false);
    }
  });
});

describe("the successor", () => {
  const row = rowWith(pendingAfter(1, LOGIN_MS));

  it.each([true, false])("is confirmed, and gets no token: refresh %s", (refresh) => {
    const step = rotationStep(row, policyWith(), "successor", presenterWith({ refresh }));
    expect(step).toEqual({ change: "confirm", answer: "none" });
  });

  it("is not confirmed where the device is ignored", () => {
    expect(rotationStep(row, policyWith(), "successor", presenterWith({ unproved: true }))).toEqual(NOTHING);
  });
});

describe("an old token", () => {
  const row = rowWith({ gen: 2, confirmedIp: HOME.ipAddress, confirmedUserAgent: HOME.userAgent });
  const CURRENT = { change: "none", answer: "current" };

  it.each([
    ["the client that confirmed", "previous", HOME, CURRENT],
    ["a client at another address", "previous", { ...HOME, ipAddress: "198.51.100.7" }, NOTHING],
    ["another client at that address", "previous", { ...HOME, userAgent: "Firefox" }, NOTHING],
    ["a client that passes no address", "previous", { userAgent: HOME.userAgent }, NOTHING],
    ["a client that passes no user agent", "previous", { ipAddress: HOME.ipAddress }, NOTHING],
    ["the client that confirmed, without a refresh", "previous", { ...HOME, refresh: false }, NOTHING],
    ["the client that confirmed, after the grace", "stale", HOME, NOTHING],
    ["the device", "previous", { proved: true }, CURRENT],
    ["the device, after the grace", "stale", { proved: true }, CURRENT],
    ["the device, without a refresh", "stale", { proved: true, refresh: false }, NOTHING],
  ] as const)("is exchanged for %s as it should be: %s", (_, position, presenter, step) => {
    expect(rotationStep(row, policyWith(), position, presenterWith(presenter))).toEqual(step);
  });

  it("is not exchanged where neither the confirmation nor this request passed anything", () => {
    const blank = rowWith({ gen: 2 });
    expect(rotationStep(blank, policyWith(), "previous", presenterWith())).toEqual(NOTHING);
  });
});
