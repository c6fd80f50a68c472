import { beforeAll, describe, expect, test } from "vitest";
import type { BrowserClient } from "../harness/browser-client.ts";
import { startTcpProxy } from "../harness/tcp-proxy.ts";
import { startTestSidecar, type TestSidecar } from "../harness/test-sidecar.ts";
import { COOKIE, type SessionsApp, startSessionsApp } from "./sessions-app.ts";

const DAY_SECS = 86_400;
const FIREFOX_ON_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0";
const CLEARED = `${COOKIE}=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax`;

let sidecar: TestSidecar;
let app: SessionsApp;

beforeAll(async () => {
  sidecar = await startTestSidecar({
    config: {
      tags: [
        { tag: "test:idle", inactivity_timeout_secs: 600 },
        { tag: "test:home", disallow_ip_address_changes: true },
        { tag: "test:office", ip_allowlist: ["203.0.113.0/24"] },
        { tag: "test:single", max_concurrent_sessions_per_user_per_tag: 1 },
      ],
    },
  });
  app = await startSessionsApp({ sidecarUrl: sidecar.url });
});

async function tokenOf(browser: BrowserClient): Promise<string> {
  const token = await browser.cookie(COOKIE);
  if (token === undefined) throw new Error("the browser has no session cookie");
  return token;
}

async function sessionIdOf(browser: BrowserClient): Promise<string> {
  return (await browser.fetch("/open")).json<{ session: { sessionId: string } }>().session.sessionId;
}

/** Asks with a token whatever the jar holds by now. */
function withToken(token: string, headers: Record<string, string | undefined> = {}) {
  return { headers: { cookie: `${COOKIE}=${token}`, ...headers } };
}

describe("a session that has ended: as anonymous, and the cookie is cleared", () => {
  const cases: Record<string, () => Promise<{ token: string; headers?: Record<string, string>; ip?: string }>> = {
    async NotFound() {
      return { token: `byo_sess_${"A".repeat(22)}.00000001.${"A".repeat(22)}.${"A".repeat(43)}` };
    },
    async LoggedOut() {
      const browser = await app.loggedIn();
      const token = await tokenOf(browser);
      await sidecar.run("InvalidateSessionByToken", { sessionToken: token });
      return { token };
    },
    async Revoked() {
      const browser = await app.loggedIn();
      await sidecar.run("InvalidateSessionById", { sessionId: await sessionIdOf(browser) });
      return { token: await tokenOf(browser) };
    },
    async SessionLimit() {
      const login = { userId: "only-one", tags: ["test:single"] };
      const first = await app.loggedIn(login);
      await app.loggedIn(login);
      return { token: await tokenOf(first) };
    },
    async IpAddressChanged() {
      const browser = await app.loggedIn({ tags: ["test:home"] }, { ip: "198.51.100.1" });
      const token = await tokenOf(browser);
      // The request that moved is refused for its address; the ones after it meet a session that has ended.
      const moved = await app.browser({ ip: "198.51.100.2" }).fetch("/me", withToken(token));
      expect(moved.json()).toEqual({ errorType: "Forbidden", reason: "IpAddressError" });
      return { token, ip: "198.51.100.1" };
    },
    async UserAgentChanged() {
      const browser = await app.loggedIn();
      return { token: await tokenOf(browser), headers: { "user-agent": FIREFOX_ON_WINDOWS } };
    },
    async TokenReused() {
      const browser = await app.loggedIn();
      const token = await tokenOf(browser);
      await sidecar.advance(3700);
      await browser.fetch("/open");
      expect(await tokenOf(browser)).not.toBe(token);
      await browser.fetch("/open");
      await sidecar.advance(120);
      return { token };
    },
    async Inactive() {
      const browser = await app.loggedIn({ tags: ["test:idle"] });
      await sidecar.advance(700);
      return { token: await tokenOf(browser) };
    },
    async Expired() {
      const browser = await app.loggedIn();
      await sidecar.advance(15 * DAY_SECS);
      return { token: await tokenOf(browser) };
    },
  };

  test.each(Object.keys(cases))("%s", async (reason) => {
    const { token, headers, ip } = (await cases[reason]?.()) ?? expect.unreachable();
    const browser = app.browser(ip === undefined ? {} : { ip });
    const guarded = await browser.fetch("/me", withToken(token, headers));
    expect(guarded.status).toBe(401);
    expect(guarded.json()).toEqual({ errorType: "Unauthorized", reason });
    expect(guarded.headers["cache-control"]).toBe("private, no-store");
    const open = await browser.fetch("/open", withToken(token, headers));
    expect(open.json()).toEqual({ session: null });
    expect(open.setCookies).toEqual([CLEARED]);
  });
});

describe("a request that is refused while the session lives: the cookie stays", () => {
  test("no token: anonymous, NoSession at a guard", async () => {
    const browser = app.browser();
    expect((await browser.fetch("/open")).json()).toEqual({ session: null });
    const guarded = await browser.fetch("/me");
    expect(guarded.status).toBe(401);
    expect(guarded.json()).toEqual({ errorType: "Unauthorized", reason: "NoSession" });
    expect(guarded.setCookies).toEqual([]);
  });

  test("UserAgentMissing", async () => {
    const browser = await app.loggedIn();
    const token = await tokenOf(browser);
    const guarded = await browser.fetch("/me", withToken(token, { "user-agent": undefined }));
    expect(guarded.status).toBe(401);
    expect(guarded.json()).toEqual({ errorType: "Unauthorized", reason: "UserAgentMissing" });
    expect(guarded.setCookies).toEqual([]);
    expect((await browser.fetch("/me")).status).toBe(200);
  });

  test("IpAddressError", async () => {
    const browser = await app.loggedIn({ tags: ["test:office"] }, { ip: "203.0.113.7" });
    const token = await tokenOf(browser);
    const elsewhere = app.browser({ ip: "198.51.100.1" });
    const guarded = await elsewhere.fetch("/me", withToken(token));
    expect(guarded.status).toBe(403);
    expect(guarded.json()).toEqual({ errorType: "Forbidden", reason: "IpAddressError" });
    expect(guarded.setCookies).toEqual([]);
    expect((await elsewhere.fetch("/open", withToken(token))).json()).toEqual({ session: null });
    expect((await browser.fetch("/me")).status).toBe(200);
  });

  test("MissingRequiredTag", async () => {
    const { requireSession } = await import("@byo-session/express");
    const admin = await startSessionsApp({
      sidecarUrl: sidecar.url,
      routes: (express) =>
        express.get("/admin", requireSession({ tags: ["role:admin"] }), (_req, res) => res.send("in")),
    });
    const browser = await admin.loggedIn();
    const refused = await browser.fetch("/admin");
    expect(refused.status).toBe(403);
    expect(refused.json()).toEqual({ errorType: "Forbidden", reason: "MissingRequiredTag" });
    expect((await (await admin.loggedIn({ tags: ["role:admin"] })).fetch("/admin")).text).toBe("in");
  });
});

describe("a request that is answered without its handler", () => {
  test("the sidecar is away: 503 with Retry-After, the cookie stays; back: as before", async () => {
    const proxy = await startTcpProxy(Number(new URL(sidecar.url).port));
    let handled = 0;
    const away = await startSessionsApp({
      sidecarUrl: `http://127.0.0.1:${proxy.port}`,
      routes: (express) => express.get("/counted", (_req, res) => res.json({ handled: ++handled })),
    });
    const browser = await away.loggedIn();
    await proxy.cut();
    const answer = await browser.fetch("/counted");
    expect(answer.status).toBe(503);
    expect(answer.json()).toEqual({ errorType: "Unavailable", reason: "SidecarUnavailable" });
    expect(answer.headers["retry-after"]).toBe("1");
    expect(answer.setCookies).toEqual([]);
    expect(handled).toBe(0);
    expect((await away.browser().fetch("/counted")).status).toBe(200);
    await proxy.restore();
    expect((await browser.fetch("/me")).status).toBe(200);
  });

  test("the sidecar is frozen: 503 at the deadline", async () => {
    const proxy = await startTcpProxy(Number(new URL(sidecar.url).port));
    const frozen = await startSessionsApp({
      sidecarUrl: `http://127.0.0.1:${proxy.port}`,
      options: { timeoutMs: 200 },
    });
    const browser = await frozen.loggedIn();
    proxy.freeze();
    const startedMs = performance.now();
    const answer = await browser.fetch("/me");
    const tookMs = performance.now() - startedMs;
    expect(answer.status).toBe(503);
    expect(tookMs).toBeGreaterThan(190);
    expect(tookMs).toBeLessThan(1500);
    proxy.thaw();
    expect((await browser.fetch("/me")).status).toBe(200);
  });

  test("a wrong integration key is our own fault, not the user's: 503", async () => {
    const { url } = sidecar;
    const misconfigured = await startSessionsApp({
      sidecarUrl: url,
      options: { url, integrationKey: `api_${"x".repeat(40)}` },
    });
    const token = await tokenOf(await app.loggedIn());
    const answer = await misconfigured.browser().fetch("/open", withToken(token));
    expect(answer.status).toBe(503);
    expect(answer.setCookies).toEqual([]);
  });

  test("AmbiguousCredentials: a cookie and a Bearer token together", async () => {
    const bearer = await startSessionsApp({ sidecarUrl: sidecar.url, options: { bearer: true } });
    const browser = await bearer.loggedIn();
    const token = await tokenOf(browser);
    const answer = await browser.fetch("/open", { headers: { authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(400);
    expect(answer.json()).toEqual({ errorType: "BadRequest", reason: "AmbiguousCredentials" });
    expect(answer.setCookies).toEqual([]);
    // Without the option the header is none of ours.
    const plain = await app.loggedIn();
    expect((await plain.fetch("/me", { headers: { authorization: "Bearer other" } })).status).toBe(200);
  });

  test("CrossOrigin: an unsafe request from another site", async () => {
    const browser = await app.loggedIn();
    const answer = await browser.fetch("/me", { method: "POST", site: "cross-site" });
    expect(answer.status).toBe(403);
    expect(answer.json()).toEqual({ errorType: "Forbidden", reason: "CrossOrigin" });
    expect(answer.setCookies).toEqual([]);
  });

  test("BadRequest: a proof beyond all bounds", async () => {
    const bound = await startSessionsApp({
      sidecarUrl: sidecar.url,
      options: { publicUrl: "https://app.example" },
    });
    const browser = await bound.loggedIn();
    const answer = await browser.fetch("/open", { headers: { dpop: "a".repeat(8 * 1024 + 1) } });
    expect(answer.status).toBe(400);
    expect(answer.json()).toEqual({ errorType: "BadRequest", reason: "BadRequest" });
    expect(answer.setCookies).toEqual([]);
  });
});

describe("hostile cookies are anonymous, never an error", () => {
  test.each([
    ["truncated", "byo_sess_AAAA"],
    ["oversized", "a".repeat(9000)],
    ["percent signs", "%%%25%00%ff"],
    ["an encoded NUL", "a%00b"],
    ["a quoted value", '"byo_sess_x"'],
    ["bytes beyond ASCII", "t\u00e9l\u00e9"],
    ["prototype names", "__proto__"],
  ])("%s", async (_name, value) => {
    const answer = await app.browser().fetch("/open", { headers: { cookie: `${COOKIE}=${value}` } });
    expect(answer.status).toBe(200);
    expect(answer.json()).toEqual({ session: null });
    expect(answer.setCookies).toEqual([CLEARED]);
  });

  test("an empty value is no token at all", async () => {
    const answer = await app.browser().fetch("/open", { headers: { cookie: `${COOKIE}=` } });
    expect(answer.json()).toEqual({ session: null });
    expect(answer.setCookies).toEqual([]);
  });

  test("the token counts from the cookie only", async () => {
    const token = await tokenOf(await app.loggedIn());
    const answer = await app.browser().fetch(`/open?sid=${token}&${COOKIE}=${token}`, {
      headers: { "x-session-token": token, "session-token": token, authorization: `Bearer ${token}` },
    });
    expect(answer.json()).toEqual({ session: null });
  });
});
