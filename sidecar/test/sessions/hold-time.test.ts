import { describe, expect, it } from "vitest";
import { holdMsOf } from "../../src/engine/sessions/validate/hold-time.ts";
import { LOGIN_MS, pendingAfter, policyWith, rowWith } from "./fixtures.ts";

const NOW = rowWith().now;

describe("how long an answer may be held", () => {
  it("is what the policy says, and with 0 not at all", () => {
    expect(holdMsOf(rowWith(), policyWith())).toBe(10_000);
    expect(holdMsOf(rowWith(), policyWith({ max_hold_secs: 60 }))).toBe(60_000);
    expect(holdMsOf(rowWith(), policyWith({ max_hold_secs: 0 }))).toBe(0);
  });

  it("ends when a rotation is due, which the grace of the token before can put off", () => {
    const policy = policyWith({ rotation_interval_secs: 62 });
    expect(holdMsOf(rowWith(), policy)).toBe(2000);
    expect(holdMsOf(rowWith({ prevUntil: NOW + 5000 }), policy)).toBe(5000);
    expect(holdMsOf(rowWith({ prevUntil: NOW - 5000 }), policy)).toBe(2000);
    expect(holdMsOf(rowWith(), policyWith({ rotation_interval_secs: 30 }))).toBe(0);
    expect(holdMsOf(rowWith(), policyWith({ rotation_interval_secs: 0 }))).toBe(10_000);
  });

  it("is zero if a rotation was asked for or a successor waits", () => {
    expect(holdMsOf(rowWith({ rotationAsked: true }), policyWith())).toBe(0);
    expect(holdMsOf(rowWith({ rotationAsked: true, prevUntil: NOW + 3000 }), policyWith())).toBe(3000);
    expect(holdMsOf(rowWith(pendingAfter(1, LOGIN_MS)), policyWith())).toBe(0);
  });

  it("ends with the session, whatever ends it", () => {
    expect(holdMsOf(rowWith({ expiresAt: NOW + 1500 }), policyWith())).toBe(1500);
    expect(holdMsOf(rowWith(), policyWith({ absolute_lifetime_secs: 61 }))).toBe(1000);
    expect(holdMsOf(rowWith(), policyWith({ inactivity_timeout_secs: 60.5 }))).toBe(500);
    expect(holdMsOf(rowWith({ expiresAt: NOW }), policyWith())).toBe(0);
  });

  it("is at most a tenth of the inactivity timeout, so that its uses are noted in time", () => {
    const row = rowWith({ lastActivityAt: NOW });
    expect(holdMsOf(row, policyWith({ inactivity_timeout_secs: 20 }))).toBe(2000);
    expect(holdMsOf(row, policyWith({ inactivity_timeout_secs: 1 }))).toBe(100);
  });

  it("ends with the device cookie that was the evidence", () => {
    expect(holdMsOf(rowWith(), policyWith(), 700)).toBe(700);
  });
});
