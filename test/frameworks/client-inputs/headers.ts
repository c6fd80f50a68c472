/** One header line. A word in braces stands for what the attacker of the state holds, see `Loot`. */
export type Header = readonly [name: string, value: string];

type Values = Readonly<Record<string, readonly string[]>>;

/** What the code reads: coverage.test.ts finds out when there is a new one. `cookie` is made in inputs.ts. */
const READ_BY_THE_CODE: Values = {
  authorization: ["Bearer {stolen}", "bearer  {ended}", "Bearer {forged}", "DPoP {stolen}", "Basic YWRhOmFkYQ=="],
  dpop: ["{usedProof}", "{othersProof}", "{usedProof}, {othersProof}", "garbage", "a.b.c", "{stolen}", "null"],
  host: ["localhost", "127.0.0.1", "[::1]:3000", "app.example", "evil.example"],
  origin: ["https://app.example", "https://admin.example", "http://localhost", "null", "https://evil.example"],
  "user-agent": ["node", "undici", "curl/8", "Mozilla/5.0 (Macintosh) Version/18.0 Safari/605.1.15", "Googlebot/2.1"],
  accept: ["text/html", "text/html,application/xhtml+xml;q=0.9", "*/*", "application/json", "text/x-component"],
  "access-control-request-method": ["GET", "DELETE"],
  "content-encoding": ["identity", "gzip"],
  "byo-extensions": ["holds", "watch"],
  upgrade: ["websocket", "WebSocket", "h2c"],
  "sec-fetch-site": ["same-origin", "none", "same-site", "cross-site"],
  "sec-fetch-mode": ["navigate", "no-cors", "cors", "websocket"],
  "sec-purpose": ["prefetch", "prefetch;prerender", "prefetch;anonymous-client-ip"],
  purpose: ["prefetch", "preview"],
  "next-router-prefetch": ["1", "2"],
  "next-router-segment-prefetch": ["/_tree", "/me"],
  "next-action": ["0000", "40a1b2c3d4e5f60718293a4b5c6d7e8f9001122334"],
  // In the forms of the word between Next's proxy and server: a name, and what is sealed.
  "x-byo-session": [
    "ab".repeat(24),
    "eyJhbGciOiJBMjU2S1ciLCJlbmMiOiJBMjU2R0NNIn0.AAAA.AAAA.AAAA.AAAA",
    "e30.e30",
    "{forgedHandover}",
    "{stolen}",
  ],
  "x-forwarded-for": ["203.0.113.9", "127.0.0.1", "::1", "203.0.113.9, 127.0.0.1", "unknown", "203.0.113.9:80"],
  location: ["/", "https://evil.example/"],
  "x-middleware-next": ["1"],
  "x-middleware-rewrite": ["/open", "http://127.0.0.1/open"],
  "x-middleware-override-headers": ["cookie", "x-byo-session", "dpop,sec-fetch-mode"],
  "x-middleware-request-cookie": ["__Host-sessionToken={ended}"],
  "x-middleware-request-x-byo-session": ["{forgedHandover}"],
  "x-middleware-set-cookie": ["__Host-sessionToken={ended}; Path=/"],
  "set-cookie": ["__Host-sessionToken={ended}; Path=/"],
};

/** Headers that frameworks, proxies and browsers interpret. */
const READ_BY_OTHERS: Values = {
  "sec-fetch-dest": ["document", "image", "iframe", "empty"],
  "sec-fetch-user": ["?1"],
  "sec-fetch-storage-access": ["active"],
  "x-forwarded-host": ["localhost", "app.example", "evil.example"],
  "x-forwarded-proto": ["https", "http", "wss"],
  "x-forwarded-protocol": ["https", "http"],
  "x-forwarded-scheme": ["https", "http"],
  "x-url-scheme": ["https", "http"],
  "cloudfront-forwarded-proto": ["https", "http"],
  "x-forwarded-ssl": ["on", "off"],
  "front-end-https": ["on", "off"],
  "x-forwarded-port": ["443"],
  "x-forwarded-prefix": ["/prefix", "/open"],
  "x-forwarded-uri": ["/open"],
  "x-forwarded-user": ["ada"],
  forwarded: ["for=203.0.113.9;host=localhost;proto=https"],
  "x-real-ip": ["203.0.113.9", "127.0.0.1"],
  "x-client-ip": ["203.0.113.9"],
  "cf-connecting-ip": ["203.0.113.9"],
  "true-client-ip": ["203.0.113.9"],
  via: ["1.1 localhost"],
  "x-http-method-override": ["GET", "OPTIONS", "HEAD"],
  "x-http-method": ["GET"],
  "x-method-override": ["GET"],
  "x-original-url": ["/open", "/assets/app.js"],
  "x-rewrite-url": ["/open", "/idp"],
  "x-original-method": ["GET"],
  "x-requested-with": ["XMLHttpRequest"],
  rsc: ["1"],
  "next-url": ["/open"],
  "next-router-state-tree": ["%5B%22%22%5D"],
  "next-hmr-refresh": ["1"],
  "x-nextjs-data": ["1"],
  "x-matched-path": ["/open"],
  "x-invoke-path": ["/open"],
  "x-invoke-status": ["200"],
  "x-prerender-revalidate": ["1"],
  "x-middleware-subrequest": [
    "proxy:proxy:proxy:proxy:proxy",
    "middleware:middleware:middleware:middleware:middleware",
  ],
  "x-middleware-skip": ["1"],
  "x-middleware-invoke": ["1"],
  "x-middleware-prefetch": ["1"],
  "x-middleware-cache": ["no-cache"],
  "x-user-id": ["ada"],
  "x-own-errors": ["1"],
  "session-token": ["{stolen}", "{ended}"],
  "x-session-token": ["{stolen}"],
  "content-type": [
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/plain",
    "text/x-component",
  ],
  connection: ["upgrade", "close", "keep-alive, cookie", "x-forwarded-for, dpop"],
  te: ["trailers"],
  "accept-language": ["en"],
  "accept-encoding": ["identity"],
  "cache-control": ["no-cache", "only-if-cached"],
  "if-none-match": ["*", '"x"'],
  range: ["bytes=0-1"],
  expect: ["100-continue"],
  referer: ["https://app.example/me", "https://evil.example/"],
  "access-control-request-headers": ["dpop, authorization"],
  "early-data": ["1"],
  dnt: ["1"],
};

export const EVERY_HEADER: readonly Header[] = headersOf({ ...READ_BY_THE_CODE, ...READ_BY_OTHERS });

/** Values that are refused or answered by themselves, and so would hide others next to them. */
const LOUD: ReadonlySet<string> = new Set([
  ...["authorization", "dpop", "user-agent", "upgrade", "connection", "expect", "if-none-match"],
  ...["access-control-request-method", "x-middleware-prefetch"],
]);

/** Every value at least once: the loud ones alone, others a few together. The values of one name stand far apart. */
export const EVERY_HEADER_IN_GROUPS: readonly (readonly Header[])[] = [
  ...EVERY_HEADER.filter(([name]) => LOUD.has(name)).map((header) => [header]),
  ...together(
    EVERY_HEADER.filter(([name]) => !LOUD.has(name)),
    4,
  ),
];

/** What a genuine request may contain and still passes. */
export const HARMLESS: readonly Header[] = EVERY_HEADER.filter(([name]) =>
  [
    ...[
      "accept",
      "sec-fetch-mode",
      "sec-fetch-dest",
      "sec-fetch-user",
      "sec-purpose",
      "purpose",
      "next-router-prefetch",
    ],
    ...[
      "x-forwarded-host",
      "x-forwarded-proto",
      "x-forwarded-port",
      "x-forwarded-prefix",
      "forwarded",
      "x-real-ip",
      "via",
    ],
    ...["x-http-method-override", "x-original-url", "x-rewrite-url", "x-requested-with", "x-user-id", "x-byo-session"],
    ...[
      "accept-language",
      "accept-encoding",
      "cache-control",
      "te",
      "referer",
      "dnt",
      "session-token",
      "x-nextjs-data",
    ],
  ].includes(name),
);

function headersOf(values: Values): Header[] {
  return Object.entries(values).flatMap(([name, ofName]) => ofName.map((value): Header => [name, value]));
}

function together(headers: readonly Header[], size: number): Header[][] {
  const count = Math.ceil(headers.length / size);
  return Array.from({ length: count }, (_, first) => headers.filter((_header, index) => index % count === first));
}
