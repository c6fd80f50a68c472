import type { RefusalReason } from "../../answers/reasons.ts";
import type { Refusals } from "../../answers/refusals.ts";
import type { DeviceChallenge } from "../../contract/index.ts";
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

export function challengeRequired(challenge: DeviceChallenge, refusals: Refusals): SessionActionError {
  return new SessionActionError(
    "ERR_DEVICE_CHALLENGE_REQUIRED",
    "NewDeviceChallengeRequired",
    "the device must sign a new challenge",
    refusals.challenge(challenge),
  );
}

/** Maps a failed command to the error of the action that needed it. */
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
      return actionError("ERR_SESSION_NOT_FOUND", "SessionNotFound", "the user has no session with this id", refusals);
    case "IpAddressError":
      return actionError("ERR_REFUSED", "IpAddressError", `the client's IP address is refused: ${details}`, refusals);
    case "DeviceVerificationRequired":
    case "DeviceVerificationFailed":
      return actionError(
        "ERR_REFUSED",
        error.type,
        "the proof of the session's device is missing or invalid",
        refusals,
      );
    case "ImpersonationDisabled":
      return actionError("ERR_REFUSED", error.type, "user_impersonation.jsonc does not enable impersonation", refusals);
    case "UnauthorizedEmployee":
      return actionError("ERR_REFUSED", error.type, `the employee may not do this: ${details}`, refusals);
    case "LegacySessionUsed":
    case "LegacySessionExpired":
      return actionError("ERR_REFUSED", error.type, "the old session cannot be migrated", refusals);
    case "InvalidDeviceRegistration":
      return actionError("ERR_DEVICE_REGISTRATION_REFUSED", "BadRequest", "the device's proof is refused", refusals);
    case "DeviceAlreadyRegistered":
      return actionError("ERR_DEVICE_ALREADY_REGISTERED", error.type, "the session already has a device", refusals);
    case "InvalidSessionToken":
      return actionError("ERR_NO_SESSION", "NoSession", `the session has ended: ${details}`, refusals);
    case "NewDeviceChallengeRequired": {
      const challenge = toChallenge(error.details);
      return challenge
        ? challengeRequired(challenge, refusals)
        : unavailable("the sidecar sent a device challenge without its fields", refusals);
    }
    case "TagParseError":
    case "InvalidTagFormat":
      return actionError(
        "ERR_INVALID_ARGUMENT",
        "BadRequest",
        `expected tags in the form {type}:{value}: ${details}`,
        refusals,
      );
    case "CannotModifyOnCreateOnlyTags":
      return actionError(
        "ERR_INVALID_ARGUMENT",
        "BadRequest",
        `the policy does not allow changing these tags after the login: ${details}`,
        refusals,
      );
    case "UnexpectedError":
      if (status === 400 || status === 413) return actionError("ERR_INVALID_ARGUMENT", "BadRequest", details, refusals);
      return unavailable(details, refusals);
    default:
      return unavailable(error.type, refusals);
  }
}

function unavailable(why: string, refusals: Refusals): SessionActionError {
  return actionError("ERR_SIDECAR_UNAVAILABLE", "SidecarUnavailable", `the sidecar failed: ${why}`, refusals);
}

/** Returns the data of an answer, or throws the error that it stands for. */
export function dataOf<T>(answer: ClientAnswer<T>, refusals: Refusals): T {
  if (answer.ok) return answer.data;
  throw errorOfAnswer(answer, refusals);
}
