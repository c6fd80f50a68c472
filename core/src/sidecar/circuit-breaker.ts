/** Failures in a row after which the sidecar is left alone for a while. */
const FAILURES_TO_OPEN = 10;
/** Short, so that a sidecar that is back is used at once; long enough that a dead one costs no queue of requests. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 4000;

export interface CircuitBreaker {
  /** False while the sidecar is left alone. After a pause one call may try it. */
  allows(): boolean;
  succeeded(): void;
  failed(): void;
}

/**
 * Answers at once while the sidecar is known to be away, so that requests do not pile up behind a deadline each.
 * The caller counts transport faults, timeouts and 5xx only: a refusal is an answer.
 */
export function createCircuitBreaker(nowMs: () => number): CircuitBreaker {
  let failures = 0;
  let pauseMs = FIRST_PAUSE_MS;
  let closedAgainAtMs = 0;

  return {
    allows() {
      if (failures < FAILURES_TO_OPEN) return true;
      if (nowMs() < closedAgainAtMs) return false;
      // The one that asked is the probe; the others wait out another pause for its outcome.
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
      if (failures > FAILURES_TO_OPEN) pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      closedAgainAtMs = nowMs() + pauseMs;
    },
  };
}
