import type { TimelineEvent } from "../contract/sessions.ts";
import { sentenceOf } from "./sentence.ts";
import { who } from "./words.ts";

/**
 * The sentence for the dashboard's log. A timeline is about one session or user, the log about all: it names who did what
 * to which session of which user, and from where.
 */
export function logSentence(event: TimelineEvent): string {
  const { sessionId, userId, actor } = event;
  if (sessionId === null && userId === null) return sentenceOf(event);
  const whose = [
    ...(sessionId === null ? [] : [`session ${sessionId}`]),
    ...(userId === null ? [] : [`${sessionId === null ? "the user" : "of"} ${userId}`]),
  ].join(" ");
  if (event.event !== "SessionEnded") return `${sentenceOf(event)} This concerns ${whose}.`;
  const from = addressOf(event);
  return `The ${whose} was ended by ${who(actor)}${from === null ? "" : ` from ${from}`}.`;
}

/** From where it was done. For an event of a session, the details have the address of the person at the dashboard. */
export function addressOf({ ipAddress, details }: TimelineEvent): string | null {
  const by = details?.by;
  if (ipAddress !== null || typeof by !== "object" || by === null || !("ipAddress" in by)) return ipAddress;
  return typeof by.ipAddress === "string" ? by.ipAddress : null;
}
