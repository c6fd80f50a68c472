import type { NextRequest } from "next/server.js";

/** In these response headers, a proxy says which headers the server behind it sees instead of the request's. */
const NAMES = "x-middleware-override-headers";
const VALUE = "x-middleware-request-";
/**
 * The header in which Next tells the server the cookies that a proxy set by `response.cookies`; the server then sends
 * only these.
 */
const SET_COOKIES = "x-middleware-set-cookie";

/** Whether a proxy only passes on the request, and something behind it answers. */
export function leadsOn(headers: Headers): boolean {
  return headers.has("x-middleware-next") || headers.has("x-middleware-rewrite");
}

/**
 * The URL on this server that a proxy's response points to; undefined if it is a final response, or points elsewhere.
 */
export function destinationOf(here: string, headers: Headers): string | undefined {
  if (headers.has("x-middleware-next")) return here;
  const rewrite = headers.get("x-middleware-rewrite");
  const there = rewrite === null ? null : URL.parse(rewrite, here);
  return there?.origin === new URL(here).origin ? there.href : undefined;
}

/** Sets a request header for the server, in addition to what the response already says; undefined removes it. */
export function setRequestHeader(
  request: NextRequest,
  headers: Headers,
  name: string,
  value: string | undefined,
): void {
  const told = headers.get(NAMES);
  const names = new Set(told === null ? request.headers.keys() : told.split(",").map((one) => one.trim()));
  if (told === null) for (const [key, text] of request.headers) headers.set(VALUE + key, text);
  names.delete(name);
  if (value !== undefined) {
    names.add(name);
    headers.set(VALUE + name, value);
  }
  headers.set(NAMES, [...names].join(","));
}

/**
 * Passes another proxy's new cookies to the server as part of the request's, so that the response may also set the
 * session's cookies, which a page must not see.
 */
export function moveCookiesToRequest(request: NextRequest, headers: Headers): void {
  if (!headers.has(SET_COOKIES)) return;
  const pairs = headers.getSetCookie().map((line) => line.split(";", 1)[0]);
  setRequestHeader(request, headers, "cookie", [request.headers.get("cookie"), ...pairs].filter(Boolean).join("; "));
  headers.delete(SET_COOKIES);
}
