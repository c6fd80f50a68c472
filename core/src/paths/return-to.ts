/** A placeholder for the application's own origin; names below `.invalid` do not exist (RFC 2606). */
const HERE = "http://here.invalid";

/**
 * The path, query and fragment of an address on this site, or the fallback. Use it for a `returnTo` parameter:
 * `//evil.example`, `/\evil.example` and `/<TAB>/evil.example` all leave the site once a browser has parsed them.
 */
export function safeReturnTo(value: unknown, fallback = "/"): string {
  const url = typeof value === "string" ? URL.parse(value, HERE) : null;
  if (url?.origin !== HERE) return fallback;
  // `/.//evil.example` and `/..//evil.example` start with one slash only until they are parsed. A browser reads any
  // name after two slashes as a host; a parsed path has no backslash, tab or dot segment that could hide one.
  return url.pathname.startsWith("//") ? fallback : url.pathname + url.search + url.hash;
}
