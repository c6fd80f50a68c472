import type { Finding, PresentedToken, Recollection } from "@byo-session/core";
import { type KnownWord, leadsTo, type Place, type Word } from "../word.ts";
import { createSigner } from "./signer.ts";

const SERVES_MS = 10_000;
/** Servers refuse requests whose headers are too large; 16 KiB in all is what Node takes. */
const MAX_CHARS = 4096;

/** What is signed: everything but the tokens, which headers must not hold once more. */
interface Sealed extends Pick<Word, "method" | "paths" | "setsCookie"> {
  readonly outcome: SealedOutcome;
  /** Of the presented tokens and the proof. */
  readonly digest: string;
  readonly untilMs: number;
}

/** `presented` is the place of the token in use among those of the request. */
type SealedOutcome =
  | Exclude<Recollection, { presented: PresentedToken }>
  | (Omit<Extract<Finding["outcome"], { presented: PresentedToken }>, "presented"> & { readonly presented: number });

export interface SealedWords {
  /** Undefined for what cannot be said so: without a secret, or of a session that has begun in the proxy. */
  seal(word: Word): Promise<string | undefined>;
  open(value: string, place: Place): Promise<KnownWord | undefined>;
}

/** Words in a signed header, for a proxy on the edge runtime. */
export function createSealedWords(secret: string | undefined, nowMs: () => number): SealedWords {
  const signer = secret === undefined ? undefined : createSigner(secret);
  return {
    async seal({ finding, proof, ...word }) {
      const outcome = outcomeToSeal(finding);
      if (!signer || !outcome) return undefined;
      const sealed: Sealed = {
        ...word,
        outcome,
        digest: await digestOf(finding.tokens, proof),
        untilMs: nowMs() + SERVES_MS,
      };
      const value = await signer.sign(JSON.stringify(sealed));
      if (value.length <= MAX_CHARS || !("presented" in outcome)) return value;
      const { deviceVerified } = outcome.session;
      return signer.sign(JSON.stringify({ ...sealed, outcome: { session: "validated", deviceVerified } }));
    },

    async open(value, place) {
      const text = value.length <= MAX_CHARS ? await signer?.verified(value) : undefined;
      if (text === undefined) return undefined;
      const { outcome, digest, untilMs, ...word }: Sealed = JSON.parse(text);
      const leftMs = untilMs - nowMs();
      if (leftMs <= 0 || leftMs > SERVES_MS || !leadsTo(word, place)) return undefined;
      return {
        ...word,
        recall: async (tokens) =>
          digest === (await digestOf(tokens, place.proof)) ? outcomeFor(tokens, outcome) : undefined,
      };
    },
  };
}

function outcomeToSeal({ tokens, outcome }: Finding): SealedOutcome | undefined {
  if (outcome.session === null) return outcome;
  const presented = tokens.indexOf(outcome.presented);
  return presented === -1 ? undefined : { ...outcome, presented };
}

function outcomeFor(tokens: readonly PresentedToken[], outcome: SealedOutcome): Recollection | undefined {
  if (!("presented" in outcome)) return outcome;
  const presented = tokens[outcome.presented];
  return presented && { ...outcome, presented };
}

async function digestOf(tokens: readonly PresentedToken[], proof: string | null): Promise<string> {
  const text = JSON.stringify([tokens.map(({ token }) => token), proof]);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}
