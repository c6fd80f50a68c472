import { z } from "zod";
import { command } from "./command.ts";
import * as field from "./fields.ts";
import { LIMITS, STATELESS_TOKEN_LIFETIME } from "./limits.ts";
import type { JsonValue } from "./types.ts";

export interface CreateStatelessTokenData {
  /** Becomes the claim `sub`. */
  userId: string;
  /** Becomes the claim `sid`. */
  sessionId?: string;
  /** Further claims. They cannot include `sid`, nor the registered `iss`, `sub`, `aud`, `exp`, `nbf`, `iat` and `jti`. */
  customClaims?: Record<string, JsonValue>;
  /** Becomes the claim `iss`. */
  issuer?: string;
  /** Becomes the claim `aud`. */
  audience?: string;
  /** Becomes the claim `nbf`. Unix seconds. */
  notBeforeUnixtime?: number;
  /** 1 to 86,400. Default: 300. */
  lifetimeSecs?: number;
}

export interface StatelessToken {
  /** A JWT, signed with RS256. */
  statelessToken: string;
  /** Earlier than requested if the signing key is deactivated earlier: a token never outlives its key. */
  expiresAt: number;
}

/** A public key (RFC 7517). */
export interface Jwk {
  kty: string;
  kid: string;
  use: string;
  alg: string;
  n: string;
  e: string;
}

export interface KeyRotation {
  /** The new key is published at once and signs after this time: at least as long as services cache the keys. */
  secsBeforeNewKeyBecomesDefault: number;
  /** Then tokens of the existing keys are refused: at least the time above plus the longest lifetime of a token. */
  secsBeforeExistingKeysAreDeactivated: number;
}

export interface RotatedKey {
  newKeyId: string;
  newKeyBecomesDefaultAt: number;
  /** A key that is due to be deactivated earlier still is. */
  existingKeysExpireAt: number;
}

const TEN_YEARS_SECS = 315_360_000;

function wholeNumber(min: number, max: number) {
  return z
    .int({ error: "expected a whole number" })
    .min(min, { error: `expected ${min} or more` })
    .max(max, { error: `expected at most ${max}` });
}

const { userId, optional } = field;
const name = field.text(LIMITS.stringChars, 1);
const { min, max } = STATELESS_TOKEN_LIFETIME;
const claims = field.metadata.transform((value, context): Record<string, JsonValue> | undefined => {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "object" && !Array.isArray(value)) return value as Record<string, JsonValue>;
  context.addIssue({ code: "custom", message: "expected an object" });
  return undefined;
});

export const STATELESS_TOKEN_COMMANDS = {
  CreateStatelessToken: command<CreateStatelessTokenData, StatelessToken>()({
    does: "returns a JWT that other services verify with the public keys, until it expires",
    input: z.object({
      userId,
      sessionId: optional(name),
      customClaims: claims.optional(),
      issuer: optional(name),
      audience: optional(name),
      notBeforeUnixtime: optional(wholeNumber(0, Number.MAX_SAFE_INTEGER)),
      lifetimeSecs: optional(wholeNumber(min, max)),
    }),
    errors: ["TokenCreationFailed"],
    // The first token is lost with its answer, so nobody has it.
    isRepeatable: true,
  }),
  GetJwks: command<Record<string, never>, { keys: Jwk[] }>()({
    does: "lists the public keys for these tokens, like `GET /.well-known/jwks.json`",
    // Any data is fine, including none.
    input: z.unknown().transform(() => ({})),
    isRepeatable: true,
  }),
  RotateStatelessTokenKey: command<KeyRotation, RotatedKey>()({
    does: "publishes a new signing key, and returns when it signs and when the existing keys are deactivated",
    input: z.object({
      secsBeforeNewKeyBecomesDefault: wholeNumber(0, TEN_YEARS_SECS),
      secsBeforeExistingKeysAreDeactivated: wholeNumber(0, TEN_YEARS_SECS),
    }),
    errors: ["RotationFailed", "InvalidParameters"],
  }),
};
