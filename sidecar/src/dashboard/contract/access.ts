import type { Role } from "./roles.ts";

/** The person who is logged in. Times in this contract are Unix seconds, unless a name says otherwise. */
export interface Me {
  username: string;
  role: Role;
  hasSecondFactor: boolean;
  /** The password is temporary: nothing but changing it is possible, until this time. */
  mustChangePassword: boolean;
  temporaryUntil: number | null;
  /** The login ends then at the latest. */
  sessionEndsAt: number;
  /** Without use the login ends after so long. */
  idleTimeoutSecs: number;
  /** Until then the calls that ask for the password go through; null: they will ask. */
  passwordConfirmedUntil: number | null;
}

/** `access/state` */
export interface AccessState {
  /** Null: not logged in. */
  me: Me | null;
  version: string;
  /** Whether policies can be edited here. Off: the file is the only source. */
  policyEdits: boolean;
  /** No account exists and none can be made from here: an operator sets INITIAL_OWNER_USERNAME. */
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
  /** Needed where the person has a second factor. */
  code?: string;
}

/** `access/start-second-factor` answers this; it is on after `access/enable-second-factor` with a code of it. */
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
