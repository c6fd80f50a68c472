/** What serves for a time. Of more than a thousand the oldest goes, so that a flood pushes out what it has brought. */
export class ShortLived<Value> {
  readonly #servesMs: number;
  readonly #nowMs: () => number;
  /** In the order in which they end. */
  readonly #entries = new Map<string, { value: Value; untilMs: number }>();

  constructor(servesMs: number, nowMs: () => number) {
    this.#servesMs = servesMs;
    this.#nowMs = nowMs;
  }

  set(name: string, value: Value): void {
    const nowMs = this.#nowMs();
    for (const [oldest, { untilMs }] of this.#entries) {
      if (untilMs > nowMs && this.#entries.size < MAX_ENTRIES) break;
      this.#entries.delete(oldest);
    }
    this.#entries.delete(name);
    this.#entries.set(name, { value, untilMs: nowMs + this.#servesMs });
  }

  get(name: string): Value | undefined {
    const entry = this.#entries.get(name);
    return entry && entry.untilMs > this.#nowMs() ? entry.value : undefined;
  }

  take(name: string): Value | undefined {
    const value = this.get(name);
    this.#entries.delete(name);
    return value;
  }
}

const MAX_ENTRIES = 1000;
