import type { PresentedToken } from "../cookies/session-cookie.ts";
import { isOfSession, isReason, NOT_FOUND, UNAVAILABLE, type Verdict } from "./verdict.ts";

export interface Examined {
  token: PresentedToken;
  verdict: Verdict;
}

/** One browser has one session: an attacker who can plant a second one must not choose which of the two is used. */
export function combine(examined: readonly Examined[]): Verdict {
  const verdicts = examined.map(({ verdict }) => verdict);
  // If one answer is missing, a conflict cannot be ruled out.
  if (verdicts.some(({ kind }) => kind === "unavailable")) return UNAVAILABLE;
  // A session that refuses this request is living too: another one must not replace it.
  const living = examined.filter(({ verdict }) => verdict.kind !== "ended" && isOfSession(verdict));
  const sessions = new Set(
    living.map(({ token, verdict }) => (verdict.kind === "authenticated" ? verdict.session.sessionId : token)),
  );
  if (sessions.size > 1) return { kind: "conflict", living: living.map(({ token }) => token) };
  const [first] = living;
  // A token that was never issued changes nothing.
  const replaced = verdicts.find((verdict) => verdict.kind === "ended" && verdict.isReplaced);
  return first?.verdict ?? replaced ?? verdicts.find((verdict) => !isReason(verdict, "NotFound")) ?? NOT_FOUND;
}
