import { type CommandError, type EndReason, ERROR_STATUS, invalidToken, ipError } from "@byo-session/core/contract";

/** The sidecar's answers for a session that it does not accept. */
export type FakeRefusal =
  | EndReason
  | "NotFound"
  | "UserAgentMissing"
  | "IpAddressError"
  | "DeviceVerificationRequired"
  | "DeviceVerificationFailed"
  | "NewDeviceChallengeRequired"
  /** No answer at all. */
  | "SidecarUnavailable";

/** The client's result for a failed command; without a status if no answer arrived. */
export interface FakeFailure {
  readonly ok: false;
  readonly error: CommandError;
  readonly status?: number;
}

export function fail(error: CommandError, status = ERROR_STATUS[error.type]): FakeFailure {
  return { ok: false, error, status };
}

const CHALLENGE_LIFETIME_SECS = 600;

export function fakeChallenge(nowSecs: number) {
  return { deviceChallenge: `fake-challenge-${crypto.randomUUID()}`, expiresAt: nowSecs + CHALLENGE_LIFETIME_SECS };
}

export function failureOf(refusal: FakeRefusal, nowSecs: number): FakeFailure {
  switch (refusal) {
    case "SidecarUnavailable":
      return { ok: false, error: { type: "UnexpectedError", details: "fakeSession() asked for an outage" } };
    case "NewDeviceChallengeRequired":
      return fail({ type: refusal, details: fakeChallenge(nowSecs) });
    case "DeviceVerificationRequired":
    case "DeviceVerificationFailed":
      return fail({ type: refusal });
    case "IpAddressError":
      return fail(ipError("NotAllowed"));
    default:
      return fail(invalidToken(refusal));
  }
}
