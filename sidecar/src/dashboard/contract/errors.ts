import type { CurrentPolicies, PolicyProblem } from "./policies.ts";

/** What every call answers that does not succeed, as JSON with the status beside each type in `ERROR_STATUS`. */
export type DashboardError =
  /** The input does not fit; `problems` names each field. */
  | { type: "InvalidInput"; message: string; problems?: FieldProblem[] }
  | { type: "NotLoggedIn"; message: string }
  /** Wrong name, password or code: never which of them. */
  | { type: "LoginRefused"; message: string }
  /** Name and password are right and the account has a second factor: send the log-in again with `code`. */
  | { type: "CodeRequired"; message: string }
  /** Too many tries: try again after `retryAfterSecs`, which is also in the header `Retry-After`. */
  | { type: "TooManyAttempts"; message: string; retryAfterSecs: number }
  /** The login is with a temporary password: it can call `access/change-password` only. */
  | { type: "PasswordChangeRequired"; message: string }
  /** POST the password to `access/confirm-password`, then repeat the call. */
  | { type: "PasswordRequired"; message: string }
  /** The role may not do this. */
  | { type: "Forbidden"; message: string }
  /** A request from another site, or without the headers that every browser sends today. */
  | { type: "CrossSite"; message: string }
  /** The new password is refused. */
  | { type: "PasswordRefused"; message: string; reason: PasswordProblem }
  | { type: "NotFound"; message: string }
  /** Somebody else was faster; nothing is lost and nothing was changed. Policies come with what holds now. */
  | { type: "Conflict"; message: string; current?: CurrentPolicies }
  | { type: "PolicyRefused"; message: string; problems: PolicyProblem[] }
  /** The replica does not take policy edits: the file is the only source. */
  | { type: "PolicyEditsOff"; message: string }
  /** The sidecar has no ENCRYPTION_KEY, without which a secret would lie in the database in clear. */
  | { type: "EncryptionKeyMissing"; message: string }
  /** The request is not from this machine, under a name of it, nor under the name in DASHBOARD_ORIGIN. */
  | { type: "WrongHost"; message: string }
  | { type: "Busy"; message: string }
  /** What was sent takes longer to work out than anybody should wait. */
  | { type: "OverBudget"; message: string }
  | { type: "DatabaseUnavailable"; message: string }
  | { type: "Unexpected"; message: string };

export interface FieldProblem {
  /** The field, with dots between levels. */
  field: string;
  message: string;
}

export type PasswordProblem = "TooShort" | "TooLong" | "Common" | "LikeTheName" | "Unchanged";

/** At least so long a password must be, in characters. */
export const PASSWORD_MIN_CHARS = 12;
export const PASSWORD_MAX_CHARS = 256;

export const ERROR_STATUS: Readonly<Record<DashboardError["type"], number>> = {
  InvalidInput: 400,
  NotLoggedIn: 401,
  LoginRefused: 401,
  CodeRequired: 401,
  TooManyAttempts: 429,
  PasswordChangeRequired: 403,
  PasswordRequired: 403,
  Forbidden: 403,
  CrossSite: 403,
  PasswordRefused: 422,
  NotFound: 404,
  Conflict: 409,
  PolicyRefused: 422,
  PolicyEditsOff: 409,
  EncryptionKeyMissing: 409,
  WrongHost: 421,
  Busy: 503,
  OverBudget: 422,
  DatabaseUnavailable: 503,
  Unexpected: 500,
};
