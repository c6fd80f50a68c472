import type { EndReason, TimelineEvent } from "../contract/sessions.ts";
import { from, textDetail, who } from "./words.ts";

/** Why a session ended, with the reason's name, so that it can be looked up. */
export function endSentence(event: TimelineEvent): string {
  const reason = event.reason ?? "";
  const because = WORDING[reason]?.(event);
  return because === undefined ? `Ended: ${reason}.` : `Ended: ${reason}. ${because}`;
}

type Wording = (event: TimelineEvent) => string;

const BECAUSE: Readonly<Record<EndReason, Wording>> = {
  LoggedOut: loggedOut,
  Revoked: revoked,
  Expired: () => "It reached the maximum lifetime of its policy.",
  Inactive: () => "It was unused for longer than its policy allows.",
  SessionLimit: (event) => `The user logged in again${from(event)}, and the policy allows no more sessions at once.`,
  IpAddressChanged: (event) =>
    `A request came${from(event)}, but the login was from ${textDetail(event, "sessionIpAddress") ?? "another address"}; the policy ties the session to its address.`,
  UserAgentChanged: (event) => `A request came${from(event)}, but the login was from ${loginDevice(event)}.`,
  TokenReused: (event) =>
    `A token that had been replaced was used again${from(event)}, so two parties held this session${rotatedBy(event)}.`,
};

/** By what the audit trail has, which may be from a version that knows more reasons. */
const WORDING: Readonly<Partial<Record<string, Wording>>> = BECAUSE;

function loggedOut(event: TimelineEvent): string {
  switch (textDetail(event, "cause")) {
    case "ConflictingCookies":
      return "A request had the cookies of two active sessions, so both were ended: one may have been planted.";
    case "Replaced":
      return "The same browser logged in again, which made a new session.";
    default:
      return "The user logged out.";
  }
}

function revoked(event: TimelineEvent): string {
  if (textDetail(event, "cause") === "LostChanges") {
    return `A token that is newer than the restored database came${from(event)}. Without ENCRYPTION_KEY, the sidecar cannot tell whose it is.`;
  }
  if (textDetail(event, "cause") === "BackchannelLogout") return "The identity provider logged the user out.";
  const many = textDetail(event, "bulk");
  return `Ended by ${who(event.actor)}${many === undefined ? "" : `, with all sessions of ${many}`}.`;
}

function loginDevice(event: TimelineEvent): string {
  return (
    event.detailDevices.sessionUserAgent?.displayName ?? textDetail(event, "sessionUserAgent") ?? "another browser"
  );
}

function rotatedBy(event: TimelineEvent): string {
  const device = event.detailDevices.rotatedByUserAgent?.displayName;
  const ipAddress = textDetail(event, "rotatedByIpAddress");
  if (device === undefined && ipAddress === undefined) return "";
  return `; the newer one was used by ${[device, ipAddress].filter((part) => part !== undefined).join(" at ")}`;
}
