import type { FastifyReply } from "fastify";
import { DatabaseUnavailable } from "../../engine/db/database.ts";
import { type DashboardError, ERROR_STATUS } from "../contract/errors.ts";
import { Refusal } from "../refusal.ts";

export function answerError(reply: FastifyReply, error: DashboardError): FastifyReply {
  if (error.type === "TooManyAttempts") reply.header("retry-after", String(error.retryAfterSecs));
  return reply.code(ERROR_STATUS[error.type]).header("cache-control", "no-store").send(error);
}

const DOWN: DashboardError = {
  type: "DatabaseUnavailable",
  message:
    "The sidecar runs, but it cannot reach its database, so nothing can be read or changed. " +
    "Check that the database is up and that DATABASE_URL leads to it.",
};
const TIMEOUT: DashboardError = {
  type: "DatabaseTimeout",
  message: "The database did not answer in time. Try again, or narrow the filter.",
};
/** A statement was cancelled at its time limit, waited too long for a lock, or lost against another transaction. */
const TIME_LIMITS: readonly unknown[] = ["57014", "55P03", "40001", "40P01"];

function isTimeLimit(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  return ("code" in cause && TIME_LIMITS.includes(cause.code)) || cause.message === "Query read timeout";
}

/** What the answer says about an error. An unexpected one is not described, because its text may quote a row. */
export function errorOf(error: unknown, onUnexpected: (error: unknown) => void): DashboardError {
  if (error instanceof Refusal) return error.error;
  if (error instanceof DatabaseUnavailable) return isTimeLimit(error.cause) ? TIMEOUT : DOWN;
  const status = error instanceof Error && "statusCode" in error ? Number(error.statusCode) : 500;
  if (status < 500) return { type: "InvalidInput", message: `The request is malformed (${status}).` };
  onUnexpected(error);
  return { type: "Unexpected", message: "Something went wrong; see the sidecar's log." };
}
