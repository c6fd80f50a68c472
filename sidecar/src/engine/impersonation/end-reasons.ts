/** Why an impersonation ended. The database has the same list, so a new one needs a migration. */
export const IMPERSONATION_END_REASONS = ["Stopped", "Revoked", "Expired", "Replaced", "EmployeeSessionEnded"] as const;
export type ImpersonationEndReason = (typeof IMPERSONATION_END_REASONS)[number];
