import type { KnownCaller } from "./caller.ts";
import { Refusal } from "./refusal.ts";

/** Protects sensitive changes if someone left the dashboard open: the password must have been entered just before. */
export function requirePassword({ login }: KnownCaller): void {
  if (login.passwordConfirmedUntil !== null) return;
  throw new Refusal({ type: "PasswordRequired", message: "Enter your password again to do this." });
}
