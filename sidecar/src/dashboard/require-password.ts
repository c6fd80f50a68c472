import type { KnownCaller } from "./caller.ts";
import { Refusal } from "./refusal.ts";

/** Lets nobody do what cannot be taken back with a login that was left open: the password must have been typed just now. */
export function requirePassword({ login }: KnownCaller): void {
  if (login.passwordConfirmedUntil !== null) return;
  throw new Refusal({ type: "PasswordRequired", message: "Type your password once more to do this." });
}
