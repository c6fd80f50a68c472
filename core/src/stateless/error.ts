import { errors } from "jose";

export type StatelessTokenErrorCode =
  /** Not a token, not signed with RS256, or not by a key that is published. */
  | "ERR_STATELESS_TOKEN_INVALID"
  /** Its time is over, or it is older than `maxAgeSecs`. */
  | "ERR_STATELESS_TOKEN_EXPIRED"
  /** Its time has not come yet. */
  | "ERR_STATELESS_TOKEN_NOT_YET_VALID"
  /** A claim is missing or not the one expected: `claim` says which. A foreign issuer or audience is `iss` or `aud`. */
  | "ERR_STATELESS_TOKEN_CLAIM"
  /** The keys are not known: their address does not answer, or with something else. Says nothing of the token. */
  | "ERR_STATELESS_KEYS_UNAVAILABLE";

/** A token that is not accepted. `code` is stable; the message never holds the token. */
export class StatelessTokenError extends Error {
  override readonly name = "StatelessTokenError";
  readonly code: StatelessTokenErrorCode;
  /** With `ERR_STATELESS_TOKEN_CLAIM`. */
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

/** Says by our own codes what jose refused. */
export function refusalOf(error: unknown): StatelessTokenError {
  if (error instanceof StatelessTokenError) return error;
  if (error instanceof errors.JWTExpired) {
    return new StatelessTokenError(
      "ERR_STATELESS_TOKEN_EXPIRED",
      "The token has expired or is too old; ask for a new one.",
    );
  }
  if (!(error instanceof errors.JWTClaimValidationFailed)) {
    const message = "Expected a JWT that is signed with RS256 by a key that is published.";
    return new StatelessTokenError("ERR_STATELESS_TOKEN_INVALID", message);
  }
  const { claim, reason } = error;
  if (reason === "check_failed" && (claim === "nbf" || claim === "iat")) {
    const message = "The token is not valid yet; are the clocks of this machine and of the sidecar's database right?";
    return new StatelessTokenError("ERR_STATELESS_TOKEN_NOT_YET_VALID", message);
  }
  return wrongClaim(claim);
}

export function wrongClaim(claim: string): StatelessTokenError {
  const message = `The token's claim "${claim}" is missing, or not the one that this service expects.`;
  return new StatelessTokenError("ERR_STATELESS_TOKEN_CLAIM", message, { claim });
}
