import type { Role } from "./roles.ts";

/** The person who is logged in. Times in this contract are Unix seconds, unless a name says otherwise. */
export interface Me {
  username: string;
  role: Role;
  /** The names of the calls that the role may make; pages hide the rest. */
  calls: string[];
  hasSecondFactor: boolean;
  /** How many recovery codes of the second factor have not been used. */
  recoveryCodesLeft: number;
  /** The password is temporary: until `temporaryUntil` it can be changed, and nothing else is allowed. */
  mustChangePassword: boolean;
  temporaryUntil: number | null;
  /** When the login ends, at the latest. */
  sessionEndsAt: number;
  /** The login ends after this long without use. */
  idleTimeoutSecs: number;
  /** Until this time no call asks for the password. Null: the next call that needs it asks. */
  passwordConfirmedUntil: number | null;
}

/** The answer of `access/state`, and of calls that change the login. */
export interface AccessState {
  /** Null: not logged in. */
  me: Me | null;
  /** Why the browser's login has ended. Null: it had none, or the person logged out. */
  ended: LoginEnd | null;
  version: string;
  /** Whether policies can be edited here. Off: the file is the only source. */
  policyEdits: boolean;
  /** No account exists. Only an operator can create the first one, with INITIAL_OWNER_USERNAME. */
  needsOwner: boolean;
}

/** `Ended`: by a new password, a change of the account, a new login, or an old copy of the cookie. */
export type LoginEnd = { reason: "Idle" | "Expired"; afterSecs: number } | { reason: "Ended" };

/** The answer of `access/enable-second-factor` and `access/make-recovery-codes`. */
export interface RecoveryCodes {
  /** Shown only now. Each stands in for a code of the second factor once. */
  codes: string[];
}

/** The answer of `access/start-second-factor`. `access/enable-second-factor` with a code from it turns it on. */
export interface SecondFactorStart {
  /** In base32, for typing. */
  secret: string;
  /** `otpauth://totp/…`, for a QR code. */
  uri: string;
}
