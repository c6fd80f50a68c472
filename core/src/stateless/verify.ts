import { type JWTPayload, jwtVerify } from "jose";
import { ConfigurationError } from "../errors.ts";
import { refusalOf, wrongClaim } from "./error.ts";
import { publishedKeys } from "./published-keys.ts";

export interface StatelessTokenOptions {
  /**
   * Where the sidecar publishes its keys: its address with `/.well-known/jwks.json`. They are read when they are first
   * needed, kept for five minutes and renewed meanwhile.
   */
  jwksUrl: string | URL;
  /** The `issuer` that the token was made with. Left out: a token that has one is refused. */
  issuer?: string;
  /** The `audience` that the token was made with. Left out: a token that has one is refused. */
  audience?: string;
  /** Refuses a token that was made longer ago, however long it lives. Default: only its own life counts. */
  maxAgeSecs?: number;
  /** How much the clock of this machine may differ from that of the sidecar's database, up to 300. Default: 0. */
  clockToleranceSecs?: number;
}

/** What a token says that was accepted. Times are Unix seconds. */
export interface VerifiedToken {
  userId: string;
  /** Where the token was made for a session. */
  sessionId?: string;
  expiresAt: number;
  /** Absent where the sidecar does not say it. */
  issuedAt?: number;
  /** Differs for each token. Absent where the sidecar does not say it. */
  tokenId?: string;
  /** The `customClaims` that the token was made with. */
  claims: Readonly<Record<string, unknown>>;
}

const ALGORITHM = "RS256";
const MAX_TOLERANCE_SECS = 300;

/**
 * Verifies a stateless token on this machine, with the keys that the sidecar publishes. Nobody is asked whether its
 * session still lives: a token is accepted until it expires.
 *
 * @throws StatelessTokenError with one of the codes of `StatelessTokenErrorCode`.
 * @throws ConfigurationError `ERR_BYO_OPTIONS` when an option cannot be used.
 */
export async function verifyStatelessToken(token: string, options: StatelessTokenOptions): Promise<VerifiedToken> {
  const { jwksUrl, issuer, audience, maxAgeSecs, clockToleranceSecs = 0 } = options;
  // Anything else, such as NaN, would make no token too old.
  checkSecs("maxAgeSecs", maxAgeSecs ?? 0, Number.MAX_SAFE_INTEGER);
  checkSecs("clockToleranceSecs", clockToleranceSecs, MAX_TOLERANCE_SECS);
  const keys = publishedKeys(jwksUrl);
  const { payload } = await jwtVerify(token, keys, {
    algorithms: [ALGORITHM],
    requiredClaims: ["sub", "exp"],
    clockTolerance: clockToleranceSecs,
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
    ...(maxAgeSecs !== undefined && { maxTokenAge: maxAgeSecs }),
  }).catch((error: unknown) => {
    throw refusalOf(error);
  });
  return read(payload, { issuer, audience });
}

function checkSecs(name: string, secs: number, max: number): void {
  if (Number.isFinite(secs) && secs >= 0 && secs <= max) return;
  throw new ConfigurationError("ERR_BYO_OPTIONS", `\`${name}\`: expected seconds from 0 to ${max}`);
}

function read(payload: JWTPayload, expected: Pick<StatelessTokenOptions, "issuer" | "audience">): VerifiedToken {
  const { sub, sid, exp, iat, jti, iss, aud, nbf: _nbf, ...claims } = payload;
  // RFC 7519, section 4.1.3: who does not know the audience as its own refuses the token.
  if (iss !== undefined && expected.issuer === undefined) throw wrongClaim("iss");
  if (aud !== undefined && expected.audience === undefined) throw wrongClaim("aud");
  if (typeof sub !== "string" || sub === "") throw wrongClaim("sub");
  if (exp === undefined) throw wrongClaim("exp");
  if (sid !== undefined && typeof sid !== "string") throw wrongClaim("sid");
  return {
    userId: sub,
    expiresAt: exp,
    ...(sid !== undefined && { sessionId: sid }),
    ...(iat !== undefined && { issuedAt: iat }),
    ...(jti !== undefined && { tokenId: jti }),
    claims,
  };
}
