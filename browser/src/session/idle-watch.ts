import type { SessionStore } from "./session-store.ts";

/** Whether the session is about to end. */
export interface IdleWarning {
  readonly isEnding: boolean;
  /** Until the end, while `isEnding`. 0: the server has not been reached since. */
  readonly secondsLeft: number | undefined;
  /** Whether `extend()` can put off the end: false when the session reaches its absolute end. */
  readonly canExtend: boolean;
}

export interface IdleWatch {
  current(): IdleWarning;
  subscribe(listener: () => void): () => void;
  /** Starts watching; returns a function that stops it. */
  start(): () => void;
}

export type WatchedStore = Pick<SessionStore, "end" | "lookQuietly" | "onExtended" | "subscribe">;

export const NOT_ENDING: IdleWarning = { isEnding: false, secondsLeft: undefined, canExtend: false };

/** How often the server is asked during a warning: the user may be at work in another tab. */
const CHECK_MS = 10_000;
const CHECK_AT_END_MS = 2_000;
/** While a machine sleeps, its timers stand still and its clock goes on. So the clock is read again and again. */
const MAX_WAIT_MS = 30_000;

/**
 * Watches when the session ends. Before it warns it asks the server, which knows of uses that this page does not, and
 * whose clock counts. Those requests do not use the session, and a hidden page makes none.
 */
export function createIdleWatch(store: WatchedStore, warnSecs: number): IdleWatch {
  const listeners = new Set<() => void>();
  let state = NOT_ENDING;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let checkedAtMs: number | undefined;
  let isChecking = false;
  let isStopped = false;

  function set(next: IdleWarning): void {
    const isSame = next.secondsLeft === state.secondsLeft && next.canExtend === state.canExtend;
    if (isSame && next.isEnding === state.isEnding) return;
    state = next;
    for (const listener of listeners) listener();
  }

  function plan(): void {
    clearTimeout(timer);
    const end = store.end();
    if (isStopped || !end || document.visibilityState !== "visible") {
      set(NOT_ENDING);
      return;
    }
    const leftMs = end.atMs - Date.now();
    const earlyMs = leftMs - warnSecs * 1000;
    if (earlyMs > 0) {
      set(NOT_ENDING);
      // A session without an inactivity timeout ends so late that this device's clock will do until then.
      if (end.canExtend && !end.isKnown && !isChecked(CHECK_MS)) check();
      timer = setTimeout(plan, Math.min(earlyMs, MAX_WAIT_MS));
      return;
    }
    const hasChecked = leftMs > 0 ? isChecked(CHECK_MS) : isChecked(CHECK_AT_END_MS, end.atMs);
    if (!hasChecked) check();
    const secondsLeft = Math.max(0, Math.ceil(leftMs / 1000));
    if (hasChecked || state.isEnding) set({ isEnding: true, secondsLeft, canExtend: end.canExtend });
    timer = setTimeout(plan, leftMs > 0 ? leftMs - (secondsLeft - 1) * 1000 : 1000);
  }

  /** Whether the server was asked within this time, and after that moment. */
  function isChecked(withinMs: number, afterMs = 0): boolean {
    return checkedAtMs !== undefined && checkedAtMs >= afterMs && Math.abs(Date.now() - checkedAtMs) < withinMs;
  }

  /** If there is no answer, the end that is known counts. */
  function check(): void {
    if (isChecking) return;
    isChecking = true;
    void store.lookQuietly().then(() => {
      isChecking = false;
      checkedAtMs = Date.now();
      plan();
    });
  }

  return {
    current: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    start() {
      isStopped = false;
      const watching = new AbortController();
      const { signal } = watching;
      document.addEventListener("visibilitychange", plan, { signal });
      window.addEventListener("focus", plan, { signal });
      const stops = [store.subscribe(plan), store.onExtended(() => state.isEnding && check())];
      // Not at once: a starting page may still set up its device.
      queueMicrotask(plan);
      return () => {
        isStopped = true;
        watching.abort();
        for (const stop of stops) stop();
        plan();
      };
    },
  };
}
