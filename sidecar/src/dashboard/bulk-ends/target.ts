import { parseFilter } from "../sessions/filter.ts";
import type { ParsedFilter } from "../sessions/filter-store.ts";
import type { BulkTarget } from "./store.ts";

/** The living sessions of a target, as a filter for the search. Throws a refusal that names a wrong field. */
export function livingTarget(target: BulkTarget): ParsedFilter {
  if (target.sessionIds) return { state: "active", ids: [...target.sessionIds] };
  const { state, ...filter } = target.filter;
  return parseFilter({ ...filter, state: "active" });
}

/** The user, if the target is everything of one user: then impersonations of the user end too. */
export function wholeUser({ filter }: BulkTarget): string | undefined {
  if (!filter) return undefined;
  const { userId, state: _, tag = [], ...narrower } = filter;
  return tag.length === 0 && Object.keys(narrower).length === 0 ? userId : undefined;
}

/** What an audit event says about a target. */
export function targetDetails(target: BulkTarget) {
  const what = target.filter ? { filter: target.filter } : { selected: target.sessionIds.length };
  return { target: targetInWords(target), ...what };
}

/** For people, such as "user ada", "tag org:acme", "the filter ip 203.0.113.0/24, browser Chrome" or "a selection". */
export function targetInWords(target: BulkTarget): string {
  if (target.sessionIds)
    return `a selection${target.incident === undefined ? "" : ` of the incident ${target.incident}`}`;
  const { state: _, ...filter } = target.filter;
  const parts = Object.entries(filter).flatMap(([field, value]) =>
    (Array.isArray(value) ? value : [value]).map((one) => `${field === "userId" ? "user" : field} ${String(one)}`),
  );
  const [first, ...more] = parts;
  if (first === undefined) return "everyone";
  const isPlain = more.length === 0 && (filter.userId !== undefined || filter.tag !== undefined);
  return isPlain ? first : `the filter ${parts.join(", ")}`;
}
