import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createDeadline, DeadlinePassed } from "../../src/engine/commands/deadline.ts";

beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => vi.useRealTimers());

describe("a deadline", () => {
  it("does not touch work that is done in time, successful or not", async () => {
    const within = createDeadline(1000);
    expect(await within(Promise.resolve("done"))).toBe("done");
    await expect(within(Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    await vi.advanceTimersByTimeAsync(200);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("passes for each when its own time is over", async () => {
    const within = createDeadline(1000);
    const passed: string[] = [];
    const never = new Promise<never>(() => {});
    const wait = (name: string) =>
      within(never).catch((error: unknown) => {
        expect(error).toBeInstanceOf(DeadlinePassed);
        passed.push(name);
      });
    void wait("first");
    await vi.advanceTimersByTimeAsync(600);
    void wait("second");
    await vi.advanceTimersByTimeAsync(500);
    expect(passed).toEqual(["first"]);
    await vi.advanceTimersByTimeAsync(600);
    expect(passed).toEqual(["first", "second"]);
    await vi.advanceTimersByTimeAsync(200);
    expect(vi.getTimerCount()).toBe(0);
  });
});
