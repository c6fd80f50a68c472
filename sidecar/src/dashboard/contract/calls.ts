import { ROLES, type Role } from "./roles.ts";

/** The prefix of every call's path. */
export const API_PREFIX = "/dashboard-api";

/**
 * Sent with requests that no person triggered, such as refreshes. They do not count as use, so the idle timeout also
 * ends the login of a page that is left open.
 */
export const BACKGROUND_HEADER = "x-byo-background";

/** Who may make a call. */
export type Access =
  /** Anyone, even without a login. */
  | "anyone"
  /** Every login, even with a temporary password, which allows nothing else. */
  | "temporary"
  /** Every login, once the person has chosen a password. */
  | readonly Role[];

export interface CallRule {
  /** A GET takes its input from the query, a POST from a JSON body. */
  readonly method: "GET" | "POST";
  readonly access: Access;
  /**
   * Whether the person must have typed the password within the last minutes: `always`, or depending on the content,
   * such as a policy edit that loosens something. Otherwise the answer is `PasswordRequired`.
   */
  readonly password?: "always" | "sometimes";
}

const EVERYBODY = ROLES;
const EDITORS = ["SuperAdmin", "Admin", "Editor"] as const;
const ADMINS = ["SuperAdmin", "Admin"] as const;
const OWNERS = ["SuperAdmin"] as const;

/** Every call of the dashboard and who may make it: the server enforces this, and pages hide what is not allowed. */
export const CALLS = {
  "access/state": { method: "GET", access: "anyone" },
  "access/log-in": { method: "POST", access: "anyone" },
  "access/log-out": { method: "POST", access: "temporary" },
  "access/change-password": { method: "POST", access: "temporary" },
  "access/confirm-password": { method: "POST", access: EVERYBODY },
  "access/start-second-factor": { method: "POST", access: EVERYBODY, password: "always" },
  "access/enable-second-factor": { method: "POST", access: EVERYBODY, password: "always" },
  "access/remove-second-factor": { method: "POST", access: EVERYBODY, password: "always" },

  "sessions/list": { method: "GET", access: EVERYBODY },
  "sessions/count": { method: "GET", access: EVERYBODY },
  "sessions/detail": { method: "GET", access: EVERYBODY },
  "sessions/timeline": { method: "GET", access: EVERYBODY },
  "sessions/export": { method: "GET", access: EVERYBODY },
  "sessions/end-one": { method: "POST", access: EDITORS },
  "sessions/end-count": { method: "GET", access: EDITORS },
  "sessions/end-many": { method: "POST", access: EDITORS },

  "overview/series": { method: "GET", access: EVERYBODY },
  "overview/top-tags": { method: "GET", access: EVERYBODY },
  "overview/health": { method: "GET", access: EVERYBODY },

  "policies/current": { method: "GET", access: EVERYBODY },
  "policies/check": { method: "POST", access: EVERYBODY },
  "policies/explain": { method: "POST", access: EVERYBODY },
  "policies/preview": { method: "POST", access: EVERYBODY },
  "policies/save": { method: "POST", access: EDITORS, password: "sometimes" },
  "policies/revisions": { method: "GET", access: EVERYBODY },
  "policies/revision": { method: "GET", access: EVERYBODY },
  "policies/rollback": { method: "POST", access: EDITORS, password: "sometimes" },
  "policies/export": { method: "GET", access: EVERYBODY },

  "settings/retention": { method: "GET", access: EVERYBODY },
  "settings/set-retention": { method: "POST", access: ADMINS, password: "sometimes" },
  "settings/signing-keys": { method: "GET", access: ADMINS },
  "settings/integration-keys": { method: "GET", access: ADMINS },
  "settings/create-integration-key": { method: "POST", access: OWNERS, password: "always" },
  "settings/revoke-integration-key": { method: "POST", access: ADMINS, password: "always" },
  "settings/users": { method: "GET", access: ADMINS },
  "settings/create-user": { method: "POST", access: ADMINS, password: "always" },
  "settings/change-user": { method: "POST", access: ADMINS, password: "sometimes" },
  "settings/reset-password": { method: "POST", access: ADMINS, password: "always" },
  "settings/reset-second-factor": { method: "POST", access: ADMINS, password: "always" },

  "log/list": { method: "GET", access: EVERYBODY },
  "log/export": { method: "GET", access: EVERYBODY },
} as const satisfies Record<string, CallRule>;

export type CallName = keyof typeof CALLS;

/** Whether a person with this role may make the call. Without a role: someone who is not logged in. */
export function mayCall(call: CallName, role: Role | undefined): boolean {
  const { access }: CallRule = CALLS[call];
  if (access === "anyone") return true;
  if (role === undefined) return false;
  return access === "temporary" || access.includes(role);
}

/** Whether a person with this role may change, disable or reset one with the other role. */
export function mayManage(role: Role, other: Role): boolean {
  return role === "SuperAdmin" || (role === "Admin" && other !== "SuperAdmin");
}
