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

/** What is wrong with a field of the input, to be shown there. */
export function problemAt(error: unknown, field: string): string | undefined {
  const { problems = [] } = failedWith(error, "InvalidInput") ?? {};
  return problems.find((problem) => problem.field === field || problem.field.startsWith(`${field}.`))?.message;
}

/** The message for the screen, without what is shown at these fields. */
export function explain(error: unknown, shownAt: readonly string[] = []): string {
  if (error instanceof ApiError) {
    const { answer } = error;
    if (answer.type !== "InvalidInput" || !answer.problems?.length) return answer.message;
    return answer.problems
      .filter(({ field }) => !shownAt.includes(field.split(".")[0] ?? ""))
      .map(({ field, message }) => (field ? `${field}: ${message}` : message))
      .join("; ");
  }
  return "The sidecar did not answer. Is it running, and is this machine connected?";
}
