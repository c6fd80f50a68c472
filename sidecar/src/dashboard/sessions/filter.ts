import { addressRange } from "../../engine/policy/ip-address.ts";
import { invalidField } from "../refusal.ts";
import type { SessionFilter } from "./filter-input.ts";
import type { ParsedFilter } from "./filter-store.ts";

const DAY_SECS = 86_400;
const MAX_EVENT_WINDOW_SECS = 31 * DAY_SECS;

/** Parses a person's filter. Throws a refusal that names the field. */
export function parseFilter({ ip, ...filter }: SessionFilter): ParsedFilter {
  const addresses = ip === undefined ? undefined : addressRange(ip.trim());
  if (ip !== undefined && !addresses) throw invalidField("ip", "expected an address, or a CIDR such as 203.0.113.0/24");
  const asksEnded = filter.endReason !== undefined || filter.endedFrom !== undefined || filter.endedTo !== undefined;
  const state = asksEnded && filter.state !== "active" ? "ended" : (filter.state ?? "all");
  return { ...filter, ...eventWindow(filter), state, isImpossible: asksEnded && state === "active", addresses };
}

/** Both times, or neither for the last day. The window is limited, because all events in it are read. */
function eventWindow({ event, eventFrom, eventTo }: SessionFilter): Pick<ParsedFilter, "eventFrom" | "eventTo"> {
  if (eventFrom === undefined && eventTo === undefined) return {};
  if (event === undefined)
    throw invalidField("event", "expected an event, because eventFrom and eventTo limit its time");
  const to = eventTo ?? (eventFrom ?? 0) + MAX_EVENT_WINDOW_SECS;
  const from = eventFrom ?? Math.max(0, to - DAY_SECS);
  if (to - from > MAX_EVENT_WINDOW_SECS) throw invalidField("eventTo", "expected at most 31 days");
  return { eventFrom: from, eventTo: to };
}
