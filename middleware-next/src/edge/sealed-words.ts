import type { Finding, PresentedToken, Recollection } from "@byo-session/core";
import { EncryptJWT, jwtDecrypt } from "jose";
import { type KnownWord, leadsTo, type Place, type Word } from "../word.ts";

const SERVES_SECS = 10;
/** Servers refuse requests whose headers are too large; 16 KiB in all is what Node takes. */
const MAX_CHARS = 4096;
/** A key of its own for each word, wrapped without a nonce: one secret serves for any number of words. */
const SEALING = { alg: "A256KW", enc: "A256GCM" };
const OPENING = {
  ...{ keyManagementAlgorithms: [SEALING.alg], contentEncryptionAlgorithms: [SEALING.enc] },
  maxTokenAge: SERVES_SECS,
};

interface SealedWord extends Pick<Word, "realm" | "method" | "targets" | "setsCookie"> {
  readonly outcome: SealedOutcome;
  /** Of the presented tokens and the proof: the word holds neither. */
  readonly digest: string;
}

type WithSession = Extract<Finding["outcome"], { presented: PresentedToken }>;
/** `presented` is the place of the token in use among those of the request; itself for a session that has just begun. */
type SealedOutcome =
  | Exclude<Recollection, WithSession>
  | (Omit<WithSession, "presented"> & { readonly presented: number | PresentedToken });

/** No name on the shelf has a dot. */
export function isSealed(value: string): boolean {
  return value.includes(".");
}

/** Words in the header itself, encrypted, for a proxy on the edge runtime. */
export function createSealedWords(secret: string | undefined, nowMs: () => number) {
  let deriving: Promise<Uint8Array> | undefined;
  const keyOf = (text: string) => {
    deriving ??= deriveKey(text);
    return deriving;
  };

  return {
    /** Undefined without a secret. */
    async seal({ finding, proof, ...word }: Word): Promise<string | undefined> {
      if (secret === undefined || !finding) return undefined;
      const [key, digest] = await Promise.all([keyOf(secret), digestOf(finding.tokens, proof)]);
      const seal = (outcome: SealedOutcome) =>
        new EncryptJWT({ ...word, outcome, digest })
          .setProtectedHeader(SEALING)
          .setIssuedAt(new Date(nowMs()))
          .encrypt(key);
      const outcome = outcomeToSeal(finding);
      const value = await seal(outcome);
      if (value.length <= MAX_CHARS || outcome.session === null || outcome.session === "validated") return value;
      return seal({ session: "validated", deviceEvidence: outcome.session.deviceEvidence });
    },

    async open(value: string, place: Place): Promise<KnownWord | undefined> {
      if (secret === undefined || !isSealed(value) || value.length > MAX_CHARS) return undefined;
      const opening = { ...OPENING, currentDate: new Date(nowMs()) };
      const opened = await jwtDecrypt<SealedWord>(value, await keyOf(secret), opening).catch(() => undefined);
      if (!opened || !leadsTo(opened.payload, place)) return undefined;
      const { outcome, digest, ...word } = opened.payload;
      return {
        ...word,
        recall: async (tokens) =>
          digest === (await digestOf(tokens, place.proof)) ? outcomeFor(tokens, outcome) : undefined,
      };
    },
  };
}

/** The secret has other uses too: what it encrypts is encrypted by a key of this use only. */
async function deriveKey(secret: string): Promise<Uint8Array> {
  const material = await crypto.subtle.importKey("raw", encode(secret), "HKDF", false, ["deriveBits"]);
  const info = encode("byo-session hand-over from proxy to server, version 3");
  const hkdf = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info };
  return new Uint8Array(await crypto.subtle.deriveBits(hkdf, material, 256));
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
  const digest = await crypto.subtle.digest(
    "SHA-256",
    encode(JSON.stringify([tokens.map(({ token }) => token), proof])),
  );
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
