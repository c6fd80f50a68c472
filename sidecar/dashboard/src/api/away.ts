import { ApiError, failedWith } from "./api-error.ts";

/** Whether the sidecar or its database is away, which ends by itself: then a question is asked until it is answered. */
export function isAway(error: unknown): boolean {
  return !(error instanceof ApiError) || failedWith(error, "DatabaseUnavailable") !== undefined;
}

/** A failed answer, also while it is asked for again; null while it loads or is there. */
export function whyMissing({ error, failureReason, data }: { error: unknown; failureReason: unknown; data: unknown }) {
  return data === undefined ? (error ?? failureReason) : null;
}

/** Whether the last try to refresh an answer failed. */
export function isStale({ error, failureReason }: { error: unknown; failureReason: unknown }): boolean {
  return (error ?? failureReason) !== null;
}
