import { IS_LONG } from "../../harness/is-long.ts";

const COOKIE = "__Host-sessionToken";
/** In the form of a name on the shelf between proxy and server. */
const NAME = "ab".repeat(24);

/** Every header that Next or we read of a request, with what an attacker would try. */
export const HOSTILE_HEADERS: readonly (readonly [name: string, values: readonly string[]])[] = [
  ["next-router-prefetch", ["1", "2", ""]],
  ["next-router-segment-prefetch", ["/_tree", "/_full"]],
  ["next-router-state-tree", ["%5B%22%22%5D", "garbage"]],
  ["next-hmr-refresh", ["1"]],
  ["next-action", ["0".repeat(42), "x"]],
  ["next-url", ["/login", "/shop/login/"]],
  ["rsc", ["1"]],
  ["x-nextjs-data", ["1"]],
  ["purpose", ["prefetch"]],
  ["sec-purpose", ["prefetch", "prefetch;prerender"]],
  ["x-middleware-subrequest", ["proxy:proxy:proxy:proxy:proxy", "src/middleware:src/middleware:src/middleware"]],
  ["x-middleware-prefetch", ["1"]],
  ["x-middleware-next", ["1"]],
  ["x-middleware-rewrite", ["/shop/login/"]],
  ["x-middleware-invoke", ["1"]],
  ["x-middleware-override-headers", ["x-byo-session", "cookie"]],
  ["x-middleware-request-x-byo-session", [NAME]],
  ["x-middleware-request-cookie", [`${COOKIE}=x`]],
  ["x-middleware-set-cookie", [`${COOKIE}=x`]],
  ["x-invoke-path", ["/login"]],
  ["x-matched-path", ["/login"]],
  [
    "x-byo-session",
    [
      "",
      NAME,
      `${NAME}, ${NAME}`,
      "e30.e30",
      "eyJhbGciOiJBMjU2S1ciLCJlbmMiOiJBMjU2R0NNIn0.AAAA.AAAA.AAAA.AAAA",
      "x".repeat(6000),
      "__proto__",
      "\u00e9",
    ],
  ],
  ["x-forwarded-host", ["localhost", "evil.example"]],
  ["x-forwarded-proto", ["https"]],
  ["x-forwarded-for", ["127.0.0.1"]],
  ["x-rewrite-url", ["/login"]],
  ["x-original-url", ["/login"]],
  ["x-http-method-override", ["GET", "HEAD", "OPTIONS"]],
  ["accept", ["text/html", "text/x-component", "*/*", ""]],
  ["content-type", ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "text/html"]],
  ["sec-fetch-mode", ["navigate", "cors", "no-cors"]],
  ["sec-fetch-dest", ["document", "image", "empty"]],
  ["sec-fetch-site", ["none", "same-origin", "cross-site"]],
  ["sec-fetch-user", ["?1"]],
  ["origin", ["null", "https://evil.example"]],
  ["access-control-request-method", ["GET"]],
  ["cookie", [`${COOKIE}=`, `${COOKIE}=x`, "__prerender_bypass=x", `x-byo-session=${NAME}`]],
  ["authorization", ["Bearer x"]],
  ["dpop", ["x"]],
];

const SENDING = HOSTILE_HEADERS.flatMap(([name, values]) => values.map((value) => ({ [name]: value })));

/**
 * What is sent to one of several places that are guarded in the same way. The long tests send everything to each of them;
 * `npm test` sends everything once, each place its share.
 */
export function sendingTo(place: number, places: number): readonly Record<string, string>[] {
  return IS_LONG ? SENDING : SENDING.filter((_headers, at) => at % places === place);
}
