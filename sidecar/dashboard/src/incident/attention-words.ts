import type { AttentionItem, CountedName } from "../../../src/dashboard/contract/incidents.ts";
import { END_REASONS, type SessionFlag } from "../../../src/dashboard/contract/sessions.ts";
import type { SessionFilter } from "../api/calls.ts";
import { countOf } from "../format/count.ts";
import { END_WORDING } from "../sessions/end-reasons.ts";
import { incidentPath, sessionsPath } from "../sessions/filters.ts";

interface AttentionWords {
  /** The words that are the link. */
  link: string;
  /** What follows them. */
  text: string;
  path: string;
}

/** What an item says, and the page with its sessions. */
export function attentionWords(item: AttentionItem): AttentionWords {
  switch (item.kind) {
    case "reuse": {
      const { sessions, from, to } = item;
      return {
        link: `${countOf(sessions, "session")} with a reused token`,
        text: "Two parties held the same session, so it was ended.",
        path: incidentPath({ endReason: "TokenReused", endedFrom: from, endedTo: to }),
      };
    }
    case "flagged":
      return {
        link: `${countOf(item.sessions, "active session")} ${FLAGGED[item.flag].link}`,
        text: FLAGGED[item.flag].text,
        path: incidentPath({ event: item.flag, state: "active" }),
      };
    case "refusals":
      return {
        link: `Refusals from ${item.ipAddress}`,
        text: `It was refused ${times(item.refusals)}, for ${countOf(item.users, "user")}.`,
        path: incidentPath({ ip: item.ipAddress }),
      };
    case "newDevices":
      return {
        link: `${countOf(item.devices, "new device")} of ${item.userId}`,
        text: "That is unusual for one day.",
        path: incidentPath({ userId: item.userId }),
      };
    case "spike": {
      const { name, count, before, from, to } = item;
      const { label, filter } = countedWords(name, from, to);
      return {
        link: `${label}: ${count} in the last hour`,
        text: `${before} in the hour before.`,
        path: sessionsPath(filter),
      };
    }
  }
}

const FLAGGED: Readonly<Record<SessionFlag, { link: string; text: string }>> = {
  shared: { link: "used by two clients", text: "They took turns: a token may be stolen." },
  anotherBrowser: { link: "used by another browser", text: "The browser or system is not the one of the login." },
  wrongProof: { link: "with a wrong proof", text: "A request had a proof that was not of the session's device." },
};

function countedWords(name: CountedName, from: number, to: number): { label: string; filter: SessionFilter } {
  const event = (label: string, happened: SessionFilter["event"]) => ({
    label,
    filter: { event: happened, eventFrom: from, eventTo: to },
  });
  if (name === "refused") return event("Refusals", "refused");
  if (name === "challenged") return event("Device challenges", "challenged");
  if (name === "newDevice") return event("New devices", "newDevice");
  const endReason = END_REASONS.find((reason) => name === `ended:${reason}`);
  return endReason
    ? { label: END_WORDING[endReason].name, filter: { endReason, endedFrom: from, endedTo: to } }
    : { label: "Logins", filter: { createdFrom: from, createdTo: to } };
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
