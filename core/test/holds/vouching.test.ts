import { describe, expect, it } from "vitest";
import { createElapsedClock } from "../../src/frames/elapsed-clock.ts";
import type { ConnectionRequest } from "../../src/frames/index.ts";
import { Vouching } from "../../src/sidecar/holds/vouching.ts";

/** Vouching whose clock and timer are the test's. */
function createVouching() {
  const clock = { ms: 0 };
  const sent: ConnectionRequest[] = [];
  let tick: (() => void) | undefined;
  const vouching = new Vouching({
    send: (request) => sent.push(request),
    nowMs: () => clock.ms,
    repeat(everyMs, callback) {
      expect(everyMs).toBe(150);
      tick = callback;
      return () => {
        tick = undefined;
      };
    },
  });
  return { clock, sent, vouching, tick: () => tick?.(), beats: () => tick !== undefined };
}

describe("a sidecar that is asked to vouch", () => {
  it("is asked at once when something is held, then again and again, and not once nothing is", () => {
    const { clock, sent, vouching, tick, beats } = createVouching();
    expect(beats()).toBe(false);
    vouching.need(200);
    expect([sent, beats()]).toEqual([[{ beat: 1 }], true]);
    clock.ms = 150;
    tick();
    expect(sent).toHaveLength(2);
    clock.ms = 300;
    tick();
    expect([sent.length, beats()]).toEqual([2, false]);
    vouching.need(1000);
    expect([sent.at(-1), beats()]).toEqual([{ beat: 3 }, true]);
  });

  it("vouches for half a second from the sending of the beat that it answered", () => {
    const { clock, vouching } = createVouching();
    vouching.need(10_000);
    clock.ms = 300;
    vouching.answered(1);
    expect(vouching.untilMs).toBe(500);
  });

  it("vouches for nothing by a beat that was not sent, was answered before, or comes too late", () => {
    const { clock, vouching, tick } = createVouching();
    vouching.need(10_000);
    vouching.answered(7);
    vouching.answered(Number.NaN);
    expect(vouching.untilMs).toBe(Number.NEGATIVE_INFINITY);
    clock.ms = 600;
    tick();
    vouching.answered(1);
    expect(vouching.untilMs).toBe(Number.NEGATIVE_INFINITY);
    vouching.answered(2);
    expect(vouching.untilMs).toBe(1100);
  });

  it("that never answers is forgotten beat by beat: nothing piles up", () => {
    const { clock, sent, vouching, tick } = createVouching();
    vouching.need(1e9);
    for (clock.ms = 150; clock.ms < 1_500_000; clock.ms += 150) tick();
    vouching.answered(sent.length - 4);
    expect(vouching.untilMs).toBe(Number.NEGATIVE_INFINITY);
  });

  it("vouches for nothing once the connection has ended", () => {
    const { vouching, beats } = createVouching();
    vouching.need(10_000);
    vouching.answered(1);
    vouching.end();
    expect([vouching.untilMs, beats()]).toEqual([Number.NEGATIVE_INFINITY, false]);
    vouching.answered(1);
    vouching.need(20_000);
    expect([vouching.untilMs, beats()]).toEqual([Number.NEGATIVE_INFINITY, false]);
  });
});

describe("the clock of elapsed time", () => {
  it("goes with the steady clock, whatever people do to the other one", () => {
    const [steady, wall] = [{ ms: 1000 }, { ms: 1_800_000_000_000 }];
    const elapsed = createElapsedClock(
      () => steady.ms,
      () => wall.ms,
    );
    const start = elapsed();
    steady.ms += 100;
    wall.ms += 100;
    expect(elapsed() - start).toBe(100);
    wall.ms -= 3_600_000;
    expect(elapsed() - start).toBe(100);
    steady.ms += 100;
    wall.ms += 101;
    expect(elapsed() - start).toBe(200);
  });

  it("counts the time in which the steady clock stood still", () => {
    const [steady, wall] = [{ ms: 1000 }, { ms: 1_800_000_000_000 }];
    const elapsed = createElapsedClock(
      () => steady.ms,
      () => wall.ms,
    );
    const start = elapsed();
    wall.ms += 60_000;
    expect(elapsed() - start).toBe(60_000);
    expect(elapsed() - start).toBe(60_000);
    steady.ms += 10;
    wall.ms += 10;
    expect(elapsed() - start).toBe(60_010);
  });
});
