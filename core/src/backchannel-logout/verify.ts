import { decodeJwt, errors, type JWTPayload, jwtVerify } from "jose";
import { KeysUnavailable } from "../jwks/keys-unavailable.ts";
import { verifyPublished } from "../jwks/verify-published.ts";
import { LogoutRefused } from "./logout-error.ts";
import type { LogoutProvider } from "./provider.ts";

/** Whom a logout token logs out. With `sid` only that session of the provider, otherwise all sessions of the user. */
export interface LogoutOrder {
  readonly issuer: string;
  readonly sub?: string;
  readonly sid?: string;
  readonly jti: string;
  /** In whole Unix seconds; a token's own times may have fractions. */
  readonly expiresAt: number;
}

// Only signatures by a key that the provider publishes: with HS256 the client secret would be the key, and "none" has
// none.
const ALGORITHMS = ["RS", "PS", "ES"].flatMap((kind) => [256, 384, 512].map((bits) => `${kind}${bits}`));
const EDWARDS = ["EdDSA", "Ed25519"];
const TYPES = ["jwt", "logout+jwt"];
const EVENT = "http://schemas.openid.net/event/backchannel-logout";
/** Providers let a logout token live for some minutes. For this long its id is remembered at the most. */
const MAX_LIFETIME_SECS = 86_400;
/** How far the clocks of the provider and the sidecar may differ. */
const TOLERANCE_SECS = 60;

/**
 * Verifies a logout token by section 2.6 of OpenID Connect Back-Channel Logout 1.0, but for the replay of its `jti`.
 *
 * @throws LogoutRefused
 * @throws KeysUnavailable
 */
export async function verifyLogoutToken(
  token: string,
  providers: readonly LogoutProvider[],
  nowSecs: number,
): Promise<LogoutOrder> {
  try {
    const { issuer, clientId, jwksUri } = providerOf(token, providers);
    const expected = {
      algorithms: [...ALGORITHMS, ...EDWARDS],
      ...{ issuer, audience: clientId },
      requiredClaims: ["iat", "exp", "jti", "events"],
      // Also refuses tokens from the future.
      maxTokenAge: MAX_LIFETIME_SECS,
      clockTolerance: TOLERANCE_SECS,
      currentDate: new Date(nowSecs * 1000),
    };
    const { payload, protectedHeader } = await verifyPublished(jwksUri, (keys) => jwtVerify(token, keys, expected));
    if (!isType(protectedHeader.typ ?? "jwt")) throw new LogoutRefused('expected the type "logout+jwt"');
    return orderOf(payload, issuer);
  } catch (error) {
    if (error instanceof LogoutRefused || error instanceof KeysUnavailable) throw error;
    if (error instanceof errors.JOSEError) throw new LogoutRefused(explain(error));
    throw error;
  }
}

/** Of any JSON type: nothing has checked it but the signature. */
function isType(claimed: unknown): boolean {
  return typeof claimed === "string" && TYPES.includes(claimed.toLowerCase().replace(/^application\//, ""));
}

/** The claimed issuer only chooses the keys; afterwards the signature shows whether it is true. */
function providerOf(token: string, providers: readonly LogoutProvider[]): LogoutProvider {
  const { iss } = decodeJwt(token);
  const provider = providers.find(({ issuer }) => issuer === iss);
  if (provider) return provider;
  throw new LogoutRefused("expected another issuer (iss)");
}

function orderOf(payload: JWTPayload, issuer: string): LogoutOrder {
  const { sub, sid, jti, iat = 0, exp = 0, events } = payload;
  if (Object.hasOwn(payload, "nonce")) throw new LogoutRefused("expected no nonce: this is an ID token");
  if (!isObject(events) || !isObject(events[EVENT])) throw new LogoutRefused(`expected events with ${EVENT}`);
  if (exp - iat > MAX_LIFETIME_SECS) throw new LogoutRefused("expected a lifetime of at most a day");
  if (sub === undefined && sid === undefined) throw new LogoutRefused("expected a sub or a sid");
  return {
    ...{ issuer, jti: text("jti", jti), expiresAt: Math.ceil(exp) + TOLERANCE_SECS },
    ...(sub !== undefined && { sub: text("sub", sub) }),
    ...(sid !== undefined && { sid: text("sid", sid) }),
  };
}

function text(claim: string, value: unknown): string {
  if (typeof value === "string" && value !== "") return value;
  throw new LogoutRefused(`expected ${claim} to be text that is not empty`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function explain(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return "the logout token has expired or is too old";
  if (error instanceof errors.JWTClaimValidationFailed) return `expected another value of the claim ${error.claim}`;
  return "expected a JWT that a key of the provider has signed, with an algorithm for public keys";
}
