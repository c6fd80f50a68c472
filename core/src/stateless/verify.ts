import { type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from "jose";
import { ConfigurationError } from "../errors.ts";
import { verifyPublished } from "../jwks/verify-published.ts";
import { refusalOf, wrongClaim } from "./error.ts";

export interface StatelessTokenOptions {
  /**
   * The sidecar's address with `/.well-known/jwks.json`. The keys are fetched when they are first needed, kept for five
   * minutes and renewed in the background.
   */
  jwksUrl: string | URL;
  /** The `issuer` of the token. Default: none; a token that has one is refused. */
  issuer?: string;
  /** The `audience` of the token. Default: none; a token that has one is refused. */
  audience?: string;
  /** Refuses tokens that were created longer ago, even if they have not expired. Default: no limit. */
  maxAgeSecs?: number;
  /** How far the clocks of this machine and of the sidecar's database may differ, in seconds up to 300. Default: 0. */
  clockToleranceSecs?: number;
}

/** The content of an accepted token. Times are Unix seconds. */
export interface VerifiedToken {
  userId: string;
  /** Only if the token was created with a session id. */
  sessionId?: string;
  expiresAt: number;
  issuedAt?: number;
  /** Unique for each token. */
  tokenId?: string;
  /** The `customClaims` of the token. */
  claims: Readonly<Record<string, unknown>>;
}

const ALGORITHM = "RS256";
const MAX_TOLERANCE_SECS = 300;

/**
 * Verifies a stateless token with the keys that the sidecar publishes. The sidecar is not asked whether the session is
 * still living: a token is accepted until it expires.
 *
 * @throws StatelessTokenError with one of the codes of `StatelessTokenErrorCode`.
 * @throws ConfigurationError `ERR_BYO_OPTIONS` when an option cannot be used.
 */
export async function verifyStatelessToken(token: string, options: StatelessTokenOptions): Promise<VerifiedToken> {
  const { jwksUrl, issuer, audience, maxAgeSecs, clockToleranceSecs = 0 } = options;
  // With NaN, no token would be too old.
  checkSecs("maxAgeSecs", maxAgeSecs ?? 0, Number.MAX_SAFE_INTEGER);
  checkSecs("clockToleranceSecs", clockToleranceSecs, MAX_TOLERANCE_SECS);
  const expected = {
    clockTolerance: clockToleranceSecs,
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
    ...(maxAgeSecs !== undefined && { maxTokenAge: maxAgeSecs }),
  };
  return verifyPublished(jwksUrl, (keys) => verifyBy(keys, token, expected));
}

type Expected = Pick<JWTVerifyOptions, "clockTolerance" | "currentDate" | "maxTokenAge"> &
  Pick<StatelessTokenOptions, "issuer" | "audience">;

/** @throws StatelessTokenError */
export async function verifyBy(keys: JWTVerifyGetKey, token: string, expected: Expected): Promise<VerifiedToken> {
  const checked = { ...expected, algorithms: [ALGORITHM], requiredClaims: ["sub", "exp"] };
  const { payload } = await jwtVerify(token, keys, checked).catch((error: unknown) => {
    throw refusalOf(error);
  });
  return read(payload, expected);
}

function checkSecs(name: string, secs: number, max: number): void {
  if (Number.isFinite(secs) && secs >= 0 && secs <= max) return;
  throw new ConfigurationError("ERR_BYO_OPTIONS", `\`${name}\`: expected seconds from 0 to ${max}`);
}

function read(payload: JWTPayload, expected: Expected): VerifiedToken {
  const { sub, sid, exp, iat, jti, iss, aud, nbf: _nbf, ...claims } = payload;
  // RFC 7519, section 4.1.3: a token with an audience must be refused by a service that is not that audience.
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
