import type { DashboardError } from "../../../src/dashboard/contract/errors.ts";

/** The error that the server answered. */
export class ApiError extends Error {
  readonly answer: DashboardError;

  constructor(answer: DashboardError) {
    super(answer.message);
    this.name = "ApiError";
    this.answer = answer;
  }
}

/** The answer of a failed call, if it has this type. */
export function failedWith<T extends DashboardError["type"]>(
  error: unknown,
  type: T,
): Extract<DashboardError, { type: T }> | undefined {
  if (!(error instanceof ApiError) || error.answer.type !== type) return undefined;
  return error.answer as Extract<DashboardError, { type: T }>;
}

/** The message for the screen. */
export function explain(error: unknown): string {
  if (error instanceof ApiError) {
    const { answer } = error;
    if (answer.type !== "InvalidInput" || !answer.problems?.length) return answer.message;
    return answer.problems.map(({ field, message }) => (field ? `${field}: ${message}` : message)).join("; ");
  }
  return "The sidecar did not answer. Is it running, and is this machine connected?";
}
