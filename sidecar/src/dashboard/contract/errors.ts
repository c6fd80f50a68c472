import type { CurrentPolicies, PolicyProblem } from "./policies.ts";

/** The JSON answer of every call that fails, with the status that `ERROR_STATUS` gives for its type. */
export type DashboardError =
  /** The input is not valid; `problems` names each field. */
  | { type: "InvalidInput"; message: string; problems?: FieldProblem[] }
  | { type: "NotLoggedIn"; message: string }
  /** Wrong name, password or code; it never reveals which one. */
  | { type: "LoginRefused"; message: string }
  /** Name and password are right, and the account has a second factor: repeat the login with `code`. */
  | { type: "CodeRequired"; message: string }
  /** Too many tries: try again after `retryAfterSecs`, which the header `Retry-After` repeats. */
  | { type: "TooManyAttempts"; message: string; retryAfterSecs: number }
  /** A login with a temporary password can call `access/change-password` only. */
  | { type: "PasswordChangeRequired"; message: string }
  /** POST the password to `access/confirm-password`, then repeat the call. */
  | { type: "PasswordRequired"; message: string }
  /** The role may not do this. */
  | { type: "Forbidden"; message: string }
  /** A request from another site, or without the headers that every browser sends today. */
  | { type: "CrossSite"; message: string }
  /** The new password does not follow the rules. */
  | { type: "PasswordRefused"; message: string; reason: PasswordProblem }
  /** It would end, or refuse, more active sessions than the input confirms. */
  | { type: "ConfirmationNeeded"; message: string; count: number; isCapped: boolean }
  | { type: "NotFound"; message: string }
  /** Someone else made a change first, so nothing was changed. For policies, the answer has the policy in force. */
  | { type: "Conflict"; message: string; current?: CurrentPolicies }
  | { type: "PolicyRefused"; message: string; problems: PolicyProblem[] }
  /** This replica accepts no policy edits: the file is the only source. */
  | { type: "PolicyEditsOff"; message: string }
  /** ENCRYPTION_KEY is not set, so the secret would be stored in clear. */
  | { type: "EncryptionKeyMissing"; message: string }
  /** The request is not from this machine under one of its names, and not under the name in DASHBOARD_ORIGIN. */
  | { type: "WrongHost"; message: string }
  | { type: "Busy"; message: string }
  /** The input takes too long to process. */
  | { type: "OverBudget"; message: string }
  /** The database cannot be reached. */
  | { type: "DatabaseUnavailable"; message: string }
  /** The database answers, but not this question within its time. */
  | { type: "DatabaseTimeout"; message: string }
  | { type: "Unexpected"; message: string };

export interface FieldProblem {
  /** The field, with dots between levels. */
  field: string;
  message: string;
}

export type PasswordProblem = "TooShort" | "TooLong" | "Common" | "LikeTheName" | "Unchanged";

/** The minimum length of a password, in characters. */
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
  ConfirmationNeeded: 409,
  NotFound: 404,
  Conflict: 409,
  PolicyRefused: 422,
  PolicyEditsOff: 409,
  EncryptionKeyMissing: 409,
  WrongHost: 421,
  Busy: 503,
  OverBudget: 422,
  DatabaseUnavailable: 503,
  DatabaseTimeout: 503,
  Unexpected: 500,
};
