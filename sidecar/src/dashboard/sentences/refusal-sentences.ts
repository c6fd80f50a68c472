import type { RefusalReason } from "../../engine/sessions/refusal-reason.ts";
import type { TimelineEvent } from "../contract/sessions.ts";
import { from, textDetail } from "./words.ts";

/** Why a request was refused, whether the session is still active or had ended before. */
export function refusalSentence(event: TimelineEvent): string {
  const reason = event.reason ?? "";
  const because = WORDING[reason] ?? "";
  const problem = textDetail(event, "problem");
  const what = because === "" ? reason : because;
  return `A request was refused${from(event)}: ${what}${problem === undefined ? "" : ` (${problem})`}.`;
}

const BECAUSE: Readonly<Record<Exclude<RefusalReason, "NotFound">, string>> = {
  LoggedOut: "the user had logged out",
  Revoked: "the session had been ended by the application, an operator or the user",
  Expired: "the session had expired",
  Inactive: "the session had ended because it was unused",
  SessionLimit: "a newer session had replaced it",
  IpAddressChanged: "its address differs from the one at the login",
  UserAgentChanged: "its browser or system differs from the one at the login",
  TokenReused: "the session had ended because a replaced token was used again",
  DeviceVerificationRequired: "it had no proof of the device key",
  DeviceVerificationFailed: "its proof of the device key was not valid",
  NewDeviceChallengeRequired: "the challenge in its proof had expired or was another client's; a new one was sent",
  IpAddressNotAllowed: "its address is not on the allowlist of the policy",
  IpAddressBlocked: "its address is on the blocklist of the policy",
  IpAddressMissing: "the policy needs an address, and the application passed none",
  IpAddressMalformed: "the application passed something that is not an IP address",
  MissingRequiredTag: "the session lacks a tag that the application requires",
  UserAgentMissing: "the login had a user agent, but this request did not",
  UserAgentNoBrowser:
    "it came from a media player, a downloader or a system service, not from the browser of the login",
  SuccessorIgnored: "this client was given new tokens and never used them",
};

/** By what the audit trail has, which may be from a version that knows more reasons. */
const WORDING: Readonly<Partial<Record<string, string>>> = BECAUSE;
