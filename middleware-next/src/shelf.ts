import type { PresentedToken } from "@byo-session/core";
import { type KnownWord, leadsTo, type Place, type Word } from "./word.ts";

/** From the proxy's answer until the server asks for the session; later it asks the sidecar. */
const SERVES_MS = 10_000;
/** A flood of requests that take no word pushes out the oldest ones. */
const MAX_ENTRIES = 1000;
const NAME_BYTES = 24;

/** Where a proxy leaves its words for the server of the same process, each under a name that nobody can guess. */
export class Shelf {
  readonly #nowMs: () => number;
  /** In the order in which they end. */
  readonly #words = new Map<string, { word: Word; untilMs: number }>();
  /** Where the server asks for a session that the proxy has left to it, and would do better with the proxy. */
  readonly #expected = new Set<string>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  put(word: Word): string {
    const nowMs = this.#nowMs();
    for (const [name, { untilMs }] of this.#words) {
      if (untilMs > nowMs && this.#words.size < MAX_ENTRIES) break;
      this.#words.delete(name);
    }
    const name = Array.from(crypto.getRandomValues(new Uint8Array(NAME_BYTES)), hexOf).join("");
    this.#words.set(name, { word, untilMs: nowMs + SERVES_MS });
    return name;
  }

  /** Each word once: a name that somebody has seen on its way is worth nothing any more. */
  take(name: string, place: Place): KnownWord | undefined {
    const shelved = this.#words.get(name);
    this.#words.delete(name);
    if (!shelved || shelved.untilMs <= this.#nowMs()) return undefined;
    const { finding, ...word } = shelved.word;
    if (!leadsTo(word, place) || word.proof !== place.proof) return undefined;
    return {
      ...word,
      recall: async (tokens) => (finding && isSame(tokens, finding.tokens) ? finding.outcome : undefined),
      expect: finding ? undefined : () => this.#expect(word),
    };
  }

  expects({ realm, targets }: Pick<Word, "realm" | "targets">): boolean {
    return targets.some((target) => this.#expected.has(realm + target));
  }

  #expect({ realm, targets }: Pick<Word, "realm" | "targets">): void {
    for (const target of targets) this.#expected.add(realm + target);
    for (const oldest of this.#expected) {
      if (this.#expected.size <= MAX_ENTRIES) break;
      this.#expected.delete(oldest);
    }
  }
}

function isSame(some: readonly PresentedToken[], others: readonly PresentedToken[]): boolean {
  return some.length === others.length && some.every(({ token }, at) => token === others[at]?.token);
}

function hexOf(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

/** Next loads the modules of the proxy and those of the server apart: what they share is the process's. */
const KEY: unique symbol = Symbol.for("@byo-session/next: the words of the proxy, version 2");

export function theShelf(): Shelf {
  const home: { [KEY]?: Shelf; readonly performance?: unknown } = globalThis;
  home[KEY] ??= new Shelf(() => performance.now());
  return home[KEY];
}
