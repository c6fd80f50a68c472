import type { GateResponse, Reason } from "./outcome.ts";
import { responseOf } from "./web/web-response.ts";

/** The stable codes of the errors that this package throws. */
export type ErrorCode =
  | "ERR_BYO_OPTIONS"
  | "ERR_NOT_MOUNTED"
  | "ERR_MOUNTED_TWICE"
  | "ERR_SESSION_PROPERTY_TAKEN"
  | "ERR_SESSION_NOT_LOADED"
  | "ERR_TRUST_PROXY"
  | "ERR_LEGACY_ID_NOT_RECORDED"
  | "ERR_INSIDE_CACHE"
  | ActionErrorCode;

export type ActionErrorCode =
  | "ERR_HEADERS_SENT"
  | "ERR_NO_SESSION"
  | "ERR_REFUSED"
  | "ERR_SIDECAR_UNAVAILABLE"
  | "ERR_INVALID_ARGUMENT"
  | "ERR_SESSION_LIMIT_EXCEEDED"
  | "ERR_SESSION_NOT_FOUND"
  | "ERR_DEVICE_PROOF_MISSING"
  | "ERR_DEVICE_REGISTRATION_REFUSED"
  | "ERR_DEVICE_ALREADY_REGISTERED"
  | "ERR_DEVICE_CHALLENGE_REQUIRED";

/** Something is set up wrong: the message says what was expected and how to mend it. Not caused by any request. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
  readonly code: Exclude<ErrorCode, ActionErrorCode>;

  constructor(code: Exclude<ErrorCode, ActionErrorCode>, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * An action on the session could not be done. `code` and `reason` are stable; unhandled, the host answers with `status`,
 * `headers` and `body`, as a guard would.
 */
export class SessionActionError extends Error {
  override readonly name = "SessionActionError";
  readonly code: ActionErrorCode;
  readonly reason: Reason;
  readonly response: GateResponse;

  constructor(code: ActionErrorCode, reason: Reason, message: string, response: GateResponse) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.response = response;
  }

  /** Of the answer, where nobody handles the error; Express and Koa read it by this name. */
  get status(): number {
    return this.response.status;
  }

  get headers(): Record<string, string> {
    return Object.fromEntries(this.response.headers);
  }

  get body(): string {
    return this.response.body;
  }

  /** The answer as the Web's `Response`; Hono asks its errors for one by this name. */
  getResponse(): Response {
    return responseOf(this.response);
  }
}
