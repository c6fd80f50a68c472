import type { SessionFilter } from "../api/calls.ts";
import { readTime } from "../format/local-input.ts";
import { readFilter, TIME_FIELD_NAMES, type TimeField } from "./filters.ts";

const TIMES: readonly string[] = TIME_FIELD_NAMES;

/**
 * The filter that a person has filled in: the same fields as in the address, with times in the reader's time zone. `shown`: what
 * the form was filled with.
 */
export function readFilterForm(form: HTMLFormElement, shown: SessionFilter): SessionFilter {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    const text = String(value).trim();
    if (name === "tag") {
      // Tags contain no whitespace, so it separates them.
      for (const tag of text.split(/\s+/).filter(Boolean)) query.append("tag", tag);
    } else if (!TIMES.includes(name)) {
      query.set(name, text);
    } else if (text !== "") {
      query.set(name, String(readTime(text, shown[name as TimeField])));
    }
  }
  return readFilter(query);
}
