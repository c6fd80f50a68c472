import type { PresentedToken } from "./cookies.ts";
import { nameOfToken } from "./session-token.ts";

/** Longer than a request with the cookie of before can be on its way and still be told anything. */
const REMEMBERED_MS = 60_000;
const MAX_REMEMBERED = 10_000;
/** Of a token in another sidecar's form, which may be long: its end tells it from others. */
const NAME_CHARS = 256;

/**
 * The sessions in whose place this process has given a browser something else, by a login or a log-out. A cookie is set
 * and cleared by its name only: an answer about the session of before would hit the one that has come since.
 */
export interface ReplacedSessions {
  add(tokens: readonly PresentedToken[]): void;
  /** Whether one of these tokens is of such a session, for a minute at least (unless very many have come since). */
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

  return {
    add(tokens) {
      for (const { token } of tokens) {
        makeRoom();
        recent.add(copyOf(keyOf(token)));
      }
    },
    includesAny(tokens) {
      makeRoom();
      return tokens.map(({ token }) => keyOf(token)).some((key) => recent.has(key) || older.has(key));
    },
  };
}

function keyOf(token: string): string {
  return nameOfToken(token).session.slice(-NAME_CHARS);
}

/** A part of a header keeps the whole header in memory (V8); a string of its own does not. */
function copyOf(text: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(text));
}
