import { expect, vi } from "vitest";
import type { BrowserRequest } from "../../../harness/browser-client.ts";
import { createDeviceKey } from "../../../harness/device-key.ts";
import { type CaseGroup, type CaseTools, COOKIE, ours, tokenOf, withToken } from "../case.ts";
import { type Challenge, createDeviceBrowser, logInWithDevice, PUBLIC_URL } from "../device-browser.ts";

export const CHALLENGE_LIFETIME_SECS = 600;
const NAVIGATION = { navigate: true };
const DEVICE_COOKIE = "__Host-byo-device";
const UNPROVED = { errorType: "Unauthorized", reason: "DeviceVerificationRequired" };

export const devices: CaseGroup = {
  title: "sessions with a device",
  cases: {
    async "a proof made for this request passes, and says so"(tools) {
      const browser = await logInWithDevice(tools);
      const answer = await browser.prove("/open?tab=1");
      expect(answer.json()).toMatchObject({ session: { hasDeviceRegistered: true, deviceEvidence: "proof" } });
      expect((await browser.prove("/bound")).text).toBe("in");
    },

    async "no evidence: 401 for every call, also where the route is open; the cookie stays"(tools) {
      const browser = await logInWithDevice(tools);
      const cookie = withToken(await tokenOf(browser));
      const calls: BrowserRequest[] = [cookie, { method: "POST", ...cookie }, { method: "DELETE", ...cookie }];
      for (const call of calls) {
        const answer = await browser.fetch("/open", call);
        expect([answer.status, answer.json()]).toEqual([401, UNPROVED]);
        expect(answer.setCookies).toEqual([]);
      }
      expect((await browser.prove("/me")).status).toBe(200);
    },

    async "no evidence: nothing that the client says of the request makes it pass"(tools) {
      const browser = await logInWithDevice(tools);
      const cookie = `${COOKIE}=${await tokenOf(browser)}`;
      const claims: Record<string, string>[] = [
        { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" },
        { "sec-fetch-dest": "image", "sec-fetch-mode": "no-cors" },
        { accept: "text/html" },
        { "sec-purpose": "prefetch" },
        { purpose: "prefetch" },
        { "next-router-prefetch": "1" },
        { "x-http-method-override": "GET" },
        { host: "localhost" },
        { "x-forwarded-host": "localhost", "x-forwarded-proto": "http" },
      ];
      for (const method of ["GET", "HEAD", "POST"]) {
        for (const headers of claims) {
          const answer = await browser.fetch("/me", { method, headers: { ...headers, cookie } });
          expect([method, headers, answer.status]).toEqual([method, headers, 401]);
        }
      }
    },

    async "another key, another URL, another method: DeviceVerificationFailed, and the session lives on"(tools) {
      const key = createDeviceKey();
      const browser = await logInWithDevice(tools, key);
      const thief = createDeviceBrowser(tools, createDeviceKey());
      const stolen = await thief.prove("/me", withToken(await tokenOf(browser)));
      expect(stolen.json()).toMatchObject({ reason: "DeviceVerificationFailed" });
      const { deviceChallenge } = (await browser.fetch("/session/challenge")).json<Challenge>();
      for (const claims of [
        { url: "https://app.example/me", method: "GET" },
        { url: `${PUBLIC_URL}${tools.below}${tools.written("/me")}`, method: "POST" },
      ]) {
        const dpop = key.prove({ challenge: deviceChallenge, ...claims });
        const answer = await browser.fetch("/me", { headers: { dpop } });
        expect([answer.json(), answer.setCookies]).toEqual([
          { errorType: "Unauthorized", reason: "DeviceVerificationFailed" },
          [],
        ]);
      }
      expect((await browser.prove("/me")).status).toBe(200);
    },

    async "a page load without evidence gets the page that proves, and a form one that says that nothing was sent"(
      tools,
    ) {
      const browser = await logInWithDevice(tools);
      const cookie = withToken(await tokenOf(browser));
      for (const path of ["/open", "/me", "/page"]) {
        const page = await browser.fetch(path, { ...NAVIGATION, ...cookie });
        expect(page.status).toBe(401);
        expect(page.text).toContain(`<script src="/prefix${tools.below}/session/prove-device" data-kind="prove"`);
        expect(page.text).toContain(
          `returnTo=${encodeURIComponent(`/prefix${tools.written(path)}`)}&amp;reason=DeviceVerificationRequired`,
        );
        expect(page.headers).toMatchObject({
          "cache-control": "private, no-store",
          "content-security-policy": expect.stringContaining("default-src 'none'"),
          "content-type": "text/html; charset=utf-8",
        });
        expect(page.setCookies).toEqual([]);
      }
      const form = await browser.fetch("/open", { method: "POST", ...NAVIGATION, ...cookie });
      expect([form.status, form.text]).toEqual([401, expect.stringContaining('data-kind="form"')]);
      expect(form.text).toContain("Nothing was sent");
      const script = await tools.browser().fetch("/session/prove-device");
      expect([script.status, script.headers["content-type"]]).toEqual([200, "text/javascript; charset=utf-8"]);
    },

    async "recent evidence opens the routes that accept it, shows no session elsewhere, and never rotates"(tools) {
      const browser = await logInWithDevice(tools);
      await tools.sidecar.advance(3700);
      await browser.newChallenge();
      expect(ours(await browser.prove("/me"))).toHaveLength(1);
      expect(await browser.cookie(DEVICE_COOKIE)).toEqual(expect.any(String));
      for (const init of [{}, NAVIGATION]) {
        const page = await browser.fetch("/page", init);
        expect(page.json()).toMatchObject({ session: { hasDeviceRegistered: true, deviceEvidence: "recent" } });
        expect(page.setCookies).toEqual([]);
        expect((await browser.fetch("/open", init)).json()).toEqual({ session: null });
        for (const path of ["/me", "/bound", "/act/update", "/act/list"]) {
          const refused = await browser.fetch(path, init);
          expect([path, refused.status, refused.json()]).toMatchObject([path, 401, UNPROVED]);
        }
      }
    },

    async "the device cookie is given with a proof, renewed past half of its life, and is gone with the session"(
      tools,
    ) {
      const browser = await logInWithDevice(tools);
      const first = await browser.cookie(DEVICE_COOKIE);
      expect(ours(await browser.prove("/me"), DEVICE_COOKIE)).toEqual([]);
      await tools.sidecar.advance(301);
      const renewed = await browser.prove("/me");
      const [line] = ours(renewed, DEVICE_COOKIE);
      expect(line).toMatch(/^__Host-byo-device=[\w-]{60}; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
      expect(renewed.headers).toMatchObject({ "device-cookie-max-age": "600", "cache-control": "private, no-store" });
      const old = { headers: { cookie: `${COOKIE}=${await tokenOf(browser)}; ${DEVICE_COOKIE}=${first}` } };
      expect((await browser.fetch("/page", old)).status).toBe(200);
      await tools.sidecar.advance(300);
      expect((await browser.fetch("/page", old)).status).toBe(401);
      expect((await browser.fetch("/page")).status).toBe(200);
      const left = await browser.fetch("/session/logout", { method: "POST" });
      expect(ours(left, DEVICE_COOKIE)).toEqual([expect.stringContaining("Max-Age=0")]);
      expect(left.headers["device-cookie-max-age"]).toBe("0");
    },

    async "a device cookie of another session, a forged one and one beside an unbound session do not count"(tools) {
      const key = createDeviceKey();
      const [browser, other] = [await logInWithDevice(tools, key), await logInWithDevice(tools, key)];
      const token = await tokenOf(browser);
      const foreign = await other.cookie(DEVICE_COOKIE);
      for (const value of [foreign, "", "A".repeat(60), `${foreign}.`]) {
        const headers = { cookie: `${DEVICE_COOKIE}=${value}; ${COOKIE}=${token}` };
        expect([value, (await browser.fetch("/page", { headers })).status]).toEqual([value, 401]);
      }
      const unbound = await tools.loggedIn();
      const headers = { cookie: `${DEVICE_COOKIE}=${foreign}; ${COOKIE}=${await tokenOf(unbound)}` };
      expect((await unbound.fetch("/me", { headers })).json()).toMatchObject({ session: { deviceEvidence: "none" } });
      expect((await unbound.fetch("/page", { headers })).json()).toMatchObject({
        reason: "DeviceVerificationRequired",
      });
    },

    async "a request without the needed evidence is DeviceProofMissing in the trail, also where a recent one was shown"(
      tools,
    ) {
      for (const withCookie of [false, true]) {
        const browser = await logInWithDevice(tools);
        const token = await tokenOf(browser);
        const { sessionId } = (await browser.prove("/me")).json<{ session: { sessionId: string } }>().session;
        expect((await browser.fetch("/me", withCookie ? {} : withToken(token))).status).toBe(401);
        const events = await auditedEvents(tools, sessionId, "DeviceProofMissing");
        expect(events).not.toContain("SessionRefused");
      }
    },

    async "a browser that has lost its key still reaches the login page and the logout"(tools) {
      const key = createDeviceKey();
      const browser = await logInWithDevice(tools, key);
      const token = await tokenOf(browser);
      const lost = createDeviceBrowser(tools, createDeviceKey());
      await lost.newChallenge();
      for (const answer of [
        await lost.fetch("/sign-in", { ...NAVIGATION, ...withToken(token) }),
        await lost.prove("/sign-in", withToken(token)),
      ]) {
        expect([answer.status, answer.json()]).toEqual([404, { session: null }]);
      }
      expect((await lost.fetch("/sign-in-too", { ...NAVIGATION, ...withToken(token) })).status).toBe(401);
      expect((await lost.fetch("/session/logout", { method: "POST", ...withToken(token) })).status).toBe(204);
      expect((await browser.prove("/me")).json()).toMatchObject({ reason: "LoggedOut" });
    },

    async "the ready-made routes need the proof, but for the logout"(tools) {
      const browser = await logInWithDevice(tools);
      for (const [path, method] of [
        ["/session", "GET"],
        ["/session/list", "GET"],
        ["/session/logout-others", "POST"],
        ["/session/ticket", "POST"],
        ["/session/device", "POST"],
      ] as const) {
        for (const init of [{ method }, { method, ...withToken(await tokenOf(browser)) }]) {
          expect([path, (await browser.fetch(path, init)).json()]).toEqual([path, UNPROVED]);
        }
      }
      expect((await browser.prove("/session/list")).status).toBe(200);
      expect((await browser.fetch("/session/logout", { method: "POST" })).status).toBe(204);
      expect((await browser.prove("/me")).json()).toMatchObject({ reason: "NoSession" });
    },

    async "an expired challenge: 425 with a new one in body and DPoP-Nonce, and one retry is enough"(tools) {
      const browser = await logInWithDevice(tools);
      await tools.sidecar.advance(CHALLENGE_LIFETIME_SECS + 60);
      const answer = await browser.prove("/me");
      expect(answer.status).toBe(425);
      const { errorType, deviceChallenge, expiresAt, ...more } = answer.json<Challenge & { errorType: string }>();
      expect([errorType, typeof expiresAt, more]).toEqual(["NewDeviceChallengeRequired", "number", {}]);
      expect(answer.headers["dpop-nonce"]).toBe(deviceChallenge);
      expect(answer.headers["cache-control"]).toBe("private, no-store");
      expect(answer.setCookies).toEqual([]);
      await browser.newChallenge();
      expect((await browser.prove("/me")).status).toBe(200);
    },

    async "an expired challenge at a login: no session, a new challenge"(tools) {
      const browser = createDeviceBrowser(tools, createDeviceKey());
      await browser.newChallenge();
      await tools.sidecar.advance(CHALLENGE_LIFETIME_SECS + 60);
      const stale = await browser.prove("/login", { json: { userId: "stale" } });
      expect([stale.status, stale.json()]).toMatchObject([425, { errorType: "NewDeviceChallengeRequired" }]);
      expect((await tools.sidecar.run("FetchAllSessionsForUser", { userId: "stale" })).sessions).toEqual([]);
      await browser.newChallenge();
      expect((await browser.prove("/login", { json: { userId: "stale" } })).status).toBe(200);
    },

    async "a device is bound after the login, once; the app is told, and from then on a proof is needed"(tools) {
      const browser = createDeviceBrowser(tools, createDeviceKey());
      await browser.fetch("/login", { json: { userId: "later" } });
      const registered = await browser.prove("/session/device", { method: "POST" });
      expect([registered.status, registered.json()]).toEqual([200, { newDeviceDetected: true }]);
      expect(ours(registered, DEVICE_COOKIE)).toHaveLength(1);
      expect(await noticed(tools, "later")).toEqual([expect.objectContaining({ proof: "device" })]);
      expect((await browser.fetch("/me")).json()).toMatchObject({ reason: "DeviceVerificationRequired" });
      const twice = await browser.prove("/session/device", { method: "POST" });
      expect([twice.status, twice.json()]).toEqual([409, { errorType: "Conflict", reason: "DeviceAlreadyRegistered" }]);
    },

    async "five minutes after the login no device is registered, until the user has authenticated again"(tools) {
      const browser = createDeviceBrowser(tools, createDeviceKey());
      await browser.fetch("/login", { json: { userId: "much later" } });
      await tools.sidecar.advance(301);
      const late = await browser.prove("/session/device", { method: "POST" });
      expect([late.status, late.json()]).toEqual([400, { errorType: "BadRequest", reason: "BadRequest" }]);
      expect((await tools.act({ ...browser, fetch: browser.fetch }, "reauthenticate")).status).toBe(200);
      expect((await browser.prove("/session/device", { method: "POST" })).status).toBe(200);
    },

    async "forgetDevices: a device that was remembered is new again"(tools) {
      const key = createDeviceKey();
      const userId = `user-${Date.now()}`;
      const login = { json: { userId, rememberDevice: true } };
      const browser = createDeviceBrowser(tools, key);
      await browser.prove("/login", login);
      expect(await noticed(tools, userId)).toHaveLength(1);
      await createDeviceBrowser(tools, key).prove("/login", login);
      expect(await noticed(tools, userId)).toEqual([]);
      const everywhere = await browser.prove("/act/logout-everywhere", { json: { forgetDevices: true } });
      expect(everywhere.json()).toEqual({ value: 2 });
      await createDeviceBrowser(tools, key).prove("/login", login);
      expect(await noticed(tools, userId)).toMatchObject([{ proof: "device" }]);
    },

    async "registering without a proof: 400"({ loggedIn }) {
      const answer = await (await loggedIn()).fetch("/session/device", { method: "POST" });
      expect([answer.status, answer.json()]).toEqual([400, { errorType: "BadRequest", reason: "BadRequest" }]);
    },

    async "onNewDevice: called for a new device and for a login without a proof, not for a remembered device"(tools) {
      const userId = "noticed";
      const key = createDeviceKey();
      const client = tools.browser();
      await client.fetch("/noticed");
      const login = async (browser: ReturnType<typeof createDeviceBrowser>) =>
        sessionIdOf(await browser.prove("/login", { json: { userId, rememberDevice: true } }));
      const first = await login(createDeviceBrowser(tools, key));
      await login(createDeviceBrowser(tools, key));
      const phished = sessionIdOf(await client.fetch("/login", { json: { userId } }));
      const seen = { userId, ip: expect.any(String), userAgent: expect.stringContaining("Chrome") };
      expect((await tools.browser().fetch("/noticed")).json()).toEqual({
        events: [
          { ...seen, sessionId: first, proof: "device" },
          { ...seen, sessionId: phished, proof: "none" },
        ],
      });
    },
  },
};

/** The events of a session, once the one that is waited for is among them: refusals are gathered before they are written. */
function auditedEvents({ sidecar }: CaseTools, sessionId: string, awaited: string): Promise<string[]> {
  return vi.waitFor(
    async () => {
      const rows = await sidecar.sql<{ event: string }>("SELECT event FROM byo.audit_events WHERE session_id = $1", [
        sessionId,
      ]);
      const events = rows.map(({ event }) => event);
      expect(events).toContain(awaited);
      return events;
    },
    { timeout: 5000, interval: 100 },
  );
}

/** What the app learnt about a user since the last look. Not recorded: the hosts' order of other cases is in it. */
async function noticed({ url, written }: CaseTools, userId: string): Promise<unknown[]> {
  const { events } = (await (await fetch(url + written("/noticed"))).json()) as { events: { userId: string }[] };
  return events.filter((event) => event.userId === userId);
}

function sessionIdOf(answer: { json<T>(): T }): string {
  return answer.json<{ sessionId: string }>().sessionId;
}

export const devicesWithoutPublicUrl: CaseGroup = {
  title: "without publicUrl",
  cases: {
    async "a proof is left unread without publicUrl"({ loggedIn }) {
      const client = await loggedIn();
      expect((await client.fetch("/me", { headers: { dpop: "anything" } })).status).toBe(200);
    },
  },
};

export const recentDevices: CaseGroup = {
  title: "devices, in an app of pages",
  cases: {
    async 'device: "recent": a recent proof opens every route that does not ask for more'(tools) {
      const browser = await logInWithDevice(tools);
      for (const init of [{}, NAVIGATION, { method: "POST", ...NAVIGATION }]) {
        expect((await browser.fetch("/me", init)).json()).toMatchObject({ session: { deviceEvidence: "recent" } });
      }
      expect((await browser.fetch("/bound")).json()).toMatchObject(UNPROVED);
      expect((await browser.prove("/bound")).text).toBe("in");
      const cookie = withToken(await tokenOf(browser));
      expect((await browser.fetch("/me", cookie)).json()).toMatchObject(UNPROVED);
      expect((await browser.fetch("/me", { ...cookie, ...NAVIGATION })).text).toContain('data-kind="prove"');
    },

    async 'device: "recent": reading and changing one\'s own session goes, and what touches others needs a proof'(
      tools,
    ) {
      const browser = await logInWithDevice(tools);
      for (const [name, body] of [["list"], ["update", { metadata: { theme: "dark" } }]] as const) {
        expect([name, (await browser.fetch(`/act/${name}`, { json: body ?? {} })).status]).toEqual([name, 200]);
      }
      const { sessionId } = (await browser.fetch("/me")).json<{ session: { sessionId: string } }>().session;
      for (const [name, body] of [
        ["logout-others", {}],
        ["logout-everywhere", {}],
        ["revoke", { sessionId }],
      ] as const) {
        const answer = await browser.fetch(`/act/${name}`, { json: body });
        expect([name, answer.json()]).toEqual([name, UNPROVED]);
        const missing = await browser.fetch("/session/ticket", { method: "POST" });
        expect(missing.json()).toEqual(UNPROVED);
      }
      expect((await browser.prove("/act/logout-others", { json: {} })).status).toBe(200);
      expect((await browser.fetch("/act/logout", { json: {} })).status).toBe(200);
      expect((await browser.prove("/me")).json()).toMatchObject({ reason: "NoSession" });
    },

    async "challengeStatus: 401 gives the answer of RFC 9449"(tools) {
      const browser = await logInWithDevice(tools);
      await tools.sidecar.advance(CHALLENGE_LIFETIME_SECS + 60);
      const answer = await browser.prove("/me");
      expect([answer.status, answer.json()]).toMatchObject([401, { errorType: "NewDeviceChallengeRequired" }]);
      expect(answer.headers["dpop-nonce"]).toBe(answer.json<Challenge>().deviceChallenge);
    },
  },
};

export const devicesOff: CaseGroup = {
  title: "devices are not looked at",
  cases: {
    async 'device: "off": the cookie is enough, and no evidence is claimed'(tools: CaseTools) {
      const browser = createDeviceBrowser(tools, createDeviceKey());
      expect((await browser.prove("/login", { json: { userId: "ada" } })).status).toBe(200);
      const token = await browser.cookie(COOKIE);
      const call = await browser.fetch("/me");
      expect(call.json()).toMatchObject({ session: { hasDeviceRegistered: true, deviceEvidence: "none" } });
      const acted = await tools.act(tools.browser(), "list");
      expect(acted.status).toBe(401);
      const other = tools.browser();
      await other.setCookie(`${COOKIE}=${token}; Path=/; Secure; HttpOnly`);
      expect((await tools.act(other, "update", { metadata: 1 })).status).toBe(200);
    },
  },
};
