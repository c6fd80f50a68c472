import { type DeviceChallenge, END_REASONS, type EndReason, type RefreshedSession } from "../contract/index.ts";
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
  // Something else may answer at a wrong address; without a user it is no session.
  if (typeof data?.userId !== "string" || typeof data.sessionId !== "string") return UNAVAILABLE;
  const { newSessionToken: token, newDeviceCookie } = data;
  const session = createSession(data, evidence(data));
  const successor = token === undefined ? undefined : { token, lifetimeSecs: lifetimeOf(data) };
  return { kind: "authenticated", session, presented, successor, newDeviceCookie };
}

/**
 * Never by this machine's clock, which may be hours off. A sidecar that does not say how much is left has the session's
 * whole life to go by: a cookie that stays too long is only one that the sidecar refuses.
 */
function lifetimeOf({ expiresInSecs, expiresAt, createdAt }: RefreshedSession): number {
  const wholeSecs = expiresAt - createdAt;
  return Number.isInteger(expiresInSecs) ? Math.min(Math.max(1, Number(expiresInSecs)), wholeSecs) : wholeSecs;
}

const ENDED: ReadonlySet<string> = new Set(END_REASONS);

function toRefusal({ error, status }: Extract<ClientAnswer<unknown>, { ok: false }>): Verdict {
  switch (error.type) {
    case "InvalidSessionToken": {
      // The stable word may be followed by ": " and more for a person.
      const [word = ""] = String(error.details).split(":");
      if (word === "UserAgentMissing" || word === "MissingRequiredTag") return { kind: "refused", reason: word };
      return {
        kind: "ended",
        reason: ENDED.has(word) ? (word as EndReason) : "NotFound",
        ...(error.replaced === true && { isReplaced: true }),
      };
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
    // A refused integration key among them: nothing that the client of the application could mend.
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
