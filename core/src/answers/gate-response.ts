import type { Reason } from "./reasons.ts";

/** An answer that the middleware gives itself, in a form that every host can send. */
export interface GateResponse {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  /** Why the request is refused, where it is. */
  readonly reason?: Reason;
}

/** A shared cache must never serve one user's answer to another, nor a refusal to whoever may pass. */
export const NO_STORE_HEADERS = [
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
