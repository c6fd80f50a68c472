/**
 * The form of this sidecar's tokens: prefix, session id, generation, tag, secret. Read only to order several cookies;
 * what a token is worth is the sidecar's to say.
 */
const TOKEN_FORM = /^byo_sess_([\w-]{22})\.([0-9a-f]{8})\.[\w-]{22}\.[\w-]{43}$/;

export interface TokenName {
  /** Equal for the tokens of one session. */
  session: string;
  /** Grows with each rotation. */
  generation: number;
}

/** A token of another form (another sidecar's) names a session of its own. */
export function nameOfToken(token: string): TokenName {
  const [, session, generation] = TOKEN_FORM.exec(token) ?? [];
  if (session === undefined || generation === undefined) return { session: token, generation: 0 };
  return { session, generation: Number.parseInt(generation, 16) };
}
