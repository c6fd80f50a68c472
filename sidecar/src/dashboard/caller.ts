import type { RequestSource } from "../engine/listening/admission.ts";
import type { LoginEnd } from "./contract/access.ts";
import type { Role } from "./contract/roles.ts";

/** Who makes a call, and from where. */
export interface Caller {
  /** Whether the call comes from this machine. */
  source: RequestSource;
  /** Canonical. */
  ipAddress: string;
  userAgent: string | undefined;
  login: Login | undefined;
  /** Why the login of the request's cookie has ended; null if it has none. */
  whyEnded(): Promise<LoginEnd | null>;
  /** Adds a Set-Cookie line to the answer. */
  setCookie(line: string): void;
}

/** A caller who has logged in. */
export interface KnownCaller extends Caller {
  login: Login;
}

/** A valid login. Times are in milliseconds since 1970, by the database's clock. */
export interface Login {
  id: string;
  userId: string;
  username: string;
  role: Role;
  hasSecondFactor: boolean;
  temporaryUntil: number | null;
  endsAt: number;
  passwordConfirmedUntil: number | null;
}

/** How the audit trail names a person. */
export function actorOf({ username }: { username: string }): string {
  return `dashboard:${username}`;
}

/** Who did something and from where, for an audit event. */
export function traceOf(caller: KnownCaller) {
  return { actor: actorOf(caller.login), ...originOf(caller) };
}

export function originOf({ ipAddress, userAgent }: Caller) {
  return { ipAddress, ...(userAgent !== undefined && { userAgent }) };
}
