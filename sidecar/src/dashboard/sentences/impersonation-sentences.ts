import type { TimelineEvent } from "../contract/sessions.ts";
import { from, textDetail, who } from "./words.ts";

/** What the events of impersonations mean, in the timeline of the user who was acted as. */
export const IMPERSONATION_SENTENCES: Readonly<Record<string, (event: TimelineEvent) => string>> = {
  ImpersonationStarted: (event) => `${employee(event)} began to act as this user${from(event)}.`,
  ImpersonationRefused: (event) =>
    `${employee(event)} was not allowed to act as this user${from(event)}: ${REFUSALS[event.reason ?? ""] ?? event.reason ?? "no reason was given"}.`,
  ImpersonationEnded: (event) =>
    `${employee(event)} no longer acts as this user: ${ENDS[event.reason ?? ""]?.(event) ?? event.reason ?? ""}.`,
};

function employee(event: TimelineEvent): string {
  return (
    textDetail(event, "employeeEmail") ?? (event.actor?.startsWith("employee:") ? who(event.actor) : "An employee")
  );
}

const ENDS: Readonly<Record<string, (event: TimelineEvent) => string>> = {
  Stopped: () => "the employee stopped",
  Revoked: (event) => `it was ended by ${who(event.actor)}`,
  Expired: () => "its time ran out",
  Replaced: () => "the employee acts as another user, or started again",
  EmployeeSessionEnded: () => "the employee's own session ended",
};

const REFUSALS: Readonly<Record<string, string>> = {
  ImpersonationDisabled: "impersonation is turned off",
  MalformedEmail: "the app passed no valid email address",
  NotAllowed: "the employee is not on the list",
  EmployeeNotAllowed: "the employee was removed from the list",
  Self: "employee and user are the same",
  NoEmployeeSession: "the employee was not logged in",
  AlreadyImpersonating: "the employee was already acting as a user",
  OtherEmployeeSession: "the request came without the employee's own session",
  SessionNotFound: "the impersonation had ended",
  IpAddressMismatch: "the request came from another address",
  UserAgentMismatch: "the request came from another browser",
};
