import { useSyncExternalStore } from "react";

const STEP_MS = 30_000;

const listeners = new Set<() => void>();
let nowMs = Date.now();
let timer: number | undefined;

/** The time of this machine, kept up to date so that "2 minutes ago" does not stay on the page for an hour. */
export function useNow(): number {
  return useSyncExternalStore(follow, () => nowMs);
}

/** One timer for all who show a time, however many they are. */
function follow(listener: () => void): () => void {
  if (listeners.size === 0) {
    step();
    timer = window.setInterval(step, STEP_MS);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) clearInterval(timer);
  };
}

function step(): void {
  nowMs = Date.now();
  for (const listener of listeners) listener();
}
