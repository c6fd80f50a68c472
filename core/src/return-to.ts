/** Stands for the application's own origin; no name below `.invalid` exists (RFC 2606). */
const HERE = "http://here.invalid";

/**
 * The path, query and fragment of an address on this site, or the fallback. For what came in a `returnTo` parameter:
 * `//evil.example`, `/\evil.example` and `/<TAB>/evil.example` all leave the site once a browser has parsed them.
 */
export function safeReturnTo(value: unknown, fallback = "/"): string {
  const url = typeof value === "string" ? URL.parse(value, HERE) : null;
  if (url?.origin !== HERE) return fallback;
  const address = url.pathname + url.search + url.hash;
  // Parsed once more: `/.//evil.example` becomes `//evil.example` only by the first parsing.
  return URL.parse(address, HERE)?.origin === HERE ? address : fallback;
}
