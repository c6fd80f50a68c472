import { addressRange } from "../../policy/ip-address.ts";
import type { SessionFilter } from "../contract/sessions.ts";
import { invalidField } from "../refusal.ts";
import type { ParsedFilter } from "./filter-store.ts";

const LONGEST_EVENT_WINDOW_SECS = 31 * 86_400;

/** Reads what a person filters by. Throws a refusal that names the field. */
export function parseFilter({ ip, ...filter }: SessionFilter): ParsedFilter {
  const addresses = ip === undefined ? undefined : addressRange(ip.trim());
  if (ip !== undefined && !addresses) throw invalidField("ip", "expected an address, or a CIDR as 203.0.113.0/24");
  const { event, eventFrom, eventTo } = filter;
  if (event !== undefined || eventFrom !== undefined || eventTo !== undefined) {
    if (event === undefined || eventFrom === undefined || eventTo === undefined) {
      throw invalidField("event", "expected event, eventFrom and eventTo together");
    }
    if (eventTo - eventFrom > LONGEST_EVENT_WINDOW_SECS) throw invalidField("eventTo", "expected at most 31 days");
  }
  const state = filter.state ?? "all";
  const asksEnded = filter.endReason !== undefined || filter.endedFrom !== undefined || filter.endedTo !== undefined;
  return { ...filter, state: asksEnded && state === "all" ? "ended" : state, addresses };
}
