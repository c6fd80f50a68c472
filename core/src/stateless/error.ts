import { errors } from "jose";
import { KeysUnavailable } from "../jwks/keys-unavailable.ts";

export type StatelessTokenErrorCode =
  /** It is not a JWT that a published key has signed with RS256. */
  | "ERR_STATELESS_TOKEN_INVALID"
  /** It has expired, or is older than `maxAgeSecs`. */
  | "ERR_STATELESS_TOKEN_EXPIRED"
  /** It is not valid yet. */
  | "ERR_STATELESS_TOKEN_NOT_YET_VALID"
  /** A claim is missing or has another value than expected; `claim` says which, such as `iss` (issuer) or `aud` (audience). */
  | "ERR_STATELESS_TOKEN_CLAIM"
  /** The keys could not be fetched from `jwksUrl` in time. The token may be valid; try again. */
  | "ERR_STATELESS_KEYS_UNAVAILABLE";

/** A token that is not accepted. `code` is stable; the message never contains the token. */
export class StatelessTokenError extends Error {
  override readonly name = "StatelessTokenError";
  readonly code: StatelessTokenErrorCode;
  /** Only for `ERR_STATELESS_TOKEN_CLAIM`. */
  readonly claim?: string;

  constructor(
    code: StatelessTokenErrorCode,
    message: string,
    { claim, ...options }: ErrorOptions & { claim?: string } = {},
  ) {
    super(message, options);
    this.code = code;
    if (claim !== undefined) this.claim = claim;
  }
}

/** Maps an error from jose to one with a code of ours. */
export function refusalOf(error: unknown): StatelessTokenError {
  if (error instanceof KeysUnavailable) {
    return new StatelessTokenError("ERR_STATELESS_KEYS_UNAVAILABLE", error.message, { cause: error.cause });
  }
  if (error instanceof errors.JWTExpired) {
    return new StatelessTokenError(
      "ERR_STATELESS_TOKEN_EXPIRED",
      "The token has expired or is too old; ask for a new one.",
    );
  }
  if (!(error instanceof errors.JWTClaimValidationFailed)) {
    const message = "Expected a JWT that a published key has signed with RS256.";
    return new StatelessTokenError("ERR_STATELESS_TOKEN_INVALID", message, { cause: error });
  }
  const { claim, reason } = error;
  if (reason === "check_failed" && (claim === "nbf" || claim === "iat")) {
    const message = "The token is not valid yet. Check the clocks of this machine and of the sidecar's database.";
    return new StatelessTokenError("ERR_STATELESS_TOKEN_NOT_YET_VALID", message);
  }
  return wrongClaim(claim);
}

export function wrongClaim(claim: string): StatelessTokenError {
  const message = `The token's claim "${claim}" is missing or has another value than this service expects.`;
  return new StatelessTokenError("ERR_STATELESS_TOKEN_CLAIM", message, { claim });
}
