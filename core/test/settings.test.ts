import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { ConfigurationError } from "../src/errors.ts";
import { checkRequirements } from "../src/gate/guard.ts";
import { resolveOptions } from "../src/settings/settings.ts";

const CONNECTED = { url: "http://127.0.0.1:2884", integrationKey: "api_key_of_the_test" };
const PROVIDER = { issuer: "https://login.example/", clientId: "app", jwksUri: "http://keys.example/jwks" };
const DEVELOPMENT = { NODE_ENV: "development" };
const PRODUCTION = { NODE_ENV: "production" };

function problemOf(options: object, env: Record<string, string> = {}): string {
  try {
    resolveOptions({ ...CONNECTED, ...options }, env);
  } catch (error) {
    if (error instanceof ConfigurationError && error.code === "ERR_BYO_OPTIONS") return error.message;
    throw error;
  }
  return "";
}

describe("invalid options stop the start and say how to fix them", () => {
  test.each<[object, RegExp]>([
    [{ timeoutMs: "2s" }, /`timeoutMs`: expected whole milliseconds/],
    [{ timeoutMs: 0 }, /`timeoutMs`: expected at least 1 ms/],
    [{ lazzy: true }, /`lazzy`: unknown option; expected one of url, .*lazy/],
    [{ lazzy: true, loginURL: "/" }, /`lazzy`, `loginURL`: unknown option/],
    [{ cookie: { httpOnly: false } }, /`cookie.httpOnly`: unknown option; expected one of name, domain/],
    [{ cookie: { name: "a b" } }, /`cookie.name`: expected a cookie name/],
    [{ cookie: { path: "app" } }, /`cookie.path`: expected a path that starts with \//],
    [{ cookie: { domain: "https://example.com" } }, /`cookie.domain`: expected a host name/],
    [{ publicUrl: "example.com" }, /`publicUrl`: expected an http\(s\) URL/],
    [{ publicUrl: "https://example.com/?a" }, /`publicUrl`: expected an http\(s\) URL/],
    [{ trustedOrigins: ["*"] }, /`trustedOrigins.0`: expected an origin exactly as in the Origin header/],
    [{ trustedOrigins: ["chrome-extension://*"] }, /`trustedOrigins.0`/],
    [{ trustedOrigins: ["capacitor://localhost/"] }, /`trustedOrigins.0`/],
    [{ trustedOrigins: ["file://"] }, /`trustedOrigins.0`/],
    [{ trustedOrigins: ["https://ok.example", "https://app.example/"] }, /`trustedOrigins.1`/],
    [{ trustedOrigins: ["null"] }, /`trustedOrigins.0`/],
    [{ routes: { prefix: "session" } }, /`routes/],
    [{ routes: { prefix: "/session/" } }, /`routes/],
    [{ routes: true }, /`routes`: expected false or \{ prefix: /],
    [{ routes: { backchannelLogout: { issuer: "i" } } }, /`routes`: expected .* \{ issuer, clientId, jwksUri \}/],
    [
      { routes: { backchannelLogout: { ...PROVIDER, jwksUri: "file:///keys" } } },
      /`routes.backchannelLogout.jwksUri`: .* http\(s\) URL/,
    ],
    [{ routes: { backchannelLogout: { ...PROVIDER, more: 1 } } }, /more`: .* one of issuer, clientId, jwksUri/],
    [{ routes: { prefx: "/s" } }, /`routes`|`routes.prefx`: .*prefix/],
    [{ routes: { backchannelLogout: [PROVIDER, PROVIDER] } }, /`routes.backchannelLogout`: expected each issuer once/],
    [{ device: "on" }, /`device`: expected "proof", "recent" or "off"/],
    [{ device: "recent" }, /`device`: "recent" needs `publicUrl`/],
    [{ challengeStatus: 403 }, /`challengeStatus`: expected 401 or 425/],
    [{ skip: "/assets" }, /`skip`: expected a function/],
    [{ sessionProperty: "my-session" }, /`sessionProperty`: expected a property name/],
    [{ impersonation: "readonly" }, /`impersonation`: expected "refuse", "read-only" or "allow"/],
    [{ stateless: true }, /`stateless`: expected \{ revocationDelaySecs \} or \{ maxAgeSecs \}, from 1 to 300/],
    [{ stateless: {} }, /`stateless`: expected/],
    [{ stateless: { maxAgeSecs: 301 } }, /`stateless.maxAgeSecs`: expected at most 300 seconds/],
    [{ stateless: { maxAgeSecs: 0 } }, /`stateless.maxAgeSecs`: expected at least 1 second/],
    [{ stateless: { maxAgeSecs: 30, revocationDelaySecs: 60 } }, /`stateless`: expected/],
    [{ client: {} }, /`client`: expected a sidecar client/],
  ])("%j", (options, message) => {
    expect(problemOf(options)).toMatch(message);
  });

  test("a function that was mounted without a call is recognised by what it gets", () => {
    class HostsRequest {}
    for (const request of [new HostsRequest(), Object.create(new HostsRequest()), "/path", null]) {
      expect(() => resolveOptions(request, {})).toThrow(/^byoSession\(\): .* without its parentheses\?/);
      expect(() => checkRequirements(request)).toThrow(/^requireSession\(\): .* without its parentheses\?/);
    }
    const ofAnotherRealm = runInNewContext("({ tags: [] })");
    expect(() => checkRequirements(ofAnotherRealm)).not.toThrow();
    expect(() => checkRequirements(Object.create(null))).not.toThrow();
  });

  test("all problems are reported at once", () => {
    expect(problemOf({ timeoutMs: -1, bearer: "yes" })).toMatch(/`timeoutMs`.*\n.*`bearer`/);
  });

  test("without an address or a key: what to run", () => {
    expect(() => resolveOptions({}, {})).toThrow(/BYO_URL.*byo-sidecar.*BYO_INTEGRATION_KEY.*byo keys create/s);
    const env = { BYO_URL: CONNECTED.url, BYO_INTEGRATION_KEY: CONNECTED.integrationKey };
    expect(() => resolveOptions({}, env)).not.toThrow();
  });

  test("a key that cannot be one is never echoed", () => {
    expect(problemOf({ integrationKey: "secret with spaces" })).toMatch(
      /^`integrationKey` \(BYO_INTEGRATION_KEY\): expected an integration key/,
    );
    expect(problemOf({ integrationKey: "secret with spaces" })).not.toContain("secret with");
  });

  test("the app's own client together with an address: only one is allowed", () => {
    const client = resolveOptions(CONNECTED, {}).client;
    expect(problemOf({ client })).toMatch(/`client`: it has its own URL and key/);
    expect(() => resolveOptions({ client }, {})).not.toThrow();
  });
});

describe("cookies that browsers would drop", () => {
  test.each<[object, RegExp]>([
    [{ name: "__Host-sid", domain: "example.com" }, /browsers drop __Host-sid with a domain/],
    [{ name: "__Host-sid", path: "/app" }, /__Secure-sessionToken/],
    [{ name: "__host-sid", secure: false }, /browsers drop __host-sid without Secure/],
    [{ name: "__Secure-sid", secure: false }, /without Secure/],
    [{ domain: "example.com" }, /browsers drop __Host-sessionToken with a domain/],
    [{ secure: false, sameSite: "none" }, /`cookie.sameSite`: browsers drop "none" without Secure/],
    [{ secure: false, partitioned: true }, /`cookie.partitioned`: browsers drop it without Secure/],
    [{ name: "sid", previous: [{ name: "__Host-old", path: "/app" }] }, /`cookie.previous.0.name`/],
    [{ name: "sid", secure: false, previous: [{ partitioned: true }] }, /`cookie.previous.0.partitioned`/],
  ])("%j is refused", (cookie, message) => {
    expect(problemOf({ cookie })).toMatch(message);
  });

  test("keys that others could replace are refused in production", () => {
    const problem = (jwksUri: string) =>
      problemOf({ routes: { backchannelLogout: { ...PROVIDER, jwksUri } } }, PRODUCTION);
    expect(problem(PROVIDER.jwksUri)).toMatch(
      /`routes.backchannelLogout`: jwksUri: expected an https URL in production/,
    );
    for (const good of ["https://keys.example/jwks", "http://127.0.0.1:8080/", "http://localhost/k"]) {
      expect(problem(good)).toBe("");
    }
    expect(problem("http://127.0.0.1.evil.example/")).toMatch(/https/);
  });

  test("secure: false is refused in production, and else names the cookie without the prefix", () => {
    expect(problemOf({ cookie: { secure: false } }, PRODUCTION)).toMatch(/`cookie.secure`: false sends session tokens/);
    const { cookie } = resolveOptions({ ...CONNECTED, cookie: { secure: false } }, DEVELOPMENT);
    expect(cookie.place).toMatchObject({ name: "sessionToken", secure: false });
  });

  test("what is fine stays fine", () => {
    const cookie = { name: "__Secure-sid", domain: "example.com", path: "/app", sameSite: "strict", partitioned: true };
    expect(problemOf({ cookie }, PRODUCTION)).toBe("");
  });
});
