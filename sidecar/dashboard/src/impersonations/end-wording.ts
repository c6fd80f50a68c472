import type { ImpersonationSummary } from "../../../src/dashboard/contract/impersonations.ts";

/** Why an impersonation ended, for a badge. */
export const IMPERSONATION_ENDS: Readonly<
  Record<NonNullable<ImpersonationSummary["endReason"]>, { name: string; color: string }>
> = {
  Stopped: { name: "Stopped", color: "gray" },
  Revoked: { name: "Ended by someone else", color: "red" },
  Expired: { name: "Time was over", color: "gray" },
  Replaced: { name: "Replaced by the next", color: "gray" },
  EmployeeSessionEnded: { name: "Employee logged out", color: "gray" },
};
