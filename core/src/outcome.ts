import type { DeviceChallenge } from "./contract/index.ts";
import type { Session } from "./session.ts";

/**
 * Every reason for which a request has no session or is refused, with the status of a guard's answer. The list is
 * closed: an application can switch on it.
 */
export const STATUS_OF_REASON = {
  NoSession: 401,
  NotFound: 401,
  Expired: 401,
  Inactive: 401,
  LoggedOut: 401,
  Revoked: 401,
  SessionLimit: 401,
  IpAddressChanged: 401,
  UserAgentChanged: 401,
  TokenReused: 401,
  UserAgentMissing: 401,
  ConflictingCookies: 401,
  DeviceVerificationRequired: 401,
  DeviceVerificationFailed: 401,
  ReauthenticationRequired: 401,
  LegacySessionUsed: 401,
  LegacySessionExpired: 401,
  MissingRequiredTag: 403,
  IpAddressError: 403,
  CrossOrigin: 403,
  NewDeviceChallengeRequired: 425,
  SidecarUnavailable: 503,
  BadRequest: 400,
  AmbiguousCredentials: 400,
  SessionNotFound: 404,
  RouteNotFound: 404,
  MethodNotAllowed: 405,
  SessionLimitExceeded: 409,
  DeviceAlreadyRegistered: 409,
  HeadersSent: 500,
  InternalError: 500,
} as const;

export type Reason = keyof typeof STATUS_OF_REASON;

/** Those whose answer says nothing more than the reason; a challenge carries itself. */
export type RefusalReason = Exclude<Reason, "NewDeviceChallengeRequired">;

const ERROR_TYPE_OF_STATUS: Readonly<Record<number, string>> = {
  400: "BadRequest",
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  405: "MethodNotAllowed",
  409: "Conflict",
  425: "NewDeviceChallengeRequired",
  500: "InternalError",
  503: "Unavailable",
};

/** How long a client that got 503 is asked to wait. The sidecar is tried again well within it. */
const RETRY_AFTER_SECS = 1;

/** An answer that the middleware gives itself, in a form that every host can send. */
export interface GateResponse {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  /** Why the request is refused, where it is. */
  readonly reason?: Reason;
}

/** What a request becomes: the handler runs, with or without a session, or it is answered without the handler. */
export type Outcome =
  | { readonly kind: "proceed"; readonly session: Session; readonly reason?: undefined; readonly response?: undefined }
  | { readonly kind: "proceed"; readonly session: null; readonly reason: RefusalReason; readonly response?: undefined }
  | { readonly kind: "respond"; readonly reason: Reason; readonly response: GateResponse };

export interface Refusals {
  refuse(reason: RefusalReason): GateResponse;
  challenge(challenge: DeviceChallenge): GateResponse;
  /** The same refusal for a person: a page. */
  page(reason: RefusalReason, html: string, headers: GateResponse["headers"]): GateResponse;
}

/** A shared cache must never serve one user's answer to another, nor a refusal to whoever may pass. */
const NO_STORE_HEADERS = [
  ["Cache-Control", "private, no-store"],
  ["Vary", "Cookie"],
] as const;

export function jsonResponse(status: number, value: unknown, headers: GateResponse["headers"] = []): GateResponse {
  return {
    status,
    headers: [["Content-Type", "application/json; charset=utf-8"], ...NO_STORE_HEADERS, ...headers],
    body: JSON.stringify(value),
  };
}

export function emptyResponse(status: number, headers: GateResponse["headers"] = []): GateResponse {
  return { status, headers: [...NO_STORE_HEADERS, ...headers], body: "" };
}

/** Refusals are made once and sent many times. `tellReason` adds the header `Session-Reason`, for development. */
export function createRefusals(options: { challengeStatus: 401 | 425; tellReason: boolean }): Refusals {
  const made = new Map<Reason, GateResponse>();
  const reasonHeader = (reason: Reason): GateResponse["headers"] =>
    options.tellReason ? [["Session-Reason", reason]] : [];

  function make(reason: Reason): GateResponse {
    const status = STATUS_OF_REASON[reason];
    const retry: GateResponse["headers"] = status === 503 ? [["Retry-After", String(RETRY_AFTER_SECS)]] : [];
    const body = { errorType: ERROR_TYPE_OF_STATUS[status], reason };
    return { ...jsonResponse(status, body, [...retry, ...reasonHeader(reason)]), reason };
  }

  return {
    page: (reason, html, headers) => ({
      status: STATUS_OF_REASON[reason],
      headers: [["Content-Type", "text/html; charset=utf-8"], ...NO_STORE_HEADERS, ...headers, ...reasonHeader(reason)],
      body: html,
      reason,
    }),
    refuse(reason) {
      let response = made.get(reason);
      if (!response) {
        response = make(reason);
        made.set(reason, response);
      }
      return response;
    },
    challenge({ deviceChallenge, expiresAt }) {
      // 425 says "try again" (RFC 8470), for which it was not made; RFC 9449 section 9 knows the challenge as a nonce.
      const reason = "NewDeviceChallengeRequired";
      const headers = [["DPoP-Nonce", deviceChallenge] as const, ...reasonHeader(reason)];
      return {
        ...jsonResponse(options.challengeStatus, { errorType: reason, deviceChallenge, expiresAt }, headers),
        reason,
      };
    },
  };
}

export function anonymous(reason: RefusalReason): Outcome {
  return { kind: "proceed", session: null, reason };
}

export function respond(reason: RefusalReason, refusals: Refusals): Outcome {
  return { kind: "respond", reason, response: refusals.refuse(reason) };
}
