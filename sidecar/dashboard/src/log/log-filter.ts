import type { LogFilter } from "../api/calls.ts";
import { readTime } from "../format/local-input.ts";

/** The filter in the page's address. */
export function readLogFilter(query: URLSearchParams): LogFilter {
  const filter: LogFilter = {};
  for (const field of ["actor", "event"] as const) {
    const text = query.get(field)?.trim();
    if (text) filter[field] = text;
  }
  for (const field of ["from", "to"] as const) {
    const secs = Number(query.get(field) ?? Number.NaN);
    if (Number.isSafeInteger(secs) && secs >= 0) filter[field] = secs;
  }
  return filter;
}

/** What a person has filled in, as a query string. `shown`: what the form was filled with. */
export function readLogForm(form: HTMLFormElement, shown: LogFilter): Record<string, string> {
  const fields = [...new FormData(form)].map(([name, value]) => {
    const text = String(value).trim();
    const isTime = name === "from" || name === "to";
    return [name, isTime ? String(readTime(text, shown[name]) ?? "") : text] as const;
  });
  return Object.fromEntries(fields.filter(([, text]) => text !== ""));
}
