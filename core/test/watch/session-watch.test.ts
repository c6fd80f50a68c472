import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { PushListener, SessionPushes } from "../../src/sidecar/watch/session-pushes.ts";
import { createSessionWatch, type SessionWatchOptions } from "../../src/sidecar/watch/session-watch.ts";
import type { WatchAnswer } from "../../src/sidecar/watch/watcher.ts";

let nowMs = 0;

beforeEach(() => {
  nowMs = 0;
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 50) {
    nowMs += Math.min(50, left);
    await vi.advanceTimersByTimeAsync(Math.min(50, left));
  }
}

function living(sessionId: string, unusedMs = 1e9): WatchAnswer {
  const device = { displayName: "", deviceType: "Unknown" } as const;
  const times = { createdAt: 1, expiresAt: 2, lastActivityAt: 1 };
  return { ok: true, data: { sessionId, device, ...times, ends: { unusedMs, absoluteMs: 1e9 } } };
}

const AWAY: WatchAnswer = { ok: false, error: { type: "UnexpectedError" } };

class ScriptedPushes implements SessionPushes {
  isVouched = true;
  readonly ids = new Set<string>();
  listener!: PushListener;

  watch(id: string): void {
    this.ids.add(id);
    queueMicrotask(() => this.listener.watched(id));
  }

  unwatch(id: string): void {
    this.ids.delete(id);
  }

  keepOpen(): void {}
}

function start(options: Partial<SessionWatchOptions> = {}) {
  const askedAtMs: number[] = [];
  const told: string[] = [];
  const lines: string[] = [];
  const { fetch = async (id) => living(id) } = options;
  const watches = createSessionWatch({
    ...options,
    nowMs: () => nowMs,
    log: (line) => lines.push(line),
    async fetch(id) {
      askedAtMs.push(nowMs);
      return fetch(id);
    },
  });
  const watch = (id: string) =>
    watches.watch(id, {
      onSessionEnd: ({ reason }) => told.push(`${id} ${reason}`),
      onSessionUnknown: () => told.push(`${id} unknown`),
    });
  return { watches, watch, askedAtMs, told, lines };
}

describe("without pushes", () => {
  it("a session is asked for at once and every 30 seconds, until nobody watches it", async () => {
    const { watches, watch, askedAtMs } = start();
    const stops = [watch("one"), watch("one")];
    await pass(95_000);
    expect(askedAtMs.map((ms) => Math.round(ms / 1000))).toEqual([0, 0, 30, 60, 90]);
    stops[0]?.();
    expect(watches.size).toBe(1);
    stops[1]?.();
    await pass(50);
    expect([watches.size, vi.getTimerCount()]).toEqual([0, 0]);
  });

  it("an end by time is asked for when it comes, and an unknown state is told after a minute", async () => {
    let answer = living("one", 5000);
    const { watch, told } = start({ fetch: async () => answer });
    watch("one");
    await pass(4900);
    answer = { ok: false, error: { type: "SessionNotFound", endReason: "Inactive" } };
    await pass(300);
    expect(told).toEqual(["one Inactive"]);
    answer = AWAY;
    watch("two");
    await pass(59_000);
    expect(told).toEqual(["one Inactive"]);
    await pass(60_000);
    expect(told).toEqual(["one Inactive", "two unknown"]);
  });

  it("what another session's answer says, and what is no reason, ends nothing for that", async () => {
    const answers: WatchAnswer[] = [living("other"), { ok: false, error: { type: "IntegrationKeyNotFound" } }];
    const { watch, told } = start({ fetch: async () => answers.shift() ?? AWAY });
    watch("one");
    await pass(45_000);
    expect(told).toEqual([]);
  });
});

describe("with pushes", () => {
  it("a session is asked for once it is watched, and when a change is pushed", async () => {
    const pushes = new ScriptedPushes();
    const { watch, askedAtMs } = start({ pushes });
    watch("one");
    await pass(60_000);
    expect(askedAtMs).toHaveLength(1);
    pushes.listener.changed("one");
    pushes.listener.changed("unknown");
    expect(askedAtMs.slice(1)).toEqual([60_000]);
  });

  it("what is told while the sidecar is asked is asked again: the answer may be older", async () => {
    const pushes = new ScriptedPushes();
    const answers: ((answer: WatchAnswer) => void)[] = [];
    const { watch, told } = start({ pushes, fetch: () => new Promise((resolve) => answers.push(resolve)) });
    watch("one");
    await pass(50);
    pushes.listener.changed("one");
    pushes.listener.changed("one");
    expect(answers).toHaveLength(1);
    answers[0]?.(living("one"));
    await pass(50);
    expect(answers).toHaveLength(2);
    answers[1]?.({ ok: false, error: { type: "SessionNotFound", endReason: "nonsense" } });
    await pass(50);
    expect(told).toEqual(["one NotFound"]);
    expect(pushes.ids.size).toBe(0);
  });

  it("is asked for again until there is an answer, though its changes are pushed", async () => {
    const pushes = new ScriptedPushes();
    let answer = AWAY;
    const { watch, told } = start({ pushes, fetch: async () => answer });
    watch("one");
    await pass(5000);
    answer = { ok: false, error: { type: "SessionNotFound", endReason: "Revoked" } };
    await pass(2000);
    expect(told).toEqual(["one Revoked"]);
  });

  it("when nobody vouches for them, it is asked for at once, and more rarely the longer that lasts", async () => {
    const pushes = new ScriptedPushes();
    const { watch, askedAtMs } = start({ pushes });
    watch("one");
    await pass(10_000);
    pushes.isVouched = false;
    await pass(300_000);
    const since = askedAtMs.slice(1).map((ms) => ms - 10_000);
    expect(since[0]).toBeLessThanOrEqual(150);
    for (const [index, ms] of since.entries()) {
      const before = since[index - 1] ?? 0;
      expect(ms - before).toBeLessThanOrEqual(Math.min(30_000, Math.max(500, ms / 4)) + 150);
    }
    expect(since.length).toBeLessThan(50);
    pushes.isVouched = true;
    const asked = askedAtMs.length;
    await pass(120_000);
    expect(askedAtMs).toHaveLength(asked);
  });

  it("asks for at most 200 at once, and watches so many and no more", async () => {
    const pushes = new ScriptedPushes();
    const answers: (() => void)[] = [];
    const { watch, watches, told, lines } = start({
      pushes,
      maxSessions: 1000,
      fetch: (id) => new Promise((resolve) => answers.push(() => resolve(living(id)))),
    });
    for (let index = 0; index < 1002; index++) watch(`session-${index}`);
    await pass(50);
    expect([watches.size, answers.length]).toEqual([1000, 200]);
    expect(told).toEqual(["session-1000 TooManyWatched", "session-1001 TooManyWatched"]);
    expect(lines).toHaveLength(1);
    for (let done = 0; done < answers.length; done++) {
      answers[done]?.();
      await pass(1);
    }
    expect(answers).toHaveLength(1000);
    watches.close();
    expect([watches.size, pushes.ids.size, vi.getTimerCount()]).toEqual([0, 0, 0]);
  });
});
