import type { TimelineEvent } from "../contract/sessions.ts";
import { from, textDetail, who } from "./words.ts";

/** What someone did in the dashboard or on the command line; undefined for other events. */
export function dashboardSentence(event: TimelineEvent): string | undefined {
  return SENTENCES[event.event]?.(event, who(event.actor), textDetail(event, "target") ?? "");
}

type Sentence = (event: TimelineEvent, actor: string, target: string) => string;

const SENTENCES: Readonly<Record<string, Sentence>> = {
  IntegrationKeyCreated: (event, actor) =>
    `The integration key "${textDetail(event, "name") ?? ""}" was created by ${actor}.`,
  IntegrationKeyRevoked: (event, actor) =>
    `The integration key "${textDetail(event, "name") ?? ""}" was revoked by ${actor}.`,
  StatelessTokenKeyCreated: () => "The first signing key of stateless tokens was created.",
  StatelessTokenKeyRotated: (event, actor) =>
    event.details?.secsBeforeExistingKeysAreDeactivated === 0
      ? `The signing keys of stateless tokens were replaced at once by ${actor}; existing tokens became invalid.`
      : `The signing key of stateless tokens was rotated by ${actor}.`,
  ConfigChanged: () => "The configuration files changed; the new settings took effect.",
  ConfigRefused: () => "A change to the configuration files was refused; the earlier settings stay in force.",
  PolicyEdited: (event, actor) =>
    `The policy was edited by ${actor}: revision ${String(event.details?.revision ?? "")}.`,
  PolicyReplacedByFile: (event, actor) =>
    `All policy edits were undone by ${actor}: revision ${String(event.details?.revision ?? "")} is the file without edits.`,
  SessionsEnded: (event, actor, target) => `${ended(event.details?.ended, target)} ended by ${actor}${noted(event)}.`,
  ImpersonationsEnded: (event, actor, target) =>
    `${String(event.details?.ended ?? 0)} impersonations by ${target} were ended by ${actor}.`,
  DeviceForgottenForAll: (event, actor, target) =>
    `The device ${target} was forgotten for ${people(event.details?.users)} by ${actor}.`,
  TimelineExported: (event, actor) => `A timeline was exported by ${actor}${filtered(event)}.`,
  SessionsExported: (event, actor) => `A list of sessions was exported by ${actor}${filtered(event)}.`,
  LogExported: (event, actor) => `This log was exported by ${actor}${filtered(event)}.`,
  UserErased: (_event, actor) => `The data of a user was anonymized by ${actor}.`,
  DashboardLogin: (event, actor) => `${actor} logged in${from(event)}.`,
  DashboardLoginRefused: (event, actor) =>
    `A login ${event.actor === null ? "with an unknown name" : `as ${actor}`} was refused${from(event)}: ${LOGIN[event.reason ?? ""] ?? event.reason ?? ""}.`,
  DashboardLogout: (_event, actor) => `${actor} logged out.`,
  DashboardTokenReused: (event, actor) =>
    `A login of ${actor} was ended, because an old token of it was used${from(event)}.`,
  DashboardPasswordChanged: (_event, actor) => `${actor} changed the password; all other logins of that person ended.`,
  DashboardPasswordConfirmed: (_event, actor) => `${actor} confirmed the password.`,
  DashboardPasswordReset: (_event, actor, target) => `${target} got a temporary password from ${actor}.`,
  DashboardSecondFactorEnabled: (_event, actor) => `${actor} turned on a second factor.`,
  DashboardSecondFactorRemoved: (_event, actor, target) => `The second factor of ${target} was removed by ${actor}.`,
  DashboardUserCreated: (event, actor, target) =>
    `The account ${target} (${role(event, "after")}) was created by ${actor}.`,
  DashboardUserChanged: changed,
  DashboardOwnerReset: (_event, actor, target) => `${target} got a temporary password and full access from ${actor}.`,
  WebhookCreated: (_event, actor, target) => `The webhook "${target}" was created by ${actor}.`,
  WebhookChanged: (_event, actor, target) => `The webhook "${target}" was changed by ${actor}.`,
  WebhookDeleted: (_event, actor, target) => `The webhook "${target}" was deleted by ${actor}.`,
  WebhookSecretRotated: (_event, actor, target) => `The webhook "${target}" got a new secret from ${actor}.`,
  WebhookTested: (_event, actor, target) => `The webhook "${target}" was tested by ${actor}.`,
  WebhookReplayed: (event, actor, target) =>
    `${event.details?.count === 1 ? "1 message" : `${String(event.details?.count ?? 0)} messages`} of the webhook "${target}" ${event.details?.count === 1 ? "was" : "were"} sent again by ${actor}.`,
};

/** What the dashboard log can hold. */
export const LOG_EVENTS: readonly string[] = ["SessionEnded", "DeviceForgotten", ...Object.keys(SENTENCES)];

const LOGIN: Readonly<Record<string, string>> = {
  UnknownUser: "no account has this name",
  WrongPassword: "the password was wrong",
  Disabled: "the account is disabled",
  TemporaryPasswordExpired: "the temporary password had expired",
  BuiltInPassword: "the built-in password works only on the sidecar's own machine",
  WrongCode: "the code was wrong",
  CodeReused: "the code had been used before",
};

function changed(event: TimelineEvent, actor: string, target: string): string {
  const [before, after] = [recordDetail(event, "before"), recordDetail(event, "after")];
  const parts = [
    ...(before.role === after.role ? [] : [`was changed from ${role(event, "before")} to ${role(event, "after")}`]),
    ...(before.isDisabled === after.isDisabled ? [] : [after.isDisabled === true ? "was disabled" : "was enabled"]),
  ];
  return `${target} ${parts.length === 0 ? "was saved unchanged" : parts.join(" and ")} by ${actor}.`;
}

function role(event: TimelineEvent, side: "before" | "after"): string {
  return String(recordDetail(event, side).role ?? "a user");
}

function ended(count: unknown, target: string): string {
  return count === 1 ? `1 session of ${target} was` : `${String(count ?? 0)} sessions of ${target} were`;
}

function people(count: unknown): string {
  return count === 1 ? "1 user" : `${String(count ?? 0)} users`;
}

function noted(event: TimelineEvent): string {
  const note = textDetail(event, "note");
  return note === undefined ? "" : `, with the note "${note}"`;
}

/** The filter of an export, such as ": user ada, state ended". */
function filtered(event: TimelineEvent): string {
  const parts = Object.entries(recordDetail(event, "target")).map(
    ([field, value]) => `${FIELDS[field] ?? field} ${isTime(field) ? timeText(value) : valueText(value)}`,
  );
  return parts.length === 0 ? "" : `: ${parts.join(", ")}`;
}

const FIELDS: Readonly<Record<string, string>> = {
  userId: "user",
  sessionId: "session",
  ip: "address",
  os: "system",
  deviceType: "kind of device",
  bound: "bound to a device:",
  routine: "with token rotations:",
  endReason: "reason",
  createdFrom: "logged in from",
  createdTo: "logged in before",
  endedFrom: "ended from",
  endedTo: "ended before",
  eventFrom: "happened from",
  eventTo: "happened before",
  activeAt: "active at",
  actor: "done by",
  to: "until",
};

/** Filters have times as Unix seconds. */
function isTime(field: string): boolean {
  return /^(from|to)$|(From|To|At)$/.test(field);
}

function timeText(value: unknown): string {
  return typeof value === "number"
    ? `${new Date(value * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`
    : String(value);
}

function valueText(value: unknown): string {
  return typeof value === "boolean"
    ? value
      ? "yes"
      : "no"
    : Array.isArray(value)
      ? value.join(" and ")
      : String(value);
}

function recordDetail({ details }: TimelineEvent, name: string): Record<string, unknown> {
  const value = details?.[name];
  return typeof value === "object" && value !== null ? { ...value } : {};
}
