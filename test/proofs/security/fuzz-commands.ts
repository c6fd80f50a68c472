import { COMMAND_NAMES, COMMANDS } from "@byo-session/core/contract";
import fc from "fast-check";
import { z } from "zod";
import { CLIENT, JOE } from "../../behaviour/sidecar/impersonation/impersonate.ts";

/** Values that a fuzzed command may use, so that some attacks get past the checks of its form. */
export interface FuzzTargets {
  sessionId: string;
  sessionToken: string;
  userId: string;
  impersonationId: string;
  impersonationToken: string;
}

const PROTOTYPE_NAMES = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "then", "toJSON"];
const HOSTILE_TEXTS = [
  "",
  "\0",
  "\ud800",
  "\r\nSet-Cookie: a=b",
  "\u001b[2J\u2028\u2029\u0085",
  "'; DROP TABLE byo.sessions; --",
  "../../etc/passwd",
  "\u0024{jndi:ldap://x}",
  "%00%0d%0a",
  "010.0.0.1",
  "::ffff:10.0.0.1",
  "fe80::1%eth0",
  "NaN",
  "a:b",
  ":",
  "type:\u202e",
  "0".repeat(300),
  "é".repeat(1024),
  "€".repeat(8193),
];
const HUGE_NUMBERS = [-1, 0, 0.1, 1e21, 1e308, -1e308, 2 ** 31, 2 ** 53, 1e-320, Number.MAX_SAFE_INTEGER];

const hostileText = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...HOSTILE_TEXTS) },
  { weight: 6, arbitrary: fc.string({ unit: "binary", maxLength: 50 }) },
  fc.nat({ max: 300_000 }).map((length) => "x".repeat(length)),
  fc.base64String({ maxLength: 300 }),
);
const hostileName = fc.oneof(fc.constantFrom(...PROTOTYPE_NAMES), fc.string({ maxLength: 10 }));
const deep = fc.integer({ min: 1, max: 400 }).map((levels) => {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = level % 2 ? [value] : { a: value };
  return value;
});
const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: hostileText },
  fc.constantFrom(null, true, false),
  fc.constantFrom(...HUGE_NUMBERS),
  fc.double(),
  fc.array(hostileText, { maxLength: 60 }),
  fc.dictionary(hostileName, fc.jsonValue(), { noNullPrototype: true, maxKeys: 8 }),
  fc.jsonValue(),
  deep,
);

/** Of every command, as the contract's table has them. */
const FIELDS = [
  ...new Set(
    COMMAND_NAMES.flatMap((name) => {
      const { input } = COMMANDS[name];
      return input instanceof z.ZodObject ? Object.keys(input.shape) : [];
    }),
  ),
];

/** Fields that make a command pass its checks, some of them replaced by something hostile. */
function fuzzedData(targets: FuzzTargets): fc.Arbitrary<unknown> {
  const field = fc.constantFrom(...FIELDS, ...PROTOTYPE_NAMES);
  const hostile = fc.dictionary(field, hostileValue, { noNullPrototype: true, maxKeys: 5 });
  const { sessionId, sessionToken, userId, impersonationId, impersonationToken } = targets;
  const fitting = fc.subarray([
    ["sessionId", sessionId],
    ["sessionToken", sessionToken],
    ["sessionTokenToKeep", sessionToken],
    ["userId", userId],
    ["filter", { userId }],
    ["tags", ["org:acme"]],
    ["employeeEmail", JOE],
    ["targetUserId", userId],
    ["userAgent", CLIENT.userAgent],
    ["ipAddress", CLIENT.ipAddress],
    ["employeeSessionId", sessionId],
    ["impersonationSessionId", impersonationId],
    ["impersonationToken", impersonationToken],
    ["impersonationSessionToken", impersonationToken],
    ["pagingToken", impersonationId],
    ["customClaims", { role: "admin" }],
    ["secsBeforeNewKeyBecomesDefault", 0],
    ["secsBeforeExistingKeysAreDeactivated", 60],
  ] as const);
  const mixed = fc
    .tuple(fitting, hostile)
    .map(([pairs, replaced]) => ({ ...Object.fromEntries(pairs), ...definedAsData(replaced) }));
  return fc.oneof({ weight: 8, arbitrary: mixed }, { weight: 1, arbitrary: hostileValue });
}

/** `__proto__` as an own property, as a JSON parser creates it. */
function definedAsData(object: object): object {
  return JSON.parse(JSON.stringify(object)) as object;
}

const SERVED = COMMAND_NAMES;
const commandName = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...SERVED) },
  fc.constantFrom(...PROTOTYPE_NAMES, "CreateApiKey", "ScimRequest", "ping", "DeleteAuditEvents"),
  hostileText,
);

/** The body of a command, as the bytes that are sent. */
export function fuzzedBody(targets: FuzzTargets): fc.Arbitrary<Buffer> {
  const json = fc
    .record({
      command: fc.oneof({ weight: 15, arbitrary: commandName as fc.Arbitrary<unknown> }, hostileValue),
      data: fuzzedData(targets),
    })
    .map((command) => JSON.stringify(command));
  // Duplicate names: a check can be bypassed when two parsers disagree on which one counts.
  const repeated = fc
    .tuple(json, commandName, fuzzedData(targets))
    .map(
      ([text, name, data]) => `${text.slice(0, -1)},"command":${JSON.stringify(name)},"data":${JSON.stringify(data)}}`,
    );
  const cut = fc.tuple(json, fc.nat()).map(([text, at]) => text.slice(0, at % (text.length + 1)));
  const flipped = fc.tuple(json, fc.nat(), fc.nat(255)).map(([text, at, byte]) => {
    const bytes = Buffer.from(text);
    bytes[at % bytes.length] = byte;
    return bytes;
  });
  return fc.oneof(
    { weight: 14, arbitrary: json.map((text) => Buffer.from(text)) },
    repeated.map((text) => Buffer.from(text)),
    cut.map((text) => Buffer.from(text)),
    flipped,
    fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
    fc
      .tuple(fc.constantFrom("[", '{"a":', '{"command":'), fc.nat(50_000))
      .map(([open, n]) => Buffer.from(open.repeat(n))),
  );
}

const METHODS = ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE", "PROPFIND", "BREW", "post", "QUERY"];
const PATHS = [
  "/",
  "//",
  "/run-command/",
  "/run-command?x=1",
  "/Run-Command",
  "/run-command%00",
  "/%",
  "/%ff<script>alert(1)</script>",
  "/../../etc/passwd",
  "/__proto__",
  "/healthz",
  "/.well-known/jwks.json",
  "/metrics",
  "*",
  "http://elsewhere.example/run-command",
  `/${"a".repeat(15_000)}`,
];
const headerLine = fc.oneof(
  fc.constantFrom(
    "Content-Type: text/html",
    "Content-Type: ",
    "Content-Type: ;;;\u0001",
    "Content-Type: multipart/form-data",
    "Content-Encoding: gzip",
    "Expect: 100-continue",
    "Expect: everything",
    "Upgrade: h2c",
    "Upgrade: websocket",
    "Content-Length: 5",
    "Content-Length: -1",
    "Content-Length: 99999999999999999999",
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: gzip, chunked",
    "Transfer-Encoding: xchunked",
    " folded: header",
    "no colon at all",
    "X\0: y",
    "Accept-Version: 9.9.9",
    "X-HTTP-Method-Override: DELETE",
    `X-Long: ${"a".repeat(20_000)}`,
  ),
  fc
    .tuple(fc.string({ maxLength: 10 }), fc.string({ unit: "binary-ascii", maxLength: 40 }))
    .map(([name, value]) => `${name}: ${value}`),
);

/** A whole request, from a wrong method to contradictory headers. */
export function fuzzedRequest(integrationKey: string): fc.Arbitrary<Buffer> {
  const authorization = fc.constantFrom(
    `Authorization: Bearer ${integrationKey}`,
    "Authorization: Bearer api_wrong",
    "Authorization: Basic YTpi",
    "X-Nothing: here",
  );
  return fc
    .tuple(
      fc.oneof(fc.constantFrom("POST"), fc.constantFrom(...METHODS)),
      fc.oneof(
        fc.constantFrom("/run-command"),
        fc.constantFrom(...PATHS),
        fc.webPath().map((path) => `/${path}`),
      ),
      authorization,
      fc.array(headerLine, { maxLength: 4 }),
      fc.oneof(fc.constantFrom('{"command":"Ping"}'), hostileText),
    )
    .map(([method, path, key, headers, body]) =>
      Buffer.from(
        [`${method} ${path} HTTP/1.1`, "Host: sidecar", "Connection: close", key, ...headers, "", body].join("\r\n"),
      ),
    );
}
