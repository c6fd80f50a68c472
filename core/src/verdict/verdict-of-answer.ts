import { type DeviceChallenge, invalidTokenWord, type RefreshedSession } from "../contract/index.ts";
import type { PresentedToken } from "../cookies/session-cookie.ts";
import type { DeviceEvidence } from "../device/evidence.ts";
import { createSession } from "../session.ts";
import type { ClientAnswer } from "../sidecar/session-client.ts";
import { UNAVAILABLE, type Verdict } from "./verdict.ts";

export function toVerdict(
  answer: ClientAnswer<RefreshedSession>,
  presented: PresentedToken,
  evidence: (session: RefreshedSession) => DeviceEvidence,
): Verdict {
  if (!answer.ok) return toRefusal(answer);
  const { data } = answer;
  // Something else may answer at a wrong address; an answer without a user is not a session.
  if (typeof data?.userId !== "string" || typeof data.sessionId !== "string") return UNAVAILABLE;
  const { newSessionToken: token, newDeviceCookie } = data;
  const session = createSession(data, evidence(data));
  const successor = token === undefined ? undefined : { token, lifetimeSecs: lifetimeOf(data) };
  const { countedAsActivity: isCounted } = data;
  const activity = isCounted === undefined ? undefined : { isCounted };
  return { kind: "authenticated", session, presented, successor, newDeviceCookie, activity };
}

/**
 * Never by this machine's clock, which may be hours off. If the sidecar does not report the remaining time, the cookie
 * gets the session's whole lifetime: a cookie that stays too long is simply refused.
 */
function lifetimeOf({ expiresInSecs, expiresAt, createdAt }: RefreshedSession): number {
  const wholeSecs = expiresAt - createdAt;
  return Number.isInteger(expiresInSecs) ? Math.min(Math.max(1, Number(expiresInSecs)), wholeSecs) : wholeSecs;
}

function toRefusal({ error, status }: Extract<ClientAnswer<unknown>, { ok: false }>): Verdict {
  switch (error.type) {
    case "InvalidSessionToken": {
      const word = invalidTokenWord(error.details) ?? "NotFound";
      if (word === "UserAgentMissing" || word === "MissingRequiredTag") return { kind: "refused", reason: word };
      return { kind: "ended", reason: word, ...(error.replaced === true && { isReplaced: true }) };
    }
    case "IpAddressError":
    case "DeviceVerificationRequired":
    case "DeviceVerificationFailed":
      return { kind: "refused", reason: error.type };
    case "NewDeviceChallengeRequired": {
      const challenge = toChallenge(error.details);
      return challenge ? { kind: "challenge", challenge } : UNAVAILABLE;
    }
    case "UnexpectedError":
      return status === 400 || status === 413 ? { kind: "refused", reason: "BadRequest" } : UNAVAILABLE;
    // This includes a refused integration key, which the application's client cannot fix.
    default:
      return UNAVAILABLE;
  }
}

export function toChallenge(details: unknown): DeviceChallenge | undefined {
  const { deviceChallenge, expiresAt } = (details ?? {}) as Partial<DeviceChallenge>;
  return typeof deviceChallenge === "string" && typeof expiresAt === "number"
    ? { deviceChallenge, expiresAt }
    : undefined;
}
