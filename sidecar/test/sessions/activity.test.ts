import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Activity } from "../../src/engine/sessions/activity/store.ts";
import { createActivityWriter } from "../../src/engine/sessions/activity/writer.ts";
import { applyLatestUse } from "../../src/engine/sessions/read/latest-use.ts";
import { LOGIN_MS, policyWith, rowWith } from "./fixtures.ts";

const TIMEOUT_SECS = 600;
const policy = policyWith({ inactivity_timeout_secs: TIMEOUT_SECS });

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A writer that remembers what it wrote, on a scripted database. */
function writer(
  touch: (activities: readonly Activity[]) => Promise<string[]> = async (all) => all.map(({ id }) => id),
) {
  const written: Activity[][] = [];
  const errors: unknown[] = [];
  const activity = createActivityWriter(
    async (activities) => {
      written.push([...activities]);
      return touch(activities);
    },
    (error) => errors.push(error),
  );
  return { activity, written, errors };
}

/** A session whose last stored activity is its login, read some seconds later. */
const usedAfter = (secs: number, id = "a") => rowWith({ id, now: LOGIN_MS + secs * 1000 });

describe("the times of use", () => {
  it("are written within a tenth of the timeout, and not at each use", async () => {
    const { activity, written } = writer();
    activity.note(usedAfter(20), policy, undefined);
    await vi.advanceTimersByTimeAsync(2000);
    expect(written).toEqual([]);
    expect(activity.latest("a")).toBe(LOGIN_MS + 20_000);
    activity.note(usedAfter(30), policy, "203.0.113.9");
    await vi.advanceTimersByTimeAsync(1000);
    expect(written).toMatchObject([[{ id: "a", at: LOGIN_MS + 30_000, ipAddress: "203.0.113.9" }]]);
    expect(activity.latest("a")).toBeUndefined();
  });

  it("are written within a minute if sessions do not end by inactivity", async () => {
    const { activity, written } = writer();
    activity.note(usedAfter(29), policyWith(), undefined);
    await vi.advanceTimersByTimeAsync(2000);
    expect(written).toEqual([]);
    activity.note(usedAfter(30), policyWith(), undefined);
    await vi.advanceTimersByTimeAsync(1000);
    expect(written).toHaveLength(1);
  });

  it("are written within a minute for a session in constant use, whose row has the recorded time", async () => {
    const { activity, written } = writer();
    for (let secs = 1; secs <= 40; secs++) {
      const stored = { ...usedAfter(secs), lastActivityAt: written.at(-1)?.[0]?.at ?? LOGIN_MS };
      const row = applyLatestUse(stored, activity);
      activity.note(row, policyWith(), undefined);
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(written).toHaveLength(1);
    expect(written[0]?.[0]?.at).toBe(LOGIN_MS + 30_000);
  });

  it("are written sooner than a second where the timeout is short", async () => {
    const { activity, written } = writer();
    activity.note(usedAfter(1), policyWith({ inactivity_timeout_secs: 2 }), undefined);
    await vi.advanceTimersByTimeAsync(100);
    expect(written).toHaveLength(1);
  });

  it("never go back", async () => {
    const { activity } = writer();
    activity.note(usedAfter(20), policy, undefined);
    activity.note(usedAfter(10), policy, undefined);
    expect(activity.latest("a")).toBe(LOGIN_MS + 20_000);
  });

  it("are written in batches", async () => {
    const { activity, written } = writer();
    for (let index = 0; index < 2500; index++) activity.note(usedAfter(60, `s${index}`), policy, undefined);
    await vi.advanceTimersByTimeAsync(1000);
    expect(written.map((batch) => batch.length)).toEqual([1000, 1000, 500]);
  });

  it("stay noted while their rows are locked", async () => {
    let locked = true;
    const { activity, written } = writer(async (all) => (locked ? [] : all.map(({ id }) => id)));
    activity.note(usedAfter(60), policy, undefined);
    await vi.advanceTimersByTimeAsync(1000);
    expect(activity.latest("a")).toBe(LOGIN_MS + 60_000);
    locked = false;
    await activity.flush();
    expect(written).toHaveLength(2);
    expect(activity.latest("a")).toBeUndefined();
  });

  it("stay noted when the database fails, which is told", async () => {
    let broken = true;
    const { activity, errors } = writer(async (all) => {
      if (broken) throw new Error("away");
      return all.map(({ id }) => id);
    });
    activity.note(usedAfter(60), policy, undefined);
    await vi.advanceTimersByTimeAsync(1000);
    expect(errors).toMatchObject([{ message: "away" }]);
    broken = false;
    await activity.close();
    expect(activity.latest("a")).toBeUndefined();
  });

  it("stay noted when they come while the last one is being written", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { activity } = writer(async (all) => {
      await promise;
      return all.map(({ id }) => id);
    });
    activity.note(usedAfter(60), policy, undefined);
    await vi.advanceTimersByTimeAsync(1000);
    activity.note(usedAfter(70), policy, undefined);
    resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(activity.latest("a")).toBe(LOGIN_MS + 70_000);
  });

  it("are all written by a clean shutdown, even those that are not due", async () => {
    const { activity, written } = writer();
    activity.note(usedAfter(1), policy, undefined);
    await activity.close();
    expect(written).toMatchObject([[{ id: "a", at: LOGIN_MS + 1000 }]]);
  });

  it("are no more than fit into memory", async () => {
    const { activity, written } = writer();
    for (let index = 0; index < 50_000; index++) activity.note(usedAfter(1, `s${index}`), policy, undefined);
    await vi.advanceTimersByTimeAsync(0);
    expect(written.flat()).toHaveLength(50_000);
  });
});
