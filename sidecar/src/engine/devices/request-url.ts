/**
 * Whether a proof's `htu` names the URL of the request (RFC 9449 section 4.3, item 9): both go through the same WHATWG
 * parser and the normalisation of RFC 3986 section 6.2.2, query and fragment are ignored. An `htu` with user
 * information is refused, and so is anything that is no http(s) URL.
 */
export function isSameRequestUrl(htu: string, requestUrl: string): boolean {
  const proved = normalise(htu);
  return proved !== undefined && (htu === requestUrl || proved === normalise(requestUrl));
}

function normalise(text: string): string | undefined {
  const url = URL.parse(text);
  if (!url || (url.protocol !== "https:" && url.protocol !== "http:") || url.username || url.password) return undefined;
  return url.origin + url.pathname.replace(/%[0-9a-f]{2}/gi, decodeUnreserved);
}

/** `%7E` is `~`, but `%2F` is not `/`: only unreserved characters may be decoded. */
function decodeUnreserved(triplet: string): string {
  const canonical = triplet.toUpperCase();
  return UNRESERVED.get(canonical) ?? canonical;
}

// A table, because a proof of 8 KiB can contain thousands of triplets.
const UNRESERVED: ReadonlyMap<string, string> = new Map(
  Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~", (character) => [
    `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
    character,
  ]),
);
