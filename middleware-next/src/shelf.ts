import type { PresentedToken } from "@byo-session/core";
import { ShortLived } from "./short-lived.ts";
import { type KnownWord, leadsTo, type Place, type Word } from "./word.ts";

/** From the proxy's answer until the server asks for the session; later it asks the sidecar. */
const WORD_SERVES_MS = 10_000;
const EXPECTED_FOR_MS = 600_000;
const NAME_BYTES = 24;

/** Where a proxy leaves its words for the server of the same process, each under a name that nobody can guess. */
export class Shelf {
  readonly #words: ShortLived<Word>;
  /** Where the server asks for a session that the proxy has left to it, and would do better with the proxy. */
  readonly #expected: ShortLived<true>;

  constructor(nowMs: () => number) {
    this.#words = new ShortLived(WORD_SERVES_MS, nowMs);
    this.#expected = new ShortLived(EXPECTED_FOR_MS, nowMs);
  }

  put(word: Word): string {
    const name = Array.from(crypto.getRandomValues(new Uint8Array(NAME_BYTES)), hexOf).join("");
    this.#words.set(name, word);
    return name;
  }

  /** Each word once: a name that somebody has seen on its way is worth nothing any more. */
  take(name: string, place: Place): KnownWord | undefined {
    const shelved = this.#words.take(name);
    if (!shelved || !leadsTo(shelved, place) || shelved.proof !== place.proof) return undefined;
    const { finding, realm, targets, ...word } = shelved;
    return {
      ...word,
      recall: async (tokens) => (finding && isSame(tokens, finding.tokens) ? finding.outcome : undefined),
      expect: () => targets.forEach((target) => void this.#expected.set(realm + target, true)),
    };
  }

  expects({ realm, targets }: Pick<Word, "realm" | "targets">): boolean {
    return targets.some((target) => this.#expected.get(realm + target) === true);
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
