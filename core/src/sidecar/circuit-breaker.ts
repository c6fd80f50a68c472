/** Consecutive failures after which calls pause. */
const FAILURES_TO_OPEN = 10;
/** Short, so that a recovered sidecar is used at once; long enough that requests do not queue for a dead one. */
const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 4000;

export interface CircuitBreaker {
  /** False during a pause. After the pause, one call may try. */
  allows(): boolean;
  succeeded(): void;
  failed(): void;
}

/**
 * Fails at once while the sidecar is known to be down, so that requests do not pile up until their deadlines. The
 * caller counts only transport faults, timeouts and 5xx: a refusal is an answer.
 */
export function createCircuitBreaker(nowMs: () => number): CircuitBreaker {
  let failures = 0;
  let pauseMs = FIRST_PAUSE_MS;
  let closedAgainAtMs = 0;

  return {
    allows() {
      if (failures < FAILURES_TO_OPEN) return true;
      if (nowMs() < closedAgainAtMs) return false;
      // This caller is the probe; the others wait for its outcome for another pause.
      closedAgainAtMs = nowMs() + pauseMs;
      return true;
    },
    succeeded() {
      failures = 0;
      pauseMs = FIRST_PAUSE_MS;
    },
    failed() {
      failures++;
      if (failures < FAILURES_TO_OPEN) return;
      if (failures > FAILURES_TO_OPEN) pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS);
      closedAgainAtMs = nowMs() + pauseMs;
    },
  };
}
