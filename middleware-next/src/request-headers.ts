import { type NextRequest, NextResponse } from "next/server.js";

/** In these headers of its response a proxy says which headers the page behind it is to see instead of the request's. */
const NAMES = "x-middleware-override-headers";
const VALUE = "x-middleware-request-";

/** The path that a proxy's response leads to on this server; undefined: it is an answer, or leads elsewhere. */
export function destinationOf(request: NextRequest, { headers }: Response): string | undefined {
  const here = new URL(request.url);
  if (headers.has("x-middleware-next")) return here.pathname;
  const rewrite = headers.get("x-middleware-rewrite");
  const there = rewrite === null ? null : URL.parse(rewrite, here);
  return there?.origin === here.origin ? there.pathname : undefined;
}

/** Sets a header of the request that the page is to see, beside what the response says already; undefined removes it. */
export function withRequestHeader(
  request: NextRequest,
  response: Response,
  name: string,
  value: string | undefined,
): Response {
  const changed = new Response(response.body, response);
  const { headers } = changed;
  if (!headers.has(NAMES)) {
    for (const [key, text] of NextResponse.next({ request }).headers) {
      if (key === NAMES || key.startsWith(VALUE)) headers.set(key, text);
    }
  }
  const names = (headers.get(NAMES) ?? "").split(/\s*,\s*/).filter((one) => one !== "" && one !== name);
  if (value !== undefined) headers.set(VALUE + name, value);
  headers.set(NAMES, [...names, ...(value === undefined ? [] : [name])].join(","));
  return changed;
}

/** What a proxy sets by `response.cookies`: the server is told of it, and then sends these cookies and no others. */
const SET_COOKIES = "x-middleware-set-cookie";

/**
 * Tells the page of another proxy's new cookies as part of the request's, so that the response may have cookies besides:
 * the session's, which the page must not see.
 */
export function withCookiesInRequest(request: NextRequest, response: Response): Response {
  if (!response.headers.has(SET_COOKIES)) return response;
  const pairs = response.headers.getSetCookie().map((line) => line.split(";", 1)[0]);
  const cookie = [request.headers.get("cookie"), ...pairs].filter(Boolean).join("; ");
  const changed = withRequestHeader(request, response, "cookie", cookie);
  changed.headers.delete(SET_COOKIES);
  return changed;
}
