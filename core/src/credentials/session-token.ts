import { LIMITS } from "../contract/index.ts";

/**
 * The form of this sidecar's tokens: prefix, session id, generation, tag, secret. Read only to sort several cookies;
 * the sidecar decides whether a token is valid.
 */
const TOKEN_FORM = /^byo_sess_([\w-]{22})\.([0-9a-f]{8})\.[\w-]{22}\.[\w-]{43}$/;

export interface TokenName {
  /** Equal for the tokens of one session. */
  session: string;
  /** Grows with each rotation. */
  generation: number;
  /** False: if it is a token at all, another sidecar issued it. */
  isOurForm: boolean;
}

/** A token in another form counts as a session of its own. */
export function nameOfToken(token: string): TokenName {
  const [, session, generation] = TOKEN_FORM.exec(token) ?? [];
  if (session === undefined || generation === undefined) return { session: token, generation: 0, isOurForm: false };
  return { session, generation: Number.parseInt(generation, 16), isOurForm: true };
}

/** Anything else was never issued, and would be refused as malformed: a forged cookie is no reason for an error. */
export function isPlausible(token: string): boolean {
  return token.length <= LIMITS.stringChars && /^[\x21-\x7e]+$/.test(token);
}
