import { expect } from "vitest";
import { createBrowserClient } from "../../harness/browser-client.ts";
import { createDeviceKey } from "../../harness/device-key.ts";
import { COOKIE } from "../conformance/case.ts";

/** An application where browsers reach it. */
export interface Reached {
  readonly origin: string;
  /** The public path that the whole application is below. */
  readonly base: string;
}

const ADA = { userId: "ada" };

/** What a user finds, at whatever path the application is: nobody is led out of it, and every address of ours works. */
export const CASES: Readonly<Record<string, (app: Reached) => Promise<void>>> = {
  async "a guard leads to the login page, and that back to the page"({ origin, base }) {
    const browser = createBrowserClient(origin);
    const page = `${base}/me?tab=1&x=%2F`;
    const refused = await browser.fetch(page, { navigate: true });
    expect(refused.status).toBe(302);
    const login = new URL(String(refused.headers.location), origin + page);
    const returnTo = login.searchParams.get("returnTo") ?? "";
    expect([login.origin, login.pathname, returnTo]).toEqual([origin, `${base}/sign-in`, page]);
    expect((await browser.fetch(login.pathname + login.search)).json()).toEqual({ session: null });
    await browser.fetch(`${base}/login`, { json: ADA });
    expect((await browser.navigate(returnTo)).json()).toMatchObject({ session: ADA });
  },

  async "the ready-made routes are there, and a logout logs out"({ origin, base }) {
    const browser = createBrowserClient(origin);
    await browser.fetch(`${base}/login`, { json: ADA });
    for (const path of ["/session", "/session/"]) {
      expect((await browser.fetch(base + path)).json()).toMatchObject({ session: ADA });
    }
    expect((await browser.fetch(`${base}/session/list?a=b`)).json()).toMatchObject({
      sessions: expect.arrayContaining([expect.objectContaining({ current: true })]),
    });
    const unknown = await browser.fetch(`${base}/session/a/b`);
    expect([unknown.status, unknown.json()]).toEqual([404, { errorType: "NotFound", reason: "RouteNotFound" }]);
    expect((await browser.fetch(`${base}/session/logout`, { method: "PUT" })).status).toBe(405);
    const copy = createBrowserClient(origin);
    await copy.restore(await browser.snapshot());
    expect((await browser.fetch(`${base}/session/logout`, { method: "POST" })).status).toBe(204);
    expect((await copy.fetch(`${base}/me`)).json()).toMatchObject({ reason: "LoggedOut" });
  },

  async "a form that logs out leads to the login page"({ origin, base }) {
    const browser = createBrowserClient(origin);
    await browser.fetch(`${base}/login`, { json: ADA });
    const left = await browser.fetch(`${base}/session/logout`, { form: {}, navigate: true });
    expect([left.status, left.headers.location]).toEqual([303, `${base}/sign-in`]);
  },

  async "a device proves the address that the browser has, and no other"(app) {
    const { browser, prove } = await boundBrowser(app);
    const { origin, base } = app;
    expect((await browser.fetch(`${base}/me`, await prove("/me"))).json()).toMatchObject({ session: ADA });
    for (const url of [`${origin}/elsewhere/me`, `${origin}${base}/else`, `http://other.example${base}/me`]) {
      const answer = await browser.fetch(`${base}/me`, await prove("/me", url));
      expect(answer.json()).toMatchObject({ reason: "DeviceVerificationFailed" });
    }
  },

  async "the page that proves a device finds its script, its routes, and the login page"(app) {
    const { origin, base } = app;
    const { browser, token } = await boundBrowser(app);
    const page = await browser.fetch(`${base}/me?a=1`, { navigate: true, headers: { cookie: token } });
    expect(page.status).toBe(401);
    const [, script = ""] = /<script src="([^"]+)"/.exec(page.text) ?? [];
    const [, routes = ""] = /data-routes="([^"]+)"/.exec(page.text) ?? [];
    const [, login = ""] = /href="([^"]+)"/.exec(page.text) ?? [];
    expect((await browser.fetch(script)).headers["content-type"]).toBe("text/javascript; charset=utf-8");
    expect((await browser.fetch(`${routes}/challenge`)).json()).toMatchObject({ deviceChallenge: expect.any(String) });
    const { pathname, searchParams } = new URL(login.replaceAll("&amp;", "&"), origin);
    expect([pathname, searchParams.get("returnTo")]).toEqual([`${base}/sign-in`, `${base}/me?a=1`]);
    const there = await browser.fetch(pathname, { navigate: true, headers: { cookie: token } });
    expect(there.json()).toEqual({ session: null });
  },
};

/** With a session that is bound to a device, which its cookie alone, without the device's, shows no evidence of. */
async function boundBrowser({ origin, base }: Reached) {
  const browser = createBrowserClient(origin);
  const key = createDeviceKey();
  async function prove(path: string, url = origin + base + path, method = "GET") {
    const { deviceChallenge } = (await browser.fetch(`${base}/session/challenge`)).json<{ deviceChallenge: string }>();
    return { headers: { dpop: key.prove({ challenge: deviceChallenge, url, method }) } };
  }
  const proof = await prove("/login", undefined, "POST");
  const login = await browser.fetch(`${base}/login`, { json: ADA, ...proof });
  expect(login.json()).toMatchObject({ hasDeviceRegistered: true });
  const token = `${COOKIE}=${await browser.cookie(COOKIE)}`;
  return { browser, prove, token };
}
