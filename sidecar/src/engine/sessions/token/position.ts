import type { SessionRow } from "../session.ts";
import { isGenuine, isSecretOf } from "./chain.ts";
import type { SessionToken } from "./session-token.ts";

/**
 * A presented token's place in its session's chain.
 *
 * - `current`: the token in use. `successor`: the next one, handed out but not used yet.
 * - `previous`: the one before, within its grace, for requests that were under way when the successor was first used.
 * - `stale`: genuine but older. Two parties hold the session, or a browser restored an old cookie.
 * - `forged`: never issued.
 */
export type Position = "current" | "successor" | "previous" | "stale" | "forged";

export function positionOf(row: SessionRow, token: SessionToken, salt: () => Buffer): Position {
  if (token.gen === row.gen) return isSecretOf(row.curHash, token.secret) ? "current" : "forged";
  if (token.gen === row.gen + 1) return isSecretOf(row.nextHash, token.secret) ? "successor" : "forged";
  if (token.gen > row.gen || !isGenuine(salt(), token)) return "forged";
  const withinGrace = token.gen === row.gen - 1 && row.prevUntil !== null && row.now <= row.prevUntil;
  return withinGrace ? "previous" : "stale";
}
