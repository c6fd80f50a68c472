import type { GateResponse } from "./answers/gate-response.ts";
import type { Reason } from "./answers/reasons.ts";
import { responseOf } from "./answers/web-response.ts";

/** The stable codes of the errors that this package throws. */
export type ErrorCode = ConfigurationErrorCode | ActionErrorCode;

/** The codes of a `ConfigurationError`. */
export type ConfigurationErrorCode =
  /** An option, a guard's requirement or a client setting is invalid. Thrown at start, or at Next's first request. */
  | "ERR_BYO_OPTIONS"
  /** A guard, `req.byo` or `authenticateUpgrade()` was used where `byoSession()` has not run. Mount it first. */
  | "ERR_NOT_MOUNTED"
  /** `byoSession()` ran twice for one request. Mount it once. */
  | "ERR_MOUNTED_TWICE"
  /** Another library owns the session property. Import from `/side-by-side`, or set another `sessionProperty`. */
  | "ERR_SESSION_PROPERTY_TAKEN"
  /** With `lazy: true` the session was read before `await req.byo.getSession()`. */
  | "ERR_SESSION_NOT_LOADED"
  /** The proxy setting trusts every client's `X-Forwarded-For`. Set it to your proxies, or pass `clientIp`. */
  | "ERR_TRUST_PROXY"
  /** `legacySession` is used with a sidecar that does not record old ids, so one old session could create many. */
  | "ERR_LEGACY_ID_NOT_RECORDED"
  /** The body of a back-channel logout was read before the middleware ran. Mount the middleware earlier. */
  | "ERR_BODY_READ"
  /** A method override behind the middleware has made a change of a request that reads. Mount it before the middleware. */
  | "ERR_METHOD_OVERRIDDEN"
  /** In Next: the session was read inside `"use cache"`. Read it outside and pass on what you need. */
  | "ERR_INSIDE_CACHE";

/** The codes of a `SessionActionError`. */
export type ActionErrorCode =
  /** A login or logout came after the response headers were sent or the client had gone: no cookie could be set. */
  | "ERR_HEADERS_SENT"
  /** The action needs a session, but the request has none, or no longer has one. */
  | "ERR_NO_SESSION"
  /** The request may not do this. `reason` says why. */
  | "ERR_REFUSED"
  /** The sidecar did not answer, or failed. Whether anything changed is unknown. Try again. */
  | "ERR_SIDECAR_UNAVAILABLE"
  /** An argument exceeds the contract's bounds, or is not a tag. The message names the field. */
  | "ERR_INVALID_ARGUMENT"
  /** The policy allows the user no more sessions, so the new one is refused. */
  | "ERR_SESSION_LIMIT_EXCEEDED"
  /** The user has no session with this id. */
  | "ERR_SESSION_NOT_FOUND"
  /** The request carries no `DPoP` header, or `publicUrl` is not set. */
  | "ERR_DEVICE_PROOF_MISSING"
  /** The proof is invalid, or the login is too long ago to bind a device. */
  | "ERR_DEVICE_REGISTRATION_REFUSED"
  /** The session is already bound to a device, and cannot be bound to another. */
  | "ERR_DEVICE_ALREADY_REGISTERED"
  /** The proof signs an old challenge. `fetchWithDevice` signs the new one automatically. */
  | "ERR_DEVICE_CHALLENGE_REQUIRED";

/** The configuration is wrong: the message says what was expected and how to fix it. A request never causes it. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
  readonly code: ConfigurationErrorCode;

  constructor(code: ConfigurationErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * An action on the session failed. `code` and `reason` are stable. If the error is not handled, the host answers with
 * `status`, `headers` and `body`, as a guard would.
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

  /** The status of the response if nobody handles the error; Express and Koa read it by this name. */
  get status(): number {
    return this.response.status;
  }

  get headers(): Record<string, string> {
    return Object.fromEntries(this.response.headers);
  }

  get body(): string {
    return this.response.body;
  }

  /** The answer as a web-standard `Response`; Hono calls this method on errors. */
  getResponse(): Response {
    return responseOf(this.response);
  }
}
