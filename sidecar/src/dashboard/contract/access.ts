import type { Role } from "./roles.ts";

/** The person who is logged in. Times in this contract are Unix seconds, unless a name says otherwise. */
export interface Me {
  username: string;
  role: Role;
  /** The names of the calls that the role may make: pages hide what needs others. */
  calls: string[];
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

/** The answer of `access/start-second-factor`. `access/enable-second-factor` with a code from it turns it on. */
export interface SecondFactorStart {
  /** In base32, for typing. */
  secret: string;
  /** `otpauth://totp/…`, for a QR code. */
  uri: string;
}
