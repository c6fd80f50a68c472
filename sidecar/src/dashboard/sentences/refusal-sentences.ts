import type { TimelineEvent } from "../contract/sessions.ts";
import { from, textDetail } from "./words.ts";

/** Why a request was refused while the session lives on, or had ended before. */
export function refusalSentence(event: TimelineEvent): string {
  const reason = event.reason ?? "";
  const because = BECAUSE[reason] ?? "";
  const problem = textDetail(event, "problem");
  const what = because === "" ? reason : because;
  return `A request was refused${from(event)}: ${what}${problem === undefined ? "" : ` (${problem})`}.`;
}

const BECAUSE: Readonly<Record<string, string>> = {
  LoggedOut: "the user had logged out",
  Revoked: "the session had been revoked",
  Expired: "the session had expired",
  Inactive: "the session had ended for lack of use",
  SessionLimit: "the session had ended for a newer one",
  IpAddressChanged: "another address than at the login",
  UserAgentChanged: "another browser or system than at the login",
  TokenReused: "the session had ended because a replaced token was used again",
  DeviceVerificationRequired: "it brought no proof of the device key",
  DeviceVerificationFailed: "its proof of the device key was not valid",
  NewDeviceChallengeRequired:
    "its proof was for a challenge that has run out, or for another client; a new challenge was sent",
  IpAddressNotAllowed: "its address is not on the allowlist of the policy",
  IpAddressBlocked: "its address is on the blocklist of the policy",
  IpAddressMissing: "the policy needs an address, and the application passed none",
  IpAddressMalformed: "the application passed an address that is none",
  MissingRequiredTag: "the session lacks a tag that the application asks for",
  UserAgentMissing: "the login had a user agent, and this request none",
  UserAgentNoBrowser: "a media player, a downloader or a service of the system asked, not the browser of the login",
  SuccessorIgnored: "this client was given a new token again and again and never used it",
  ProofUsed: "its proof of the device key had been used before",
};
