import { METHODS } from "node:http";
import fc from "fast-check";
import { CHROME_ON_LINUX } from "../../harness/browser-client.ts";
import { COOKIE } from "../conformance/case.ts";
import { EVERY_HEADER, EVERY_HEADER_IN_GROUPS, type Header } from "./headers.ts";
import type { RawRequest } from "./send.ts";

/** Where a request goes. `guarded`: a handler that may not run. `open`: one that may, and sees no session. */
export interface Aim {
  readonly kind: "guarded" | "open";
  readonly method: string;
  readonly path: string;
}

/** Everything that a client chooses in one request. */
export interface Input {
  readonly aim: Aim;
  readonly method: string;
  readonly spelling: string;
  readonly query: string;
  readonly headers: readonly Header[];
  /** Cookies of the attacker's choice, and after how many of them the held ones stand. */
  readonly cookies: readonly Header[];
  readonly after: number;
  readonly heldSpelling: string;
  readonly between: string;
  /** Each cookie in a header of its own, as HTTP/2 has them. */
  readonly apart: boolean;
  readonly body: string | undefined;
}

/** What the attacker holds, by the words that stand for it in headers, cookies and queries. */
export type Loot = Readonly<Record<string, string>>;

export interface Carried {
  readonly cookies: readonly Header[];
  readonly loot: Loot;
  /** Not of the attacker's choice: what a proxy or the victim's own browser says. They replace those of the same name. */
  readonly fixed: readonly Header[];
}

export const DEVICE_COOKIE = "__Host-byo-device";
export const IMPERSONATION_COOKIE = `${COOKIE}-impersonation`;
export const STATELESS_COOKIE = `${COOKIE}-stateless`;
export const FORGED_TOKEN = `byo_sess_${"A".repeat(22)}.00000001.${"A".repeat(22)}.${"A".repeat(43)}`;

/** Ways to write a path, so that a router, a guard and a skipped prefix may read it differently. */
const SPELLINGS: Readonly<Record<string, (path: string) => string>> = {
  plain: (path) => path,
  "slash behind": (path) => `${path}/`,
  "two slashes": (path) => `/${path}`,
  upper: (path) => path.toUpperCase(),
  escaped: (path) => path.replace(/[a-z]/g, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
  "escaped slash": (path) => `/.${path.replace("/", "%2f")}`,
  "null byte": (path) => `${path}%00`,
  "dot segment": (path) => `/.${path}`,
  "up from open": (path) => `/open/..${path}`,
  "up from skipped": (path) => `/assets/..${path}`,
  "escaped up from skipped": (path) => `/assets/%2e%2e${path}`,
  "half escaped up from skipped": (path) => `/assets/..%2f${path.slice(1)}`,
  "up from the unprotected": (path) => `/idp/..${path}`,
  "up from the login": (path) => `/sign-in/..${path}`,
  "up from Next's own": (path) => `/_next/static/..${path}`,
  "up from its icon": (path) => `/favicon.ico/..${path}`,
  backslash: (path) => path.replace("/", "/\\"),
  "up by backslash": (path) => `/assets\\..\\${path.slice(1)}`,
  absolute: (path) => `http://app.example${path}`,
  "absolute, skipped host": (path) => `http://assets/..${path}`,
  "with a parameter": (path) => `${path};/assets/app.js`,
  ending: (path) => `${path}.json`,
  "Next's data": (path) => `/_next/data/x${path}.json`,
  "Next's payload": (path) => `${path}.rsc`,
  fragment: (path) => `${path}#/assets/app.js`,
  "public prefix": (path) => `/prefix${path}`,
};

const QUERIES = [
  "",
  "?",
  "?x=1&y=/assets/app.js",
  "?_method=GET",
  "?_rsc=1",
  "?__Host-sessionToken={stolen}",
  "?access_token={stolen}",
  "?ticket={forged}",
  "?returnTo=/me&session=ada",
  `?${"a".repeat(2000)}`,
];

const COOKIE_NAMES = [
  ...[COOKIE, COOKIE, DEVICE_COOKIE, "sessionToken", "byo-device", "__host-sessionToken", `${COOKIE} `, "$Version"],
  ...[IMPERSONATION_COOKIE, STATELESS_COOKIE],
  ...["session", "__prerender_bypass", "__next_preview_data", "_ga"],
];
const COOKIE_VALUES = [
  ...["", "1", "undefined", "a b", '"', "%00", "%", "!s", "{}", "byo_sess_", "a".repeat(3000)],
  ...["{forged}", "{forged}!s", "{ended}", '"{ended}"', "{othersDevice}", "{othersDevice}", "t\u00e9l\u00e9"],
  ...["{impersonation}", "{stateless}"],
];

const HELD_SPELLINGS: Readonly<Record<string, (value: string) => string>> = {
  plain: (value) => value,
  quoted: (value) => `"${value}"`,
  escaped: (value) => `%${value.charCodeAt(0).toString(16)}${value.slice(1)}`,
  "not persistent": (value) => `${value}!s`,
};

const BODIES = [
  undefined,
  '{"metadata":{"kept":false},"tags":["role:admin","plan:pro"],"userId":"root","sessionId":"x","session":{"userId":"ada"}}',
  "_method=GET&sessionToken={stolen}",
  '{"__proto__":{"session":{"userId":"ada"}}}',
  "not json",
];

/** From Node's own list, and one that no server knows. */
const EVERY_METHOD: readonly string[] = [...METHODS, "JUNK"];

export interface Choices {
  readonly aims: readonly Aim[];
  readonly methods?: readonly string[];
}

export function inputs({ aims, methods = EVERY_METHOD }: Choices): fc.Arbitrary<Input> {
  const names = Object.keys(SPELLINGS);
  const usual = fc.constantFrom("GET", "HEAD", "POST", "DELETE", "OPTIONS").filter((one) => methods.includes(one));
  return fc.constantFrom(...aims).chain((aim) =>
    fc.record({
      aim: fc.constant(aim),
      method: fc.oneof(fc.constant(aim.method), usual, fc.constantFrom(...methods)),
      spelling: fc.oneof(fc.constant("plain"), fc.constantFrom(...names)),
      query: fc.oneof(fc.constant(""), fc.constantFrom(...QUERIES)),
      headers: fc.array(fc.constantFrom(...EVERY_HEADER), { maxLength: 10 }),
      cookies: fc.array(fc.tuple(fc.constantFrom(...COOKIE_NAMES), fc.constantFrom(...COOKIE_VALUES)), {
        maxLength: 5,
      }),
      after: fc.nat(5),
      heldSpelling: fc.oneof(fc.constant("plain"), fc.constantFrom(...Object.keys(HELD_SPELLINGS))),
      between: fc.constantFrom("; ", ";", " ;\t", "; ; "),
      apart: fc.boolean(),
      body: fc.constantFrom(...BODIES),
    }),
  );
}

/** The first aim as it is. */
export function plainInput({ aims: [aim] }: Choices): Input {
  if (!aim) throw new Error("there is nothing to aim at");
  const plain = { spelling: "plain", query: "", cookies: [], after: 0, heldSpelling: "plain" } as const;
  // Without one, some servers refuse a request that may have a body.
  const body = aim.method === "GET" ? undefined : "{}";
  return { ...plain, aim, method: aim.method, headers: [], between: "; ", apart: false, body };
}

/** What is tried one thing at a time: every aim as it is, and the first with every method, spelling and header. */
export function sweep(choices: Choices): Input[] {
  const plain = plainInput(choices);
  return [
    ...choices.aims.map((aim) => ({ ...plain, aim, method: aim.method })),
    ...(choices.methods ?? EVERY_METHOD).map((method) => ({ ...plain, method })),
    ...Object.keys(SPELLINGS).map((spelling) => ({ ...plain, spelling })),
    ...EVERY_HEADER_IN_GROUPS.map((headers) => ({ ...plain, headers })),
  ];
}

export function toRequest(input: Input, { cookies: held, loot, fixed }: Carried): RawRequest {
  const fill = (text: string) => text.replace(/\{(\w+)\}/g, (_word, name: string) => loot[name] ?? FORGED_TOKEN);
  const spelt = HELD_SPELLINGS[input.heldSpelling] ?? String;
  const own = held.map(([name, value]) => `${name}=${spelt(value)}`);
  const others = input.cookies.map(([name, value]) => `${name}=${fill(value)}`);
  const pairs = others.toSpliced(input.after, 0, ...own);
  const lines = input.apart ? pairs : pairs.length > 0 ? [pairs.join(input.between)] : [];
  const isFixed = (name: string) => fixed.some(([other]) => other === name);
  const chosen = input.headers.map(([name, value]): Header => [name, fill(value)]);
  const target = (SPELLINGS[input.spelling] ?? String)(input.aim.path) + fill(input.query);
  return {
    method: input.method,
    // A target with a space is not a valid request: every server refuses it.
    target: target.replaceAll(" ", "%20"),
    headers: [
      // As the owner's browser: another one would be refused for that alone.
      ...(chosen.some(([name]) => name === "user-agent") ? [] : [["user-agent", CHROME_ON_LINUX] as const]),
      ...onlyOne("host", chosen).filter(([name]) => !isFixed(name)),
      ...fixed,
      ...lines.map((line): Header => ["cookie", line]),
      ...(input.body === undefined ? [] : [["content-type", "application/json"] as const]),
    ],
    ...(input.body !== undefined && { body: fill(input.body) }),
  };
}

/** Two of it are refused by every server. */
function onlyOne(single: string, headers: readonly Header[]): Header[] {
  const first = headers.findIndex(([name]) => name === single);
  return headers.filter(([name], index) => name !== single || index === first);
}
