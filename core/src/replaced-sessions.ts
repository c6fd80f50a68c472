import type { PresentedToken } from "./cookies.ts";
import { nameOfToken } from "./session-token.ts";

/** Longer than a request with the cookie of before can be on its way and still be told anything. */
const REMEMBERED_MS = 60_000;
const MAX_REMEMBERED = 10_000;
/** Of a token in another sidecar's form, which may be long: its end tells it from others. */
const KEY_CHARS = 256;

/**
 * In whose place this process has given a browser something else, by a login or a log-out. A cookie is set and cleared by
 * its name only: an answer about the session of before would hit the one that has come since.
 */
export interface ReplacedSessions {
  /** `current` has been validated, and stands for every token of its session; a forged token must stand for itself only. */
  add(presented: readonly PresentedToken[], current: PresentedToken | undefined): void;
  /** Whether one of these tokens has been replaced in the last minute (unless very many have been since). */
  includesAny(tokens: readonly PresentedToken[]): boolean;
}

export function createReplacedSessions(nowMs: () => number): ReplacedSessions {
  let recent = new Set<string>();
  let older = new Set<string>();
  let sinceMs = nowMs();

  function makeRoom(): void {
    const ageMs = nowMs() - sinceMs;
    if (ageMs < REMEMBERED_MS && recent.size < MAX_REMEMBERED) return;
    older = ageMs < 2 * REMEMBERED_MS ? recent : new Set();
    recent = new Set();
    sinceMs = nowMs();
  }

  function remember(key: string): void {
    makeRoom();
    recent.add(copyOf(key));
  }

  return {
    add(presented, current) {
      for (const { token } of presented) remember(keyOf(token));
      if (current) remember(keyOf(nameOfToken(current.token).session));
    },
    includesAny(tokens) {
      makeRoom();
      return tokens
        .flatMap(({ token }) => [keyOf(token), keyOf(nameOfToken(token).session)])
        .some((key) => recent.has(key) || older.has(key));
    },
  };
}

function keyOf(text: string): string {
  return text.slice(-KEY_CHARS);
}

/** A part of a header keeps the whole header in memory (V8); a string of its own does not. */
function copyOf(text: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(text));
}
