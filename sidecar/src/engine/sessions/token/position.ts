import type { SessionRow } from "../session.ts";
import { isGenuine, isSecretOf } from "./chain.ts";
import type { SessionToken } from "./session-token.ts";

/**
 * Where a presented token stands in its session's chain.
 *
 * - `current`: the one in use. `successor`: the next one, given out but not yet used.
 * - `previous`: the one before, within the grace window: requests that were under way when the successor was first used.
 * - `stale`: genuine but older: two parties hold the session, or a browser put an old cookie back.
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
