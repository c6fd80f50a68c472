/**
 * What a handler's own error becomes if the answer has a cookie for the browser. Next sets the headers of a response
 * before it reads the body. It reports the error that it meets there as if the handler had thrown it, and answers by
 * its own 500, which keeps those headers. If it ever reads the body first, only the cookie is lost.
 */
export class FailedResponse extends Response {
  readonly #error: unknown;

  constructor(error: unknown) {
    super(null, { status: 500 });
    this.#error = error;
  }

  override get body(): never {
    throw this.#error;
  }
}
