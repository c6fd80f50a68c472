import type { Reason } from "./reasons.ts";

/** A response that the middleware sends itself, in a form that every host can send. */
export interface GateResponse {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  /** What the body says, if it is JSON: for hosts that write it themselves. */
  readonly value?: object;
  /** Why the request is refused, if it is. */
  readonly reason?: Reason;
}

/** A shared cache must never serve one user's response to another, nor a refusal to a user who may pass. */
export const NO_STORE_HEADERS = [
  ["Cache-Control", "private, no-store"],
  ["Vary", "Cookie"],
] as const;

export function jsonResponse(status: number, value: object, headers: GateResponse["headers"] = []): GateResponse {
  return {
    status,
    headers: [["Content-Type", "application/json; charset=utf-8"], ...NO_STORE_HEADERS, ...headers],
    body: JSON.stringify(value),
    value,
  };
}

export function emptyResponse(status: number, headers: GateResponse["headers"] = []): GateResponse {
  return { status, headers: [...NO_STORE_HEADERS, ...headers], body: "" };
}
