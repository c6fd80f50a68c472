import { z } from "zod";
import { command } from "./command.ts";
import * as field from "./fields.ts";
import { STATELESS_TOKEN_LIFETIME } from "./limits.ts";
import type { JsonValue } from "./types.ts";

export interface CreateStatelessTokenData {
  /** Becomes the claim `sub`. */
  userId: string;
  /** Becomes the claim `sid`. */
  sessionId?: string;
  /** Lie beside the registered claims and `sid`, and name none of them. */
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
  /** Earlier than asked for where the key that signed is deactivated earlier: no token outlives its key. */
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
  /** The new key is published at once and signs after this time: give it what verifiers keep keys for. */
  secsBeforeNewKeyBecomesDefault: number;
  /** Not less. Tokens of the older keys are refused after this time: give it the longest life of a token more. */
  secsBeforeExistingKeysAreDeactivated: number;
}

export interface RotatedKey {
  newKeyId: string;
  newKeyBecomesDefaultAt: number;
  /** A key that was to be deactivated earlier still is. */
  existingKeysExpireAt: number;
}

const TEN_YEARS_SECS = 315_360_000;

function wholeNumber(min: number, max: number) {
  return z
    .int({ error: "expected a whole number" })
    .min(min, { error: `expected ${min} or more` })
    .max(max, { error: `expected at most ${max}` });
}

const { userId, string, optional } = field;
const { min, max } = STATELESS_TOKEN_LIFETIME;
const claims = field.metadata.transform((value, context): Record<string, JsonValue> | undefined => {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "object" && !Array.isArray(value)) return value as Record<string, JsonValue>;
  context.addIssue({ code: "custom", message: "expected an object" });
  return undefined;
});

export const STATELESS_TOKEN_COMMANDS = {
  CreateStatelessToken: command<CreateStatelessTokenData, StatelessToken>()({
    does: "gives a JWT that others verify with the keys alone, until it expires",
    input: z.object({
      userId,
      sessionId: optional(string),
      customClaims: claims.optional(),
      issuer: optional(string),
      audience: optional(string),
      notBeforeUnixtime: optional(wholeNumber(0, Number.MAX_SAFE_INTEGER)),
      lifetimeSecs: optional(wholeNumber(min, max)),
    }),
    errors: ["TokenCreationFailed"],
    // A second token is as good, and the first is known to nobody.
    isRepeatable: true,
  }),
  GetJwks: command<Record<string, never>, { keys: Jwk[] }>()({
    does: "lists the public keys that verify those tokens, as `GET /.well-known/jwks.json` does",
    // Whatever it is given: without data it is as good.
    input: z.unknown().transform(() => ({})),
    isRepeatable: true,
  }),
  RotateStatelessTokenKey: command<KeyRotation, RotatedKey>()({
    does: "publishes a new key and says when it signs and the older ones are deactivated",
    input: z.object({
      secsBeforeNewKeyBecomesDefault: wholeNumber(0, TEN_YEARS_SECS),
      secsBeforeExistingKeysAreDeactivated: wholeNumber(0, TEN_YEARS_SECS),
    }),
    errors: ["RotationFailed", "InvalidParameters"],
  }),
};
