import {
  DEVICE_TYPES,
  END_REASONS,
  FLAG_FILTERS,
  SESSION_EVENTS,
  SESSION_STATES,
} from "../../../src/dashboard/contract/sessions.ts";
import { hrefOf } from "../api/call.ts";
import type { InputOf, SessionFilter } from "../api/calls.ts";

type TextField = "userId" | "ip" | "browser" | "os" | "deviceKey";
const TEXT_FIELDS: readonly TextField[] = ["userId", "ip", "browser", "os", "deviceKey"];

/** The fields that are times, with their labels. */
export const TIME_FIELDS = {
  createdFrom: "Logged in from",
  createdTo: "Logged in before",
  endedFrom: "Ended from",
  endedTo: "Ended before",
  eventFrom: "Happened from",
  eventTo: "Happened before",
  activeAt: "Active at",
} as const satisfies Partial<Record<keyof SessionFilter, string>>;
export type TimeField = keyof typeof TIME_FIELDS;
export const TIME_FIELD_NAMES = Object.keys(TIME_FIELDS) as readonly TimeField[];

export const EVENT_NAMES: Readonly<Record<NonNullable<SessionFilter["event"]>, string>> = {
  refused: "Was refused",
  challenged: "Was challenged",
  rotated: "Token was replaced",
  newDevice: "Bound a new device",
  shared: "Two clients took turns",
  anotherBrowser: "Another browser used it",
  wrongProof: "Had a wrong proof",
};

export const FLAG_FILTER_NAMES: Readonly<Record<NonNullable<SessionFilter["flag"]>, string>> = {
  any: "Suspicious",
  shared: "Shared",
  anotherBrowser: "Another browser",
  wrongProof: "Wrong proof",
};

/** The filter in an address. Invalid parts are left out, because people can type addresses. */
export function readFilter(query: URLSearchParams): SessionFilter {
  const filter: SessionFilter = {};
  for (const field of TEXT_FIELDS) {
    const text = query.get(field)?.trim();
    if (text) filter[field] = text;
  }
  for (const field of TIME_FIELD_NAMES) {
    const secs = Number(query.get(field) ?? Number.NaN);
    if (Number.isSafeInteger(secs) && secs >= 0) filter[field] = secs;
  }
  const tags = query.getAll("tag").filter((tag) => tag.trim() !== "");
  if (tags.length > 0) filter.tag = tags;
  const bound = query.get("bound");
  if (bound === "true" || bound === "false") filter.bound = bound === "true";
  const state = oneOf(SESSION_STATES, query.get("state"));
  if (state && state !== "all") filter.state = state;
  const deviceType = oneOf(DEVICE_TYPES, query.get("deviceType"));
  if (deviceType) filter.deviceType = deviceType;
  const flag = oneOf(FLAG_FILTERS, query.get("flag"));
  if (flag) filter.flag = flag;
  const event = oneOf(SESSION_EVENTS, query.get("event"));
  if (event) filter.event = event;
  const endReason = oneOf(END_REASONS, query.get("endReason"));
  if (endReason) filter.endReason = endReason;
  return filter;
}

/** What an address asks of the list: the filter and the page. */
export function readListInput(query: URLSearchParams): InputOf<"sessions/list"> {
  const cursor = query.get("cursor") ?? undefined;
  return { ...readFilter(query), ...(cursor !== undefined && { cursor }) };
}

/** The address of the list with a filter. */
export function sessionsPath(filter: SessionFilter): string {
  return withFilter("/sessions", filter);
}

/** The address of the page that shows who is who in the sessions of a filter. */
export function incidentPath(filter: InputOf<"incidents/sessions">): string {
  return withFilter("/incident", filter);
}

function withFilter(page: string, filter: SessionFilter): string {
  // The same spelling as in the call, so that both addresses have the same query.
  const [, query] = hrefOf("sessions/list", filter).split("?");
  return query ? `${page}?${query}` : page;
}

function oneOf<T extends string>(words: readonly T[], text: string | null): T | undefined {
  return words.find((word) => word === text);
}
