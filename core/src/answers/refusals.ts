import type { DeviceChallenge } from "../contract/index.ts";
import { type GateResponse, jsonResponse, NO_STORE_HEADERS } from "./gate-response.ts";
import { type Reason, type RefusalReason, STATUS_OF_REASON } from "./reasons.ts";

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

/** How long a client that got 503 should wait. Core tries the sidecar again well before that. */
const RETRY_AFTER_SECS = 1;

export interface Refusals {
  refuse(reason: RefusalReason): GateResponse;
  challenge(challenge: DeviceChallenge): GateResponse;
  /** The same refusal as a page for people. */
  page(reason: RefusalReason, html: string, headers: GateResponse["headers"]): GateResponse;
}

/** Refusals are created once and sent many times. `tellReason` adds the header `Session-Reason`, for development. */
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
      // 425 means "try again", although RFC 8470 defines it for another case; RFC 9449 section 9 calls the challenge a
      // nonce.
      const reason = "NewDeviceChallengeRequired";
      const headers = [["DPoP-Nonce", deviceChallenge] as const, ...reasonHeader(reason)];
      return {
        ...jsonResponse(options.challengeStatus, { errorType: reason, deviceChallenge, expiresAt }, headers),
        reason,
      };
    },
  };
}
