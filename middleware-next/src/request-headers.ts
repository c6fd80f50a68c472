import type { NextRequest } from "next/server.js";

/** In these headers of its response a proxy says which headers the server behind it is to see instead of the request's. */
const NAMES = "x-middleware-override-headers";
const VALUE = "x-middleware-request-";
/** What a proxy sets by `response.cookies`: the server sees it, and then sends these cookies and no others. */
const SET_COOKIES = "x-middleware-set-cookie";

/** Whether a proxy only passes the request on: somebody behind it answers. */
export function leadsOn(headers: Headers): boolean {
  return headers.has("x-middleware-next") || headers.has("x-middleware-rewrite");
}

/** The address that a proxy's response leads to on this server; undefined: it is an answer, or leads elsewhere. */
export function destinationOf(here: string, headers: Headers): string | undefined {
  if (headers.has("x-middleware-next")) return here;
  const rewrite = headers.get("x-middleware-rewrite");
  const there = rewrite === null ? null : URL.parse(rewrite, here);
  return there?.origin === new URL(here).origin ? there.href : undefined;
}

/** Sets a header of the request that the server is to see, beside what the response says already; undefined removes it. */
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
 * Tells the server of another proxy's new cookies as part of the request's, so that the response may have cookies
 * besides: the session's, which a page must not see.
 */
export function moveCookiesToRequest(request: NextRequest, headers: Headers): void {
  if (!headers.has(SET_COOKIES)) return;
  const pairs = headers.getSetCookie().map((line) => line.split(";", 1)[0]);
  setRequestHeader(request, headers, "cookie", [request.headers.get("cookie"), ...pairs].filter(Boolean).join("; "));
  headers.delete(SET_COOKIES);
}
