import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createIdleWatch, type WatchedStore } from "../src/session/idle-watch.ts";
import type { SessionEnd } from "../src/session/session-store.ts";
import { LOADING } from "../src/session/state.ts";

const WARN_SECS = 60;
const TIMEOUT_MS = 600_000;

let page: { visibilityState: string };
const stops: (() => void)[] = [];
beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("window", new EventTarget());
  page = Object.assign(new EventTarget(), { visibilityState: "visible" });
  vi.stubGlobal("document", page);
});
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** A session of the server, and what this page knows of it. */
function watchOne(known: Partial<SessionEnd> = {}) {
  const server = { endMs: Date.now() + TIMEOUT_MS, asked: 0, isAway: false, hasEnded: false };
  let end: SessionEnd | undefined = { atMs: server.endMs, canExtend: true, isKnown: true, ...known };
  let tellExtended = () => {};
  const store: WatchedStore = {
    end: () => end,
    async lookQuietly() {
      server.asked++;
      if (server.isAway) return LOADING;
      server.hasEnded ||= Date.now() >= server.endMs;
      end = server.hasEnded ? undefined : { atMs: server.endMs, canExtend: true, isKnown: true };
      return LOADING;
    },
    subscribe: () => () => {},
    onExtended(callback) {
      tellExtended = callback;
      return () => {};
    },
  };
  const watch = createIdleWatch(store, WARN_SECS);
  stops.push(watch.start());
  return { server, watch, extendElsewhere: () => tellExtended() };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe("the warning", () => {
  it("comes in time, counts down, and goes with the session", async () => {
    const { server, watch } = watchOne();
    await pass(TIMEOUT_MS - WARN_SECS * 1000 - 1);
    expect([watch.current().isEnding, server.asked]).toEqual([false, 0]);
    await pass(2);
    expect(watch.current()).toEqual({ isEnding: true, secondsLeft: 60, canExtend: true });
    await pass(30_000);
    expect(watch.current().secondsLeft).toBe(30);
    await pass(30_000);
    expect(watch.current()).toEqual({ isEnding: false, secondsLeft: undefined, canExtend: false });
  });

  it("does not come if the user is at work in another tab", async () => {
    const { server, watch } = watchOne();
    for (let minutes = 0; minutes < 60; minutes++) {
      server.endMs = Date.now() + TIMEOUT_MS;
      await pass(60_000);
      expect(watch.current().isEnding).toBe(false);
    }
    expect(server.asked).toBeLessThan(10);
  });

  it("goes when another tab has used the session: at once if that tab says so, else within ten seconds", async () => {
    const { server, watch, extendElsewhere } = watchOne();
    await pass(TIMEOUT_MS - 50_000);
    expect(watch.current().isEnding).toBe(true);
    server.endMs = Date.now() + TIMEOUT_MS;
    extendElsewhere();
    await pass(0);
    expect(watch.current().isEnding).toBe(false);
    await pass(TIMEOUT_MS - 50_000);
    expect(watch.current().isEnding).toBe(true);
    server.endMs = Date.now() + TIMEOUT_MS;
    await pass(10_000);
    expect(watch.current().isEnding).toBe(false);
  });

  it("comes at once when the machine wakes up, or says that the session has ended", async () => {
    const { server, watch } = watchOne();
    await pass(1000);
    // Asleep: the clock goes on, and no timer fires.
    vi.setSystemTime(server.endMs - 20_000);
    window.dispatchEvent(new Event("focus"));
    await pass(0);
    expect(watch.current()).toMatchObject({ isEnding: true, secondsLeft: 20 });
    vi.setSystemTime(server.endMs + 3_600_000);
    document.dispatchEvent(new Event("visibilitychange"));
    await pass(0);
    expect(watch.current().isEnding).toBe(false);
    expect(server.hasEnded).toBe(true);
  });

  it("comes without an answer too, and stays at zero until there is one", async () => {
    const { server, watch } = watchOne();
    server.isAway = true;
    await pass(TIMEOUT_MS + 30_000);
    expect(watch.current()).toMatchObject({ isEnding: true, secondsLeft: 0 });
    server.isAway = false;
    await pass(3000);
    expect(watch.current().isEnding).toBe(false);
  });
});

describe("the server is asked", () => {
  it("once at the start if its time is not known yet and the session has an inactivity timeout", async () => {
    const idle = watchOne({ isKnown: false, atMs: Date.now() + 10 * TIMEOUT_MS });
    await pass(1000);
    expect(idle.server.asked).toBe(1);
    const plain = watchOne({ isKnown: false, canExtend: false, atMs: Date.now() + 10 * TIMEOUT_MS });
    await pass(1000);
    expect(plain.server.asked).toBe(0);
  });

  it("not again and again while it is away", async () => {
    const { server } = watchOne({ isKnown: false, atMs: Date.now() + 10 * TIMEOUT_MS });
    server.isAway = true;
    await pass(60_000);
    expect(server.asked).toBeLessThanOrEqual(7);
  });

  it("by no hidden page", async () => {
    page.visibilityState = "hidden";
    const { server, watch } = watchOne({ isKnown: false });
    await pass(2 * TIMEOUT_MS);
    expect([server.asked, watch.current().isEnding]).toEqual([0, false]);
  });

  it("no more once it is stopped", async () => {
    const { server } = watchOne();
    for (const stop of stops.splice(0)) stop();
    await pass(2 * TIMEOUT_MS);
    expect([server.asked, vi.getTimerCount()]).toEqual([0, 0]);
  });
});
