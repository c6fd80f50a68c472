import { beforeAll, describe, expect, it } from "vitest";
import { type BrowserClient, createBrowserClient } from "../../harness/browser-client.ts";
import { createDeviceKey } from "../../harness/device-key.ts";
import { buildNextApp, type NextApp, startNextApp } from "../../harness/next-app.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { HOSTILE_HEADERS, sendingTo } from "./hostile-headers.ts";

/** An app below a path, whose addresses end with a slash; each of its pages, actions and handlers guards itself. */
const HOST = "test/frameworks/next/shop";
const COOKIE = "__Host-sessionToken";
const INTERVAL_SECS = 3600;
const IDLE_SECS = 600;

let app: NextApp;
let sidecar: TestSidecar;
beforeAll(async () => {
  const config = { tags: [{ tag: "test:idle", inactivity_timeout_secs: IDLE_SECS }] };
  [sidecar] = await Promise.all([startTestSidecar({ config }), buildNextApp(HOST)]);
  app = await startNextApp(HOST, { BYO_URL: sidecar.url, BYO_INTEGRATION_KEY: sidecar.integrationKey });
});

let users = 0;

async function loggedIn(headers: Record<string, string> = {}): Promise<{ client: BrowserClient; userId: string }> {
  const client = stranger();
  const userId = `shopper-${++users}`;
  expect((await client.fetch("/shop/api/login/", { json: { userId }, headers })).status).toBe(200);
  return { client, userId };
}

/** A login that is bound to a device, and a browser that has the cookie but proves nothing. */
async function withoutProof(): Promise<BrowserClient> {
  const { deviceChallenge } = (await stranger().fetch("/shop/session/challenge/")).json<Challenge>();
  const url = `${app.url}/shop/api/login/`;
  const { client } = await loggedIn({
    dpop: createDeviceKey().prove({ challenge: deviceChallenge, url, method: "POST" }),
  });
  return client;
}

const stranger = () => createBrowserClient(app.url);

/** As Next's router asks for a page: it follows the redirect by which Next makes it name what it wants. */
async function byRouter(client: BrowserClient, path: string, headers: Record<string, string> = {}) {
  const asked = { headers: { rsc: "1", ...headers } };
  const answer = await client.fetch(path, asked);
  const { location } = answer.headers;
  return typeof location === "string" && location.includes("_rsc") ? client.fetch(location, asked) : answer;
}

const PROTECTED = ["/account/", "/fr/private/", "/favicon.ico/private/"];
const PAGES = [...PROTECTED, "/rewritten/", "/moved/", "/posts/mine/", "/outside/account/"];
const HANDLERS = ["me", "bare", "required"].flatMap((name) => [`/api/${name}/`, `/outside/api/${name}/`]);
/** Those that are guarded in the same way, before the server or by itself. */
const ALIKE = [PAGES, HANDLERS].flatMap((paths) => [
  paths.filter((path) => !path.startsWith("/outside/")),
  paths.filter((path) => path.startsWith("/outside/")),
]);
const OUTSIDE = ["/outside/account/", "/outside/api/me/", "/outside/api/bare/", "/outside/api/required/"];
const FORMS = ["/changes/", "/outside/changes/"];

describe("no header of a client opens a guard", { timeout: 120_000 }, () => {
  const shares = ALIKE.flatMap((paths) => paths.map((path, at) => [path, sendingTo(at, paths.length)] as const));

  it.each(shares)("of %s", async (path, sending) => {
    for (const method of HANDLERS.includes(path) ? ["GET", "DELETE"] : ["GET", "POST"]) {
      for (const headers of sending) {
        const { text } = await stranger().fetch(`/shop${path}`, { method, headers });
        expect({ method, headers, isOpen: text.includes("secret") }).toEqual({ method, headers, isOpen: false });
      }
    }
  });

  it.each(FORMS)("of the action of %s", async (path) => {
    const { client } = await loggedIn();
    const page = await client.fetch(`/shop${path}`, { navigate: true });
    const [, id = ""] = /\$ACTION_ID_([0-9a-f]+)/.exec(page.text) ?? [];
    const body = new URLSearchParams({ [`$ACTION_ID_${id}`]: "", text: "forged" }).toString();
    const type = { "content-type": "application/x-www-form-urlencoded" };
    for (const headers of sendingTo(0, 1)) {
      await stranger().fetch(`/shop${path}`, { method: "POST", body, headers: { ...type, ...headers } });
      const called = { "next-action": id, "content-type": "text/plain;charset=UTF-8", ...headers };
      await stranger().fetch(`/shop${path}`, { method: "POST", body: '["$K1"]', headers: called });
    }
    expect(await changes(client)).not.toContain("forged");
  });

  it.each(HANDLERS)("of %s to a page of another site that changes something", async (path) => {
    const { client } = await loggedIn();
    for (const [name, values] of HOSTILE_HEADERS) {
      // What browsers say of where a request comes from, no page can say in their place.
      if (name === "sec-fetch-site" || name === "origin" || name === "cookie") continue;
      for (const value of values) {
        const forged = { method: "DELETE", site: "cross-site", headers: { [name]: value } } as const;
        const { status, text } = await client.fetch(`/shop${path}`, forged);
        expect([name, value, text.includes("secret")]).toEqual([name, value, false]);
        // To its own router Next answers these by itself, before the handler.
        if (name !== "rsc" && name !== "x-middleware-prefetch")
          expect([name, value, status]).toEqual([name, value, 403]);
      }
    }
  });
});

/** What the actions have written so far. */
async function changes(client: BrowserClient): Promise<string> {
  return (await client.fetch("/shop/changes/", { navigate: true })).text;
}

describe("a guard", () => {
  it.each(PAGES)("of the page %s sends a page load to the login, and back to where it was", async (path) => {
    const { status, headers } = await stranger().fetch(`/shop${path}?of=1`, { navigate: true });
    expect([302, 307]).toContain(status);
    expect(headers.location).toBe(`/shop/login?returnTo=${encodeURIComponent(`${path}?of=1`)}`);
    const { client, userId } = await loggedIn();
    expect((await client.fetch(`/shop${path}`, { navigate: true })).text).toContain(userId);
  });

  it.each(PAGES)(
    "of the page %s says to Next's router why the session is gone, and does not forget it",
    async (path) => {
      const { client, userId } = await loggedIn();
      const cookie = await client.cookie(COOKIE);
      await sidecar.run("InvalidateAllSessionsForUser", { userId });
      await byRouter(client, `/shop${path}`, { "next-router-prefetch": "1" });
      expect(await client.cookie(COOKIE)).toBe(cookie);
      const { text, headers } = await byRouter(client, `/shop${path}`);
      expect(`${headers.location} ${text}`).toContain(`returnTo=${encodeURIComponent(path)}&reason=Revoked`);
      expect(await client.cookie(COOKIE)).toBe(cookie);
      const clicked = await client.fetch(`/shop${path}`, { navigate: true });
      expect(clicked.headers.location).toContain("reason=Revoked");
      if (!OUTSIDE.includes(path)) expect(await client.cookie(COOKIE)).toBeUndefined();
    },
  );

  it("leads Next's router to a login that it loads, with the cookie of the session that has ended kept until then", async () => {
    const { client, userId } = await loggedIn();
    const cookie = await client.cookie(COOKIE);
    await sidecar.run("InvalidateAllSessionsForUser", { userId });
    const login = "/shop/login/?returnTo=%2Faccount%2F&reason=Revoked";
    const asked = await byRouter(client, login, { "next-url": "/account/" });
    expect([asked.status, asked.text, await client.cookie(COOKIE)]).toEqual([200, "", cookie]);
    expect(asked.headers).toMatchObject({ "content-type": "text/html", "cache-control": "no-store" });
    // On the page itself the router may refresh it; and others than the router get the page.
    expect((await byRouter(client, login, { "next-url": "/login/" })).status).toBe(200);
    expect((await stranger().fetch(login)).status).toBe(200);
    expect((await stranger().fetch(login, { navigate: true })).status).toBe(200);
  });

  it("of a handler clears the cookie of a session that has ended, and says why", async () => {
    const { client, userId } = await loggedIn();
    await sidecar.run("InvalidateAllSessionsForUser", { userId });
    const answer = await client.fetch("/shop/api/me/");
    expect([answer.status, answer.json()]).toEqual([401, { errorType: "Unauthorized", reason: "Revoked" }]);
    expect(answer.setCookies).toEqual([expect.stringContaining("Max-Age=0")]);
  });

  it.each(["/api/bare/", "/outside/api/bare/", "/api/required/", "/outside/api/required/"])(
    "of %s, which is told nothing, answers 401 to a session without its device, and no fault",
    async (path) => {
      const client = await withoutProof();
      for (const method of ["GET", "DELETE"]) {
        expect((await client.fetch(`/shop${path}`, { method })).status).toBe(401);
      }
    },
  );

  it("of a page takes a recent proof of the device, and without one refuses it: it is nobody's", async () => {
    const client = await withoutProof();
    for (const path of ["/shop/outside/account/", "/shop/account/"]) {
      expect((await client.fetch(path, { navigate: true })).text).toContain("secret");
    }
    const jar = `__Host-sessionToken=${await client.cookie("__Host-sessionToken")}`;
    const asked = { navigate: true, headers: { cookie: jar } };
    expect((await client.fetch("/shop/outside/bare/", asked)).text).toContain("<h1>nobody</h1>");
    const { text } = await client.fetch("/shop/outside/account/", asked);
    expect(text).not.toContain("secret");
    expect(text).toContain("BYO_SESSION;DeviceVerificationRequired");
    const proving = await client.fetch("/shop/account/", asked);
    expect(proving.status).toBe(401);
    expect(proving.text).toContain('<script src="/shop/session/prove-device" data-kind="prove"');
    expect(proving.text).toContain('href="/shop/login?returnTo=%2Faccount');
    expect((await client.fetch("/shop/session/prove-device/")).headers["content-type"]).toMatch("text/javascript");
  });

  it.each(["/outside/api/bare/", "/outside/api/required/"])(
    "of %s takes a request of unknown method for a change: none from another site passes",
    async (path) => {
      const { client, userId } = await loggedIn();
      for (const method of ["GET", "POST", "DELETE"]) {
        expect((await client.fetch(`/shop${path}`, { method, site: "cross-site" })).status).toBe(403);
        expect((await client.fetch(`/shop${path}`, { method })).json()).toEqual({ secret: userId });
      }
    },
  );

  it("of an action lets who is logged in change something", async () => {
    const { client, userId } = await loggedIn();
    const page = await client.fetch("/shop/changes/", { navigate: true });
    const [, id = ""] = /\$ACTION_ID_([0-9a-f]+)/.exec(page.text) ?? [];
    const body = new FormData();
    body.set(`$ACTION_ID_${id}`, "");
    body.set("text", "wanted");
    const encoded = new Response(body);
    const headers = { "content-type": encoded.headers.get("content-type") ?? "" };
    await client.fetch("/shop/changes/", { navigate: true, method: "POST", headers, body: await encoded.text() });
    expect(await changes(client)).toContain(`wanted by ${userId}`);
  });
});

describe("below a path, with a slash at the end", () => {
  it.each(["/account/", "/rewritten/", "/moved/", "/posts/mine/", "/fr/private/", "/api/me/", "/api/bare/"])(
    "the server takes the proxy's word at %s, also when Next's router asks: one call",
    async (path) => {
      const { client, userId } = await loggedIn();
      const before = await validations();
      expect((await client.fetch(`/shop${path}?of=1`)).text).toContain(userId);
      expect(await validations()).toBe(before + 1);
      if (path.startsWith("/api")) return;
      expect((await byRouter(client, `/shop${path}?of=1`)).text).toContain(userId);
      // The redirect to what it asks for goes through the proxy too.
      expect(await validations()).toBe(before + 3);
    },
  );

  it("serves the ready-made routes", async () => {
    const { client, userId } = await loggedIn();
    expect((await client.fetch("/shop/session/")).json()).toMatchObject({ session: { userId } });
    const { sessions } = (await client.fetch("/shop/session/list/")).json<{ sessions: unknown[] }>();
    expect(sessions).toHaveLength(1);
    const loggedOut = await client.fetch("/shop/session/logout/", { method: "POST", navigate: true });
    expect([loggedOut.status, loggedOut.headers.location]).toEqual([303, "/shop/login"]);
    expect((await client.fetch("/shop/session/")).json()).toEqual({ session: null, reason: "NoSession" });
  });

  it("takes a proof for the address that the browser has asked for", async () => {
    const client = stranger();
    const { deviceChallenge: challenge } = (await client.fetch("/shop/session/challenge/")).json<Challenge>();
    const key = createDeviceKey();
    const dpop = key.prove({ challenge, url: `${app.url}/shop/api/login/`, method: "POST" });
    await client.fetch("/shop/api/login/", { json: { userId: "bound" }, headers: { dpop } });
    for (const path of ["/shop/api/me/", "/shop/outside/api/me/", "/shop/session/"]) {
      const proved = key.prove({ challenge, url: app.url + path, method: "GET" });
      expect((await client.fetch(path, { headers: { dpop: proved } })).text).toContain("bound");
    }
  });

  it("keeps every cache from an answer that sets the cookie, whatever a handler or next.config says", async () => {
    for (const path of ["/shop/api/cdn/", "/shop/posts/mine/"]) {
      const { client } = await loggedIn();
      expect((await client.fetch(path)).headers["cdn-cache-control"]).toBe("max-age=600");
      await sidecar.advance(INTERVAL_SECS + 1);
      const { setCookies, headers } = await client.fetch(path);
      expect([setCookies.length, headers["cache-control"]]).toEqual([1, "private, no-store"]);
      for (const name of ["cdn-cache-control", "surrogate-control"])
        expect([undefined, "no-store"]).toContain(headers[name]);
    }
  });

  it("leaves a handler that asks for no session alone, and its caches too", async () => {
    const { client } = await loggedIn();
    await sidecar.advance(INTERVAL_SECS + 1);
    const before = await validations();
    const { setCookies, headers } = await client.fetch("/shop/api/cdn/", { method: "PUT" });
    expect([setCookies, headers["cdn-cache-control"], await validations()]).toEqual([[], "max-age=600", before]);
  });

  it.each(["/api/bare/", "/api/required/"])(
    "rotates by the proxy where a handler cannot: %s is known after its first call",
    async (path) => {
      const { client, userId } = await loggedIn();
      await client.fetch(`/shop${path}`);
      await sidecar.advance(INTERVAL_SECS + 1);
      const before = await validations();
      const { setCookies, text } = await client.fetch(`/shop${path}`);
      expect([setCookies.length, text.includes(userId), await validations()]).toEqual([1, true, before + 1]);
    },
  );
});

describe("what is everybody's", () => {
  it("is never validated where it is a file; a handler behind such an address asks itself", async () => {
    const { client, userId } = await loggedIn();
    const before = await validations();
    expect((await client.fetch("/shop/logo.svg")).text).toContain("<svg");
    expect(await validations()).toBe(before);
    const forged = { headers: { "x-byo-session": "ab".repeat(24) } };
    expect((await client.fetch("/shop/api/mine.json", forged)).json()).toMatchObject({ secret: userId });
    expect(await validations()).toBe(before + 1);
    expect((await stranger().fetch("/shop/api/mine.json")).status).toBe(401);
  });

  it.each(["/static/", "/posts/first/", "/posts/later/", "/nowhere/"])(
    "is never validated nor rotated where %s is rendered once for everybody, also when Next's router asks",
    async (path) => {
      const { client } = await loggedIn();
      await sidecar.advance(INTERVAL_SECS + 1);
      const before = await validations();
      const answers = [await client.fetch(`/shop${path}`, { navigate: true }), await byRouter(client, `/shop${path}`)];
      expect(answers.flatMap(({ setCookies }) => setCookies)).toEqual([]);
      expect(answers[0]?.headers["cache-control"]).not.toContain("private, no-store");
      expect(await validations()).toBe(before);
      // The session is, by the next page that asks for it.
      expect((await client.fetch("/shop/posts/mine/", { navigate: true })).setCookies).toHaveLength(1);
    },
  );

  it("is screened where `protect` names it, and rotates there", async () => {
    const refused = await stranger().fetch("/shop/members/", { navigate: true });
    expect([refused.status, refused.headers.location]).toEqual([302, "/shop/login?returnTo=%2Fmembers%2F"]);
    const { client } = await loggedIn();
    await sidecar.advance(INTERVAL_SECS + 1);
    const before = await validations();
    const { status, setCookies, headers } = await client.fetch("/shop/members/", { navigate: true });
    expect([status, setCookies.length, await validations()]).toEqual([200, 1, before + 1]);
    expect(headers["cache-control"]).toBe("private, no-store");
  });
});

describe("while the sidecar is away", () => {
  let lonely: BrowserClient;
  let headers: Record<string, string>;
  beforeAll(async () => {
    const variables = { BYO_URL: "http://127.0.0.1:9", BYO_INTEGRATION_KEY: sidecar.integrationKey };
    lonely = createBrowserClient((await startNextApp(HOST, variables)).url);
    headers = { cookie: `${COOKIE}=${await (await loggedIn()).client.cookie(COOKIE)}` };
  });

  it.each(["/logo.svg", "/static/", "/posts/first/", "/posts/later/", "/login/"])(
    "%s is there, since it needs no session",
    async (path) => {
      expect((await lonely.fetch(`/shop${path}`, { navigate: true, headers })).status).toBe(200);
    },
  );

  it.each(["/account/", "/members/", "/api/me/", "/session/"])(
    "%s answers 503, and when to try again",
    async (path) => {
      const { status, json, headers: told } = await lonely.fetch(`/shop${path}`, { navigate: true, headers });
      const reason = { reason: "SidecarUnavailable" };
      expect([status, json(), told["retry-after"]]).toMatchObject([503, reason, "1"]);
    },
  );

  it.each(["/rewritten/", "/moved/", "/posts/mine/"])(
    "the guard of %s has the proxy answer 503, at the same address",
    async (path) => {
      const first = await lonely.fetch(`/shop${path}?of=1`, { navigate: true, headers });
      expect([first.status, first.headers.location]).toEqual([307, `/shop${path}?of=1`]);
      for (let i = 0; i < 2; i++) {
        const { status, headers: told, text } = await lonely.fetch(`/shop${path}?of=1`, { navigate: true, headers });
        expect([status, told["retry-after"], text.includes("secret")]).toEqual([503, "1", false]);
      }
      const stranger = await lonely.fetch(`/shop${path}?of=1`, { navigate: true });
      expect(stranger.headers.location).toContain("/shop/login?returnTo=");
    },
  );

  it("a page without a proxy says so to error.tsx by a digest that stays the same", async () => {
    const { status, text } = await lonely.fetch("/shop/outside/account/", { headers });
    expect([status, text.includes("BYO_SESSION;SidecarUnavailable")]).toEqual([500, true]);
  });
});

describe("with `lazy: true`", () => {
  it("a page that needs no session costs no call, and the token is rotated where one is needed", async () => {
    const variables = { BYO_URL: sidecar.url, BYO_INTEGRATION_KEY: sidecar.integrationKey, SESSIONS_LAZY: "1" };
    const lazy = await startNextApp(HOST, variables);
    for (const path of ["/shop/account/", "/shop/api/me/"]) {
      const { client, userId } = await loggedIn();
      const there = createBrowserClient(lazy.url);
      await there.setCookie(`${COOKIE}=${await client.cookie(COOKIE)}; Path=/; Secure; HttpOnly`);
      await sidecar.advance(INTERVAL_SECS + 1);
      const before = await validations();
      expect((await there.fetch("/shop/static/", { navigate: true })).setCookies).toEqual([]);
      expect(await validations()).toBe(before);
      const answer = await there.fetch(path, { navigate: true });
      expect([answer.text.includes(userId), answer.setCookies.length, await validations()]).toEqual([
        true,
        1,
        before + 1,
      ]);
    }
  });
});

describe("the session of a page that polls", () => {
  async function idleUser(): Promise<BrowserClient> {
    const client = stranger();
    const login = { userId: `idle-${++users}`, tags: ["test:idle"] };
    expect((await client.fetch("/shop/api/login/", { json: login })).status).toBe(200);
    return client;
  }

  it("becomes inactive, although the proxy validates it at each load", async () => {
    const client = await idleUser();
    // From the first such page on, the process knows that there are some.
    expect((await client.fetch("/shop/polled/", { navigate: true })).text).toContain("news of");
    for (let polls = 0; polls < 3; polls++) {
      await sidecar.advance(IDLE_SECS / 4);
      expect((await client.fetch("/shop/polled/", { navigate: true })).text).toContain("news of");
    }
    await sidecar.advance(IDLE_SECS / 4);
    expect((await client.fetch("/shop/polled/", { navigate: true })).text).not.toContain("news of");
  });

  it("lives on with every other page and handler", async () => {
    const client = await idleUser();
    for (const path of ["/account/", "/api/me/", "/api/required/", "/rewritten/", "/account/"]) {
      await sidecar.advance(IDLE_SECS - 60);
      expect((await client.fetch(`/shop${path}`, { navigate: true })).text).toContain("secret");
      // Counted after the response.
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  });
});

async function validations(): Promise<number> {
  const all = [...(await sidecar.metrics())].filter(([name]) => name.startsWith("byo_command_duration_seconds_count"));
  return all.reduce((sum, [, value]) => sum + value, 0);
}

interface Challenge {
  deviceChallenge: string;
}
