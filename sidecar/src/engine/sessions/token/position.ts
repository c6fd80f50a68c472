import type { SessionRow } from "../session.ts";
import { isGenuine, isSecretOf, tokenAfter } from "./chain.ts";
import type { SessionToken } from "./session-token.ts";

/**
 * A presented token's place in its session's chain.
 *
 * - `current`: the token in use. `successor`: the next one, handed out but not used yet.
 * - `previous`: the one before, within its grace, for requests that were under way when the successor was first used.
 * - `stale`: genuine but older. Two parties hold the session, or a browser restored an old cookie.
 * - `ahead`: genuine but newer than anything the row knows of. The database has lost what came between, in a restore or a
 *   failover to a server that lagged.
 * - `forged`: never issued.
 */
export type Position = "current" | "successor" | "previous" | "stale" | "ahead" | "forged";

/** Instead of the hash of the current token, where a recovery knows only its generation. */
export const UNKNOWN_HASH: Buffer = Buffer.alloc(0);

export function positionOf(row: SessionRow, token: SessionToken, salt: () => Buffer): Position {
  const isKnown = row.curHash.length > 0;
  if (token.gen === row.gen && isKnown) return isSecretOf(row.curHash, token.secret) ? "current" : "forged";
  // Only one successor derives from the current token. Another one with a good tag was made from the salt.
  if (token.gen === row.gen + 1 && row.nextHash) return isSecretOf(row.nextHash, token.secret) ? "successor" : "forged";
  if (!isGenuine(salt(), token)) return "forged";
  if (token.gen >= row.gen) return "ahead";
  const withinGrace = token.gen === row.gen - 1 && row.prevUntil !== null && row.now <= row.prevUntil;
  if (!withinGrace) return "stale";
  // A good tag needs only the salt, which may be readable in a dump; the current token also follows from the secret.
  const current = tokenAfter(salt(), token, row.gen);
  return current && isSecretOf(row.curHash, current.secret) ? "previous" : "forged";
}
