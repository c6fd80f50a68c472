/** Stands for the application's own origin; no name below `.invalid` exists (RFC 2606). */
const HERE = "http://here.invalid";

/**
 * The path, query and fragment of an address on this site, or the fallback. For what came in a `returnTo` parameter:
 * `//evil.example`, `/\evil.example` and `/<TAB>/evil.example` all leave the site once a browser has parsed them.
 */
export function safeReturnTo(value: unknown, fallback = "/"): string {
  const url = typeof value === "string" ? URL.parse(value, HERE) : null;
  if (url?.origin !== HERE) return fallback;
  // `/.//evil.example` and `/..//evil.example` begin with one slash only until they are parsed. Whatever the name after
  // two slashes, a browser reads it as a host; a parsed path has no backslash, tab or dot segment that could hide one.
  return url.pathname.startsWith("//") ? fallback : url.pathname + url.search + url.hash;
}
