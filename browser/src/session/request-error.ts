/**
 * - `ERR_UNAVAILABLE`: no answer, or one of 500 and above: the network, the server or the sidecar is away. `cause` is what
 *   `fetch` threw. Try again later.
 * - `ERR_UNEXPECTED_ANSWER`: the answer is not the middleware's. Its routes are off, or elsewhere than `routesPrefix` says.
 */
export type SessionRequestErrorCode = "ERR_UNAVAILABLE" | "ERR_UNEXPECTED_ANSWER";

/** A question about the session, or a logout, that came to nothing. The session itself is as it was. */
export class SessionRequestError extends Error {
  override readonly name = "SessionRequestError";
  readonly code: SessionRequestErrorCode;
  /** Of the answer, where there was one. */
  readonly status: number | undefined;

  constructor(code: SessionRequestErrorCode, message: string, status?: number, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.status = status;
  }
}
