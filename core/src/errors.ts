import type { GateResponse } from "./answers/gate-response.ts";
import type { Reason } from "./answers/reasons.ts";
import { responseOf } from "./answers/web-response.ts";

/** The stable codes of the errors that this package throws. */
export type ErrorCode = ConfigurationErrorCode | ActionErrorCode;

/** Of a `ConfigurationError`. */
export type ConfigurationErrorCode =
  /** An option, a requirement of a guard or a setting of the client cannot be used. Thrown at start, or at the first request in Next. */
  | "ERR_BYO_OPTIONS"
  /** A guard, `req.byo` or `authenticateUpgrade()` was used where `byoSession()` has not run. Mount it before. */
  | "ERR_NOT_MOUNTED"
  /** `byoSession()` ran twice for one request. Mount it once. */
  | "ERR_MOUNTED_TWICE"
  /** Another library owns the session property. Use the entry `/side-by-side`, or another `sessionProperty`. */
  | "ERR_SESSION_PROPERTY_TAKEN"
  /** With `lazy: true` the session was read before `await req.byo.getSession()`. */
  | "ERR_SESSION_NOT_LOADED"
  /** The proxy setting believes every client's `X-Forwarded-For`. Set it to your proxies, or pass `clientIp`. */
  | "ERR_TRUST_PROXY"
  /** `legacySession` is used with a sidecar that does not record old ids, so one old session could make many. */
  | "ERR_LEGACY_ID_NOT_RECORDED"
  /** In Next: the session was asked for inside of `"use cache"`. Ask outside and pass on what is needed. */
  | "ERR_INSIDE_CACHE";

/** Of a `SessionActionError`. */
export type ActionErrorCode =
  /** A login or log-out came when the answer's headers were out, or its client gone: no cookie could be set. */
  | "ERR_HEADERS_SENT"
  /** The action needs a session, and the request has none any more. */
  | "ERR_NO_SESSION"
  /** The request may not do this: its `reason` says why. */
  | "ERR_REFUSED"
  /** The sidecar did not answer, or could not do it. Nothing is known to have changed; try again. */
  | "ERR_SIDECAR_UNAVAILABLE"
  /** What was passed is beyond the contract's bounds, or no tag. The message says which field. */
  | "ERR_INVALID_ARGUMENT"
  /** The policy allows the user no more sessions, and the new one is refused. */
  | "ERR_SESSION_LIMIT_EXCEEDED"
  /** The user has no session with this id. */
  | "ERR_SESSION_NOT_FOUND"
  /** The request carries no `DPoP` header, or `publicUrl` is not set. */
  | "ERR_DEVICE_PROOF_MISSING"
  /** The proof does not hold, or the login is too long ago to bind a device. */
  | "ERR_DEVICE_REGISTRATION_REFUSED"
  /** The session is bound to a device, and cannot be bound to another. */
  | "ERR_DEVICE_ALREADY_REGISTERED"
  /** The proof is over an old challenge. `fetchWithDevice` signs the new one by itself. */
  | "ERR_DEVICE_CHALLENGE_REQUIRED";

/** Something is set up wrong: the message says what was expected and how to mend it. Not caused by any request. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
  readonly code: ConfigurationErrorCode;

  constructor(code: ConfigurationErrorCode, message: string, options?: ErrorOptions) {
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
