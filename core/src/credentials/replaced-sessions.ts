import type { PresentedToken } from "../cookies/session-cookie.ts";
import { nameOfToken } from "./session-token.ts";

/** Longer than an answer waits between its decision and its headers: it is dropped as late before. */
const REMEMBERED_MS = 60_000;
const MAX_REMEMBERED = 10_000;
/** Of a token in another sidecar's form, which may be long: its end tells it from others. */
const KEY_CHARS = 256;

/**
 * In whose place this process has given a browser something else, by a login or a log-out. A cookie is set and cleared by
 * its name only: an answer about the session of before would hit the one that has come since.
 */
export interface ReplacedSessions {
  /** How many there have been so far: what a request notes at its start. */
  readonly count: number;
  /** `current` has been validated, and stands for every token of its session; a forged token must stand for itself only. */
  add(presented: readonly PresentedToken[], current: PresentedToken | undefined): void;
  /** Whether one of these tokens has been replaced since the count was this. */
  includesAny(tokens: readonly PresentedToken[], sinceCount: number): boolean;
}

/** Remembers each for a minute, unless very many come after it. */
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

/** A part of a header keeps the whole header in memory (V8); a string of its own does not. */
function copyOf(text: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(text));
}
