import { createElapsedClock } from "../frames/elapsed-clock.ts";
import type { CredentialChange } from "./credential-response.ts";

/** A change that was decided longer ago may contradict what the browser has learnt since. */
const LATE_AFTER_MS = 10_000;

/** What a response must tell the browser, from the decision until the headers are sent. */
export interface PendingChange {
  set(change: CredentialChange): void;
  /** What still has to be sent now. */
  due(): CredentialChange | undefined;
}

/** Also passes while the process is frozen. */
const elapsedMs = createElapsedClock();

export function createPendingChange(nowMs: () => number = elapsedMs): PendingChange {
  let pending: { change: CredentialChange; decidedAtMs: number } | undefined;
  return {
    set(change) {
      pending = { change, decidedAtMs: nowMs() };
    },
    due() {
      if (!pending) return undefined;
      const isLate = pending.change.dropWhenLate && nowMs() - pending.decidedAtMs > LATE_AFTER_MS;
      return isLate || pending.change.isOvertaken?.() ? undefined : pending.change;
    },
  };
}
