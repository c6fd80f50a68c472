import {
  endOf,
  fingerprintOf,
  type KnownSession,
  type SessionEnd,
  tell,
  type WatchAnswer,
  type WatchedState,
  type Watcher,
} from "./watcher.ts";

interface Watching {
  readonly watcher: Watcher<WatchedState>;
  known: string | undefined;
  /** An answer to an earlier question may be older than what the watcher knows. */
  readonly fromQuestion: number;
}

const UNKNOWN_AFTER_MS = 60_000;

/** A watched session, its watchers, and what the sidecar last said about it. */
export class WatchedSession {
  readonly id: string;
  /** `told`: its changes are pushed. `refused`: they are not, so the sidecar is polled. */
  pushes: "awaited" | "told" | "refused";
  askedAtMs = Number.NEGATIVE_INFINITY;
  isAsking = false;
  /** A change was pushed after the pending question was sent. */
  mustAskAgain = false;
  /** When the session ends by time if nobody uses it. */
  unusedEndAtMs = Number.POSITIVE_INFINITY;
  #absoluteEndAtMs = Number.POSITIVE_INFINITY;
  /** The latest question got no answer. */
  hasFailed = false;
  #knownAtMs: number;
  #isUnknown = false;
  #questions = 0;
  readonly #watching = new Set<Watching>();

  constructor(id: string, pushes: WatchedSession["pushes"], nowMs: number) {
    this.id = id;
    this.pushes = pushes;
    this.#knownAtMs = nowMs;
  }

  get isWatched(): boolean {
    return this.#watching.size > 0;
  }

  add(watcher: Watcher<WatchedState>, known: KnownSession | undefined): () => void {
    const watching = { watcher, known: known && fingerprintOf(known), fromQuestion: this.#questions + 1 };
    this.#watching.add(watching);
    return () => void this.#watching.delete(watching);
  }

  asked(nowMs: number): void {
    this.#questions++;
    this.askedAtMs = nowMs;
  }

  /** Takes the answer to the latest question; returns the reason if the session ended. */
  take(answer: WatchAnswer, nowMs: number): SessionEnd["reason"] | undefined {
    this.hasFailed = !answer.ok || answer.data.sessionId !== this.id;
    if (answer.ok && !this.hasFailed) {
      this.#takeLiving(answer.data, nowMs);
      return undefined;
    }
    const reason = answer.ok ? undefined : endOf(answer.error);
    // The absolute end is certain without an answer, because nothing delays it.
    return reason ?? (nowMs >= this.#absoluteEndAtMs ? "Expired" : undefined);
  }

  /** Its changes are pushed, so without a push the session still lives. */
  isKnown(nowMs: number): void {
    this.#knownAtMs = nowMs;
    this.#isUnknown = false;
  }

  unknownForMs(nowMs: number): number {
    return nowMs - this.#knownAtMs;
  }

  tellIfUnknown(nowMs: number): void {
    if (this.#isUnknown || this.unknownForMs(nowMs) < UNKNOWN_AFTER_MS) return;
    this.#isUnknown = true;
    for (const { watcher } of [...this.#watching]) tell(() => watcher.onSessionUnknown?.());
  }

  tellEnd(reason: SessionEnd["reason"]): void {
    const end: SessionEnd = Object.freeze({ sessionId: this.id, reason });
    const told = [...this.#watching];
    this.#watching.clear();
    for (const { watcher } of told) tell(() => watcher.onSessionEnd?.(end));
  }

  #takeLiving(found: WatchedState, nowMs: number): void {
    this.isKnown(nowMs);
    // From the arrival of the answer, so slightly late: the sidecar has then reached the end when it is asked.
    this.#absoluteEndAtMs = nowMs + (found.ends?.absoluteMs ?? Number.POSITIVE_INFINITY);
    this.unusedEndAtMs = nowMs + (found.ends?.unusedMs ?? Number.POSITIVE_INFINITY);
    const fingerprint = fingerprintOf(found);
    for (const watching of [...this.#watching]) {
      if (watching.fromQuestion > this.#questions) continue;
      const isChanged = watching.known !== undefined && watching.known !== fingerprint;
      watching.known = fingerprint;
      if (isChanged) tell(() => watching.watcher.onSessionChange?.(found));
    }
  }
}
