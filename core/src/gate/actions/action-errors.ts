import type { RefusalReason } from "../../answers/reasons.ts";
import type { Refusals } from "../../answers/refusals.ts";
import { type ActionErrorCode, SessionActionError } from "../../errors.ts";
import type { ClientAnswer } from "../../sidecar/session-client.ts";
import { toChallenge } from "../../verdict/verdict-of-answer.ts";

type Failed = Extract<ClientAnswer<unknown>, { ok: false }>;

export function actionError(
  code: ActionErrorCode,
  reason: RefusalReason,
  message: string,
  refusals: Refusals,
): SessionActionError {
  return new SessionActionError(code, reason, message, refusals.refuse(reason));
}

/** What the failure of a command means for the action that needed it. */
export function errorOfAnswer({ error, status }: Failed, refusals: Refusals): SessionActionError {
  const details = typeof error.details === "string" ? error.details : JSON.stringify(error.details ?? {});
  switch (error.type) {
    case "SessionLimitExceeded":
      return actionError(
        "ERR_SESSION_LIMIT_EXCEEDED",
        "SessionLimitExceeded",
        "too many sessions of this user",
        refusals,
      );
    case "SessionNotFound":
      return actionError("ERR_SESSION_NOT_FOUND", "SessionNotFound", "no such session of this user", refusals);
    case "IpAddressError":
      return actionError("ERR_REFUSED", "IpAddressError", `the address of the client is refused: ${details}`, refusals);
    case "DeviceVerificationRequired":
    case "DeviceVerificationFailed":
      return actionError("ERR_REFUSED", error.type, "no good proof of the session's device", refusals);
    case "LegacySessionUsed":
    case "LegacySessionExpired":
      return actionError("ERR_REFUSED", error.type, "the old session cannot be taken over", refusals);
    case "InvalidDeviceRegistration":
      return actionError("ERR_DEVICE_REGISTRATION_REFUSED", "BadRequest", "the device's proof is refused", refusals);
    case "DeviceAlreadyRegistered":
      return actionError("ERR_DEVICE_ALREADY_REGISTERED", error.type, "the session has a device already", refusals);
    case "InvalidSessionToken":
      return actionError("ERR_NO_SESSION", "NoSession", `the session is no more: ${details}`, refusals);
    case "NewDeviceChallengeRequired": {
      const challenge = toChallenge(error.details);
      if (!challenge) return unavailable("a device challenge without its fields", refusals);
      return new SessionActionError(
        "ERR_DEVICE_CHALLENGE_REQUIRED",
        "NewDeviceChallengeRequired",
        "the device has to sign a new challenge",
        refusals.challenge(challenge),
      );
    }
    case "TagParseError":
    case "InvalidTagFormat":
      return actionError("ERR_INVALID_ARGUMENT", "BadRequest", `not a {type}:{value} tag: ${details}`, refusals);
    case "CannotModifyOnCreateOnlyTags":
      return actionError("ERR_INVALID_ARGUMENT", "BadRequest", `tags fixed at login by policy: ${details}`, refusals);
    case "UnexpectedError":
      if (status === 400 || status === 413) return actionError("ERR_INVALID_ARGUMENT", "BadRequest", details, refusals);
      return unavailable(details, refusals);
    default:
      return unavailable(error.type, refusals);
  }
}

function unavailable(why: string, refusals: Refusals): SessionActionError {
  return actionError("ERR_SIDECAR_UNAVAILABLE", "SidecarUnavailable", `the sidecar could not do it: ${why}`, refusals);
}

/** The data of an answer, or the thrown error that it means. */
export function dataOf<T>(answer: ClientAnswer<T>, refusals: Refusals): T {
  if (answer.ok) return answer.data;
  throw errorOfAnswer(answer, refusals);
}
