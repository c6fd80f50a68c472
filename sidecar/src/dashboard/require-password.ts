import type { KnownCaller } from "./caller.ts";
import { Refusal } from "./refusal.ts";

/** Protects what cannot be undone against a login that was left open: the password must have been typed just now. */
export function requirePassword({ login }: KnownCaller): void {
  if (login.passwordConfirmedUntil !== null) return;
  throw new Refusal({ type: "PasswordRequired", message: "Enter your password again to do this." });
}
