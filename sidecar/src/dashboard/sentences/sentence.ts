import type { TimelineEvent } from "../contract/sessions.ts";
import { dashboardSentence } from "./dashboard-sentences.ts";
import { duration } from "./duration.ts";
import { endSentence } from "./end-sentences.ts";
import { IMPERSONATION_SENTENCES } from "./impersonation-sentences.ts";
import { refusalSentence } from "./refusal-sentences.ts";
import { from, textDetail, who } from "./words.ts";

/**
 * Says in plain English what an event of the audit trail means. The sentence is plain text: show it as text. Pages and
 * exports share this function, so they say the same.
 */
export function sentenceOf(event: TimelineEvent): string {
  const sentence = SENTENCES[event.event]?.(event) ?? dashboardSentence(event) ?? unknownSentence(event);
  return event.count > 1 ? `${sentence} This happened ${event.count} times within a minute.` : sentence;
}

/** A newer version, which runs beside this one during an upgrade, may write events that this one does not know. */
function unknownSentence({ event }: TimelineEvent): string {
  return `An event that this version does not know: ${event}.`;
}

const SENTENCES: Readonly<Record<string, (event: TimelineEvent) => string>> = {
  SessionCreated: (event) =>
    `Logged in${from(event)}${event.details?.newDeviceDetected === true ? ", from a new device" : ""}${ownLifetime(event)}.`,
  SessionEnded: endSentence,
  SessionRefused: refusalSentence,
  DeviceProofMissing: (event) =>
    `A request without a proof of the device key was refused${from(event)}${lateCookie(event)}.`,
  SessionCreateRefused: (event) => `A login was refused${from(event)}: ${loginRefusal(event)}.`,
  RotationStarted: (event) => `A request${from(event)} got a new token.`,
  RotationConfirmed: (event) => `The new token was used${from(event)}; the old one stops working soon.`,
  CookieRestored: (event) =>
    `A request came${from(event)} with an old cookie, as happens after a browser crashes. It proved its device key, so the session continued.`,
  NewerTokenAdopted: (event) =>
    `A genuine token that was newer than the database came${from(event)}, as happens after a restore; the session continued with it.`,
  DeviceRegistered: (event) =>
    `The session was bound to a device${from(event)}${event.details?.newDeviceDetected === true ? "; the user had not used this device before" : ""}.`,
  DeviceRegistrationRefused: (event) =>
    `Binding the session to a device was refused${from(event)}: ${problemOf(event)}.`,
  DeviceForgotten: (event) =>
    event.reason === "DeviceLimit"
      ? "A remembered device was forgotten: the policy limits how many this user can have."
      : `A remembered device was forgotten by ${who(event.actor)}.`,
  DevicesForgotten: (event) => `All remembered devices were forgotten by ${who(event.actor)}.`,
  SessionShared: (event) =>
    `Two clients used this session in turn, the last one${from(event)}. That may be a stolen token.`,
  UserAgentUpgraded: (event) =>
    `The browser was updated${was(event)}${event.device ? ` to ${event.device.displayName}` : ""}.`,
  UserAgentFlagged: (event) =>
    `The browser or system differs from the one at the login${from(event)}; the policy only records this.`,
  ...IMPERSONATION_SENTENCES,
  SessionUpdated: (event) => `Tags or metadata were changed by ${who(event.actor)}.`,
};

function ownLifetime({ details }: TimelineEvent): string {
  const secs = details?.lifetimeSecs;
  return typeof secs === "number" ? `, for at most ${duration(secs)}` : "";
}

function lateCookie(event: TimelineEvent): string {
  return textDetail(event, "problem") === undefined ? "" : "; its device cookie had expired or was for another session";
}

function loginRefusal(event: TimelineEvent): string {
  return LOGIN_REFUSALS[event.reason ?? ""] ?? problemOf(event);
}

const LOGIN_REFUSALS: Readonly<Record<string, string>> = {
  SessionLimitExceeded: "the user has as many sessions as the policy allows",
  IpAddressError: "the policy does not allow its address",
  InvalidDeviceRegistration: "its proof of the device key was not valid",
  LegacySessionUsed: "the old session was already migrated",
  LegacySessionExpired: "the old session is past its lifetime",
};

function problemOf(event: TimelineEvent): string {
  return textDetail(event, "problem") ?? event.reason ?? "no reason was given";
}

function was(event: TimelineEvent): string {
  const before = event.detailDevices.sessionUserAgent;
  return before ? ` from ${before.displayName}` : "";
}
