import type { ConnectionRequest } from "../../frames/index.ts";

/** Counted from the sending of the last beat that was answered. */
const COUNTS_FOR_MS = 500;
const BEAT_MS = 150;

/** Runs the callback again and again, until the returned function is called. It keeps no process alive. */
export type Repeat = (everyMs: number, callback: () => void) => () => void;

export interface VouchingOptions {
  send: (request: ConnectionRequest) => void;
  nowMs: () => number;
  repeat?: Repeat;
}

/**
 * Whether the sidecar at the other end of one connection vouches for all that was granted over it. It is asked every
 * 150 ms while anything is held or watched; what it does not answer in time counts for nothing.
 */
export class Vouching {
  /** Read for each request that could be served. Nothing counts from then on. */
  untilMs = Number.NEGATIVE_INFINITY;
  /** How often the sidecar has taken something back: an answer that came before is not to be held after. */
  forgets = 0;
  hasEnded = false;
  readonly #options: VouchingOptions;
  readonly #sentAtMs = new Map<number, number>();
  #beat = 0;
  #neededUntilMs = Number.NEGATIVE_INFINITY;
  #stop: (() => void) | undefined;

  constructor(options: VouchingOptions) {
    this.#options = options;
  }

  /** Beats until then at least. */
  need(untilMs: number): void {
    this.#neededUntilMs = Math.max(this.#neededUntilMs, untilMs);
    if (this.#stop || this.hasEnded) return;
    const { repeat = everySoOften } = this.#options;
    this.#stop = repeat(BEAT_MS, () => this.#tick());
    this.#ask();
  }

  /** The other end has answered a beat. Whatever it had heard of by then has arrived before. */
  answered(beat: unknown): void {
    const sentAtMs = typeof beat === "number" ? this.#sentAtMs.get(beat) : undefined;
    if (typeof beat !== "number" || sentAtMs === undefined || this.hasEnded) return;
    // Answers come in the order of the beats, so those before will not be answered any more.
    for (const earlier of this.#sentAtMs.keys()) if (earlier <= beat) this.#sentAtMs.delete(earlier);
    // From the sending: what has changed since may not be told yet.
    this.untilMs = Math.max(this.untilMs, sentAtMs + COUNTS_FOR_MS);
  }

  end(): void {
    this.hasEnded = true;
    this.untilMs = Number.NEGATIVE_INFINITY;
    this.#halt();
  }

  #tick(): void {
    if (this.#options.nowMs() < this.#neededUntilMs) this.#ask();
    else this.#halt();
  }

  #ask(): void {
    const nowMs = this.#options.nowMs();
    // One that comes so late would vouch for nothing.
    for (const [beat, sentAtMs] of this.#sentAtMs) if (nowMs - sentAtMs >= COUNTS_FOR_MS) this.#sentAtMs.delete(beat);
    this.#sentAtMs.set(++this.#beat, nowMs);
    this.#options.send({ beat: this.#beat });
  }

  #halt(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#sentAtMs.clear();
  }
}

const everySoOften: Repeat = (everyMs, callback) => {
  const timer = setInterval(callback, everyMs).unref();
  return () => clearInterval(timer);
};
