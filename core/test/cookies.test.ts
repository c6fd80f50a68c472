import { describe, expect, test } from "vitest";
import { type CookieOptions, resolveCookie } from "../src/cookies/cookie-options.ts";
import { createSessionCookie } from "../src/cookies/session-cookie.ts";

const NAME = "__Host-sessionToken";
const CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/149.0.0.0 Safari/537.36";
const SAFARI =
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15";

function view(headers: Record<string, string>) {
  return { method: "GET", target: "/", header: (name: string) => headers[name] };
}

function cookieOf(options: CookieOptions = {}, production = true) {
  return createSessionCookie(resolveCookie(options, production));
}

describe("reading", () => {
  const read = (cookie: string) =>
    cookieOf()
      .read(view({ cookie }))
      .map(({ token }) => token);

  test.each([
    ["", []],
    [`${NAME}=a`, ["a"]],
    [`x=1; ${NAME}=a; y=2`, ["a"]],
    [`x=1;${NAME}=a`, ["a"]],
    [`${NAME}=a; ${NAME}=b; ${NAME}=a; ${NAME}=c; ${NAME}=d`, ["a", "b", "c", "d"]],
    [`${NAME}="a"`, ["a"]],
    [`${NAME}=""; ${NAME}="; ${NAME}="b`, ['"', '"b']],
    [`${NAME}="%61"; ${NAME}=%22b%22`, ["a", '"b"']],
    [`${NAME}=\t a \t;\t${NAME}=b`, ["a", "b"]],
    [`${NAME}=\u00a0a`, ["\u00a0a"]],
    [`\u00a0${NAME}=a`, []],
    [`$Version=1; ${NAME}=a; $Path="/"; $Domain=x`, ["a"]],
    [`x="1; ${NAME}=a; y=2"; ${NAME}=b`, ["a", "b"]],
    [`${NAME}=a=b; =${NAME}=c; ${NAME}==d`, ["a=b", "=d"]],
    [`${NAME}=a; ${NAME}=a!s`, ["a"]],
    [`${NAME}=!s`, []],
    [`x${NAME}=a`, []],
    [`x=${NAME}=a`, []],
    [`${NAME} =a`, []],
    [`${NAME}=; ${NAME}=b`, ["b"]],
    [`${NAME}=%61%`, ["%61%"]],
    [`${NAME}=a%2Fb`, ["a/b"]],
    [`${NAME.toLowerCase()}=a`, []],
    [NAME, []],
  ])("%j", (header, tokens) => {
    expect(read(header)).toEqual(tokens);
  });

  test("64 KiB of near misses take under 50 ms", () => {
    const startedMs = performance.now();
    read(`a${NAME}=;`.repeat(3200));
    read(`${" ".repeat(32_000)}${NAME}=a;${" ".repeat(32_000)}x${NAME}=`);
    read(Array.from({ length: 3000 }, (_, i) => `${NAME}=${i}`).join(";"));
    read(`${NAME}=${"a ".repeat(32_000)}b`);
    read(`${NAME}=${"%41".repeat(20_000)}%`);
    expect(performance.now() - startedMs).toBeLessThan(50);
  });
});

test("of one token with and without the mark, the stricter counts, whichever is first", () => {
  for (const cookie of [`${NAME}=a; ${NAME}=a!s`, `${NAME}=a!s; ${NAME}=a`]) {
    expect(cookieOf().read(view({ cookie }))).toEqual([{ token: "a", persistent: false }]);
  }
});

test("a logout reads the earlier names too, requests do not", () => {
  const cookie = cookieOf({ previous: [{ name: "sid" }, { path: "/app", name: "old" }] });
  const sent = view({ cookie: `old=a; sid=b; ${NAME}=c; x=d` });
  expect(cookie.read(sent).map(({ token }) => token)).toEqual(["c"]);
  expect(cookie.readAll(sent).map(({ token }) => token)).toEqual(["c", "b", "a"]);
});

describe("setting", () => {
  const lifetime = 900;

  test("the defaults, and Max-Age to the end of the session", () => {
    expect(cookieOf().set(view({}), { token: "t", persistent: true }, lifetime)).toBe(
      `${NAME}=t; Max-Age=900; Path=/; HttpOnly; Secure; SameSite=Lax`,
    );
  });

  test("one that ends with the browser's session is recognised when it comes back", () => {
    const cookie = cookieOf();
    const [pair = ""] = cookie.set(view({}), { token: "t", persistent: false }, lifetime).split(";");
    expect(cookie.read(view({ cookie: pair }))).toEqual([{ token: "t", persistent: false }]);
  });

  test("the options reach the line, the clearing one too", () => {
    const cookie = cookieOf({ name: "sid", domain: "example.com", path: "/app", sameSite: "none", partitioned: true });
    const attributes = "Domain=example.com; Path=/app; HttpOnly; Secure; Partitioned; SameSite=None";
    expect(cookie.set(view({}), { token: "t", persistent: true }, lifetime)).toBe(`sid=t; Max-Age=900; ${attributes}`);
    expect(cookie.clear(view({}))).toEqual([
      "sid=; Max-Age=0; Domain=example.com; Path=/app; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; Partitioned; SameSite=None",
    ]);
  });
});

test("a cookie from before it was partitioned is cleared too, and before a new one is set", () => {
  const cookie = cookieOf({ sameSite: "none", partitioned: true, previous: [{ partitioned: false }] });
  const gone = `${NAME}=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure;`;
  expect(cookie.clear(view({}))).toEqual([`${gone} Partitioned; SameSite=None`, `${gone} SameSite=None`]);
  expect(cookie.clearPrevious()).toEqual([`${gone} SameSite=None`]);
});

describe("http://localhost", () => {
  const here = { host: "localhost:3000" };
  const lineFor = (headers: Record<string, string>, production = false, options: CookieOptions = {}, tls = false) =>
    cookieOf(options, production).set({ ...view(headers), isEncrypted: tls }, { token: "t", persistent: true }, 900);

  test("Safari, which drops Secure cookies there, gets one without, and it is read again", () => {
    const safari = { ...here, "user-agent": SAFARI };
    const line = lineFor(safari);
    expect(line).toBe("sessionToken=t; Max-Age=900; Path=/; HttpOnly; SameSite=Lax");
    const [cookie = ""] = line.split(";");
    expect(cookieOf({}, false).read(view({ ...safari, cookie }))).toEqual([{ token: "t", persistent: true }]);
    expect(cookieOf({}, false).clear(view(safari))[0]).toMatch(/^sessionToken=; Max-Age=0/);
  });

  test.each([
    ["another browser", { ...here, "user-agent": CHROME }, false, {}],
    ["another host", { host: "localhost.example", "user-agent": SAFARI }, false, {}],
    ["production", { ...here, "user-agent": SAFARI }, true, {}],
    ["a name of the application's choice", { ...here, "user-agent": SAFARI }, false, { name: "__Host-sid" }],
  ])("not for %s", (_name, headers, production, options) => {
    expect(lineFor(headers, production, options)).toContain("; Secure");
  });

  const safari = { ...here, "user-agent": SAFARI };
  test.each<[string, Record<string, string>, boolean?]>([
    ["a proxy", { "x-forwarded-proto": "https" }],
    ["several proxies, of which the first has TLS", { "x-forwarded-proto": "https, http" }],
    ["a proxy's scheme", { "x-forwarded-scheme": "HTTPS" }],
    ["the standard header", { forwarded: 'for=192.0.2.60;proto="https";by=203.0.113.43, for=10.0.0.1;proto=http' }],
    ["a switch", { "x-forwarded-ssl": "on" }],
    ["an older switch", { "front-end-https": "On" }],
    ["a delivery network", { "cloudfront-forwarded-proto": "https" }],
    ["the connection itself", {}, true],
  ])("what is known of the protocol goes before the name: %s", (_how, headers, tls) => {
    expect(lineFor({ ...safari, ...headers }, false, {}, tls)).toContain("; Secure");
  });

  test.each<[string, Record<string, string>]>([
    ["a proxy without TLS", { "x-forwarded-proto": "http" }],
    ["several, of which the client met one without", { "x-forwarded-proto": "http, https" }],
    ["the standard header of another hop", { forwarded: "for=192.0.2.60;proto=http, for=10.0.0.1;proto=https" }],
    ["a word that is no protocol", { "x-forwarded-proto": "httpsish" }],
    ["another name for this machine", { host: "LOCALHOST:3000" }],
  ])("without TLS Safari still gets a cookie that it keeps: %s", (_how, headers) => {
    expect(lineFor({ ...safari, ...headers })).not.toContain("; Secure");
  });

  test("the plain name is not read from others", () => {
    expect(cookieOf({}, false).read(view({ ...here, "user-agent": CHROME, cookie: "sessionToken=t" }))).toEqual([]);
  });
});
