import type { IncomingHttpHeaders } from "node:http";

/** The headers of a request of Node's, as the Web has them. */
export function headersOf(list: IncomingHttpHeaders): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(list)) {
    // In HTTP/2 some begin with a colon, which no header of the Web may.
    if (value !== undefined && !name.startsWith(":")) headers.set(name, [value].flat().join(", "));
  }
  return headers;
}
