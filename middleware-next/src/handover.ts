import { createSealedWords, isSealed } from "./edge/sealed-words.ts";
import { IS_EDGE } from "./next-server.ts";
import { theShelf } from "./shelf.ts";
import type { KnownWord, Place, Word } from "./word.ts";

/** The request header that leads the server to the proxy's word about this very request. */
export const HANDOVER_HEADER = "x-byo-session";

/** How the proxy's word reaches the server. */
export interface Handover {
  /** The header's value. Undefined: nothing can be said, so the server asks the sidecar itself. */
  give(word: Word): Promise<string | undefined>;
  /** Undefined for what is unknown, forged, late, used before, or about another request. */
  take(value: string, place: Place): Promise<KnownWord | undefined>;
  /** Whether the server has told the proxy, by `expect()`, to ask for the session at one of these targets. */
  expects(word: Pick<Word, "realm" | "targets">): boolean;
}

/** `secret` is what such a proxy seals with; without one it says nothing. */
export function createHandover(secret: string | undefined): Handover {
  const sealed = createSealedWords(secret, Date.now);
  const shelf = theShelf();
  return {
    give: async (word) => (IS_EDGE ? sealed.seal(word) : shelf.put(word)),
    take: async (value, place) => (isSealed(value) ? sealed.open(value, place) : shelf.take(value, place)),
    expects: (word) => shelf.expects(word),
  };
}
