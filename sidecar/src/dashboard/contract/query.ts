import { API_PREFIX, type CallName } from "./calls.ts";

type QueryValue = string | number | boolean | readonly string[] | undefined;

/** The address of a GET call with its input: lists become repeated parameters, undefined values are left out. */
export function callUrl(call: CallName, input: object = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries<QueryValue>({ ...input })) {
    const values = Array.isArray(value) ? value : value === undefined ? [] : [String(value)];
    for (const text of values) query.append(name, text);
  }
  return query.size === 0 ? `${API_PREFIX}/${call}` : `${API_PREFIX}/${call}?${query}`;
}
