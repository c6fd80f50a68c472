import type { Finding, PresentedToken, Recollection } from "@byo-session/core";
import { type KnownWord, leadsTo, type Place, type Word } from "../word.ts";
import { createSealer } from "./sealer.ts";

const SERVES_MS = 10_000;
/** Servers refuse requests whose headers are too large; 16 KiB in all is what Node takes. */
const MAX_CHARS = 4096;
/** Not in any name on the shelf. */
const MARK = "sealed.";

interface SealedWord extends Pick<Word, "realm" | "method" | "targets" | "setsCookie"> {
  readonly outcome: SealedOutcome;
  /** Of the presented tokens and the proof: the word holds neither. */
  readonly digest: string;
  readonly untilMs: number;
}

type WithSession = Extract<Finding["outcome"], { presented: PresentedToken }>;
/** `presented` is the place of the token in use among those of the request; itself for a session that has just begun. */
type SealedOutcome =
  | Exclude<Recollection, WithSession>
  | (Omit<WithSession, "presented"> & { readonly presented: number | PresentedToken });

export function isSealed(value: string): boolean {
  return value.startsWith(MARK);
}

/** Words in the header itself, encrypted, for a proxy on the edge runtime. */
export function createSealedWords(secret: string | undefined, nowMs: () => number) {
  const sealer = secret === undefined ? undefined : createSealer(secret);
  return {
    /** Undefined without a secret. */
    async seal({ finding, proof, ...word }: Word): Promise<string | undefined> {
      if (!sealer || !finding) return undefined;
      const digest = await digestOf(finding.tokens, proof);
      const seal = async (outcome: SealedOutcome) => {
        const sealed: SealedWord = { ...word, outcome, digest, untilMs: nowMs() + SERVES_MS };
        return MARK + (await sealer.seal(JSON.stringify(sealed)));
      };
      const outcome = outcomeToSeal(finding);
      const value = await seal(outcome);
      if (value.length <= MAX_CHARS || outcome.session === null || outcome.session === "validated") return value;
      return seal({ session: "validated", deviceEvidence: outcome.session.deviceEvidence });
    },

    async open(value: string, place: Place): Promise<KnownWord | undefined> {
      const isUsual = isSealed(value) && value.length <= MAX_CHARS;
      const text = isUsual ? await sealer?.open(value.slice(MARK.length)) : undefined;
      if (text === undefined) return undefined;
      const { outcome, digest, untilMs, ...word }: SealedWord = JSON.parse(text);
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

function outcomeToSeal({ tokens, outcome }: Finding): SealedOutcome {
  if (outcome.session === null) return outcome;
  const at = tokens.indexOf(outcome.presented);
  return { ...outcome, presented: at === -1 ? outcome.presented : at };
}

function outcomeFor(tokens: readonly PresentedToken[], outcome: SealedOutcome): Recollection | undefined {
  if (!("presented" in outcome)) return outcome;
  const presented = typeof outcome.presented === "number" ? tokens[outcome.presented] : outcome.presented;
  return presented && { ...outcome, presented };
}

async function digestOf(tokens: readonly PresentedToken[], proof: string | null): Promise<string> {
  const text = JSON.stringify([tokens.map(({ token }) => token), proof]);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}
