import type { Role } from "./roles.ts";

/** The person who is logged in. Times in this contract are Unix seconds, unless a name says otherwise. */
export interface Me {
  username: string;
  role: Role;
  hasSecondFactor: boolean;
  /** The password is temporary: until this time it can be changed, and nothing else can be done. */
  mustChangePassword: boolean;
  temporaryUntil: number | null;
  /** The login ends at this time at the latest. */
  sessionEndsAt: number;
  /** The login ends after this long without use. */
  idleTimeoutSecs: number;
  /** Until then no call asks for the password; null: the next one that needs it asks. */
  passwordConfirmedUntil: number | null;
}

/** `access/state` */
export interface AccessState {
  /** Null: not logged in. */
  me: Me | null;
  version: string;
  /** Whether policies can be edited here. Off: the file is the only source. */
  policyEdits: boolean;
  /** No account exists, and only an operator can make one, with INITIAL_OWNER_USERNAME. */
  needsOwner: boolean;
}

/** `access/log-in`; answers an `AccessState`. */
export interface LogIn {
  username: string;
  password: string;
  /** Six digits of the second factor. */
  code?: string;
}

/** `access/change-password`; answers an `AccessState`. All other logins of the person end. */
export interface ChangePassword {
  currentPassword: string;
  newPassword: string;
}

/** `access/confirm-password`; answers an `AccessState`. */
export interface ConfirmPassword {
  password: string;
  /** Required if the person has a second factor. */
  code?: string;
}

/** The answer of `access/start-second-factor`. `access/enable-second-factor` with a code from it turns it on. */
export interface SecondFactorStart {
  /** In base32, for typing. */
  secret: string;
  /** `otpauth://totp/…`, for a QR code. */
  uri: string;
}

/** `access/enable-second-factor` and `access/remove-second-factor` answer an `AccessState`. */
export interface SecondFactorCode {
  code: string;
}
