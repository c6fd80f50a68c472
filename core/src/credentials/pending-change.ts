import type { CredentialChange } from "./credential-response.ts";

/** A change that was decided longer ago than this may contradict what the browser has been told since. */
const LATE_AFTER_MS = 10_000;

/** What a response has to tell the browser, from its decision until the headers go out. */
export interface PendingChange {
  set(change: CredentialChange): void;
  /** What is still to be told now. */
  due(): CredentialChange | undefined;
}

export function createPendingChange(nowMs: () => number): PendingChange {
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
