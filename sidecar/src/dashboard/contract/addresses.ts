/** The prefix of every call's path. */
export const API_PREFIX = "/dashboard-api";

/**
 * Sent with requests that no person triggered, such as refreshes. They do not count as use, so the idle timeout also
 * ends the login of a page that is left open.
 */
export const BACKGROUND_HEADER = "x-byo-background";

type QueryValue = string | number | boolean | readonly string[] | undefined;

/** The address of a call, for a GET with its input: lists become repeated parameters, undefined values are left out. */
export function callUrl(call: string, input: object = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries<QueryValue>({ ...input })) {
    const values = Array.isArray(value) ? value : value === undefined ? [] : [String(value)];
    for (const text of values) query.append(name, text);
  }
  return query.size === 0 ? `${API_PREFIX}/${call}` : `${API_PREFIX}/${call}?${query}`;
}
