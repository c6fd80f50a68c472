import type { Reason, RefusalReason } from "../answers/reasons.ts";
import type { DeviceChallenge, NewDeviceCookie } from "../contract/index.ts";
import type { PresentedToken } from "../cookies/session-cookie.ts";
import type { Session } from "../session.ts";

/** What the sidecar's answers mean for the tokens of one request. */
export type Verdict =
  | {
      kind: "authenticated";
      session: Session;
      presented: PresentedToken;
      successor?: Successor | undefined;
      newDeviceCookie?: NewDeviceCookie | undefined;
      activity?: ActivityAnswer | undefined;
    }
  /** No token is valid or will become valid: the browser may drop them, unless it is getting a new one. */
  | { kind: "ended"; reason: RefusalReason; isReplaced?: boolean }
  /** The session lives on, but not for this request. */
  | { kind: "refused"; reason: RefusalReason }
  /** The tokens of several living sessions; empty if there are too many tokens to examine. */
  | { kind: "conflict"; living: readonly PresentedToken[] }
  | { kind: "challenge"; challenge: DeviceChallenge }
  | { kind: "unavailable" };

/** What the sidecar answered to a request that said something about activity. Undefined: it does not know that field. */
export interface ActivityAnswer {
  /** Whether the request has counted as activity, now or, for a held answer, an earlier one. */
  isCounted: boolean;
}

export const COUNTED: ActivityAnswer = { isCounted: true };

/** The token that the browser must send from now on, and the session's remaining time by the sidecar's clock. */
export interface Successor {
  readonly token: string;
  readonly lifetimeSecs: number;
}

export const UNAVAILABLE: Verdict = { kind: "unavailable" };
export const NOT_FOUND: Verdict = { kind: "ended", reason: "NotFound" };

/** A planted cookie that was never issued must not block anything. */
export function isOfNoSession(verdict: Verdict): boolean {
  return verdict.kind === "ended" && verdict.reason === "NotFound";
}

/** False if the answer would be the same for a token that was never issued. */
export function isOfSession(verdict: Verdict): boolean {
  return !isReason(verdict, "NotFound") && !isReason(verdict, "BadRequest");
}

export function isReason(verdict: Verdict, reason: Reason): boolean {
  return "reason" in verdict && verdict.reason === reason;
}
