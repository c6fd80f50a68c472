import type { PresentedToken } from "../cookies/session-cookie.ts";
import { nameOfToken } from "./session-token.ts";

/** Longer than a response may wait between its decision and its headers: a later one is dropped. */
const REMEMBERED_MS = 60_000;
const MAX_REMEMBERED = 10_000;
/** For a token in another sidecar's form, which may be long: its end distinguishes it from others. */
const KEY_CHARS = 256;

/**
 * The sessions that this process has replaced in a browser, by a login or a logout. A cookie is set and cleared only
 * by its name, so a response about the previous session would overwrite the cookie of the new one.
 */
export interface ReplacedSessions {
  /** How many there have been so far: a request remembers the number at its start. */
  readonly count: number;
  /**
   * `current` has been validated, and represents every token of its session; a forged token must represent only
   * itself.
   */
  add(presented: readonly PresentedToken[], current: PresentedToken | undefined): void;
  /** Whether one of these tokens has been replaced since the count had this value. */
  includesAny(tokens: readonly PresentedToken[], sinceCount: number): boolean;
}

/** Remembers each for a minute, unless very many follow. */
export function createReplacedSessions(nowMs: () => number): ReplacedSessions {
  let count = 0;
  let recent = new Map<string, number>();
  let older = new Map<string, number>();
  let sinceMs = nowMs();

  function remember(key: string): void {
    if (nowMs() - sinceMs > REMEMBERED_MS || recent.size >= MAX_REMEMBERED) {
      older = recent;
      recent = new Map();
      sinceMs = nowMs();
    }
    count++;
    recent.set(copyOf(key), count);
  }

  return {
    get count() {
      return count;
    },
    add(presented, current) {
      for (const { token } of presented) remember(keyOf(token));
      if (current) remember(keyOf(nameOfToken(current.token).session));
    },
    includesAny: (tokens, sinceCount) =>
      tokens
        .flatMap(({ token }) => [keyOf(token), keyOf(nameOfToken(token).session)])
        .some((key) => (recent.get(key) ?? older.get(key) ?? 0) > sinceCount),
  };
}

function keyOf(text: string): string {
  return text.slice(-KEY_CHARS);
}

/** In V8, a substring keeps the whole header in memory; a copy does not. */
function copyOf(text: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(text));
}

/** Modules may be loaded several times in a process, as Next loads those of its proxy and of its server: they share it. */
const KEY: unique symbol = Symbol.for("@byo-session/core: replaced sessions, version 1");

export function replacedInProcess(): ReplacedSessions {
  const home: { [KEY]?: ReplacedSessions; readonly performance?: unknown } = globalThis;
  home[KEY] ??= createReplacedSessions(() => performance.now());
  return home[KEY];
}
