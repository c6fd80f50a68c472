import { expect } from "vitest";
import type { BrowserRequest } from "../../harness/browser-client.ts";
import { createDeviceKey } from "../../harness/device-key.ts";
import { type CaseGroup, type CaseTools, COOKIE, tokenOf, withToken } from "../case.ts";
import { type Challenge, createDeviceBrowser, loginWithDevice, PUBLIC_URL } from "../device-browser.ts";

export const CHALLENGE_LIFETIME_SECS = 600;
const NAVIGATION = { navigate: true };

export const devices: CaseGroup = {
  title: "sessions with a device",
  cases: {
    async "a proof made for this request passes, and says so"(tools) {
      const browser = await loginWithDevice(tools);
      const answer = await browser.prove("/open?tab=1");
      expect(answer.json()).toMatchObject({ session: { hasDeviceRegistered: true, deviceVerified: true } });
      expect((await browser.prove("/bound")).text).toBe("in");
    },

    async "no proof: 401 for every call, also where the route is open; the cookie stays"(tools) {
      const browser = await loginWithDevice(tools);
      const calls: BrowserRequest[] = [{}, { method: "POST" }, { method: "POST", ...NAVIGATION }, { method: "DELETE" }];
      for (const call of calls) {
        const answer = await browser.fetch("/open", call);
        expect([answer.status, answer.json()]).toEqual([
          401,
          { errorType: "Unauthorized", reason: "DeviceVerificationRequired" },
        ]);
        expect(answer.setCookies).toEqual([]);
      }
      expect((await browser.prove("/me")).status).toBe(200);
    },

    async "another key, another URL, another method: DeviceVerificationFailed, and the session lives on"(tools) {
      const key = createDeviceKey();
      const browser = await loginWithDevice(tools, key);
      const thief = createDeviceBrowser(tools, createDeviceKey());
      const stolen = await thief.prove("/me", withToken(await tokenOf(browser)));
      expect(stolen.json()).toMatchObject({ reason: "DeviceVerificationFailed" });
      const { deviceChallenge } = (await browser.fetch("/session/challenge")).json<Challenge>();
      for (const claims of [
        { url: "https://app.example/me", method: "GET" },
        { url: `${PUBLIC_URL}/me`, method: "POST" },
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

    async "a page load cannot carry a proof: it may read and log out, nothing else, and never rotates"(tools) {
      const browser = await loginWithDevice(tools);
      await tools.sidecar.advance(3700);
      const page = await browser.fetch("/me", NAVIGATION);
      expect(page.json()).toMatchObject({ session: { hasDeviceRegistered: true, deviceVerified: false } });
      expect(page.setCookies).toEqual([]);
      for (const path of ["/bound", "/act/update", "/act/list"]) {
        const refused = await browser.fetch(path, NAVIGATION);
        expect([refused.status, refused.json()]).toMatchObject([401, { reason: "DeviceVerificationRequired" }]);
      }
      expect((await browser.fetch("/act/logout", NAVIGATION)).status).toBe(200);
      expect((await browser.fetch("/open", NAVIGATION)).json()).toEqual({ session: null });
    },

    async "the ready-made routes need the proof, but for the log-out"(tools) {
      const browser = await loginWithDevice(tools);
      for (const [path, method] of [
        ["/session", "GET"],
        ["/session/list", "GET"],
        ["/session/logout-others", "POST"],
        ["/session/ticket", "POST"],
      ] as const) {
        expect([path, (await browser.fetch(path, { method })).status]).toEqual([path, 401]);
      }
      expect((await browser.prove("/session/list")).status).toBe(200);
      expect((await browser.fetch("/session/logout", { method: "POST" })).status).toBe(204);
      expect((await browser.prove("/me")).json()).toMatchObject({ reason: "NoSession" });
    },

    async "a challenge that is over: 425 with a new one in body and DPoP-Nonce, and one retry is enough"(tools) {
      const browser = await loginWithDevice(tools);
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

    async "a challenge that is over at a login: no session, a new challenge"(tools) {
      const browser = createDeviceBrowser(tools, createDeviceKey());
      await browser.newChallenge();
      await tools.sidecar.advance(CHALLENGE_LIFETIME_SECS + 60);
      const stale = await browser.prove("/login", { json: { userId: "stale" } });
      expect([stale.status, stale.json()]).toMatchObject([425, { errorType: "NewDeviceChallengeRequired" }]);
      expect((await tools.sidecar.run("FetchAllSessionsForUser", { userId: "stale" })).sessions).toEqual([]);
      await browser.newChallenge();
      expect((await browser.prove("/login", { json: { userId: "stale" } })).status).toBe(200);
    },

    async "a device is registered after the login, once; from then on the proof is needed"(tools) {
      const browser = createDeviceBrowser(tools, createDeviceKey());
      await browser.fetch("/login", { json: { userId: "later" } });
      const registered = await browser.prove("/session/device?remember=true", { method: "POST" });
      expect([registered.status, registered.json()]).toEqual([200, { newDeviceDetected: true }]);
      expect((await browser.fetch("/me")).json()).toMatchObject({ reason: "DeviceVerificationRequired" });
      const twice = await browser.prove("/session/device", { method: "POST" });
      expect([twice.status, twice.json()]).toEqual([409, { errorType: "Conflict", reason: "DeviceAlreadyRegistered" }]);
    },

    async "registering without a proof: 400"({ loggedIn }) {
      const answer = await (await loggedIn()).fetch("/session/device", { method: "POST" });
      expect([answer.status, answer.json()]).toEqual([400, { errorType: "BadRequest", reason: "BadRequest" }]);
    },

    async "onNewDevice: a new device, not a remembered one, and a login that leaves the proof out"(tools) {
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

export const strictDevices: CaseGroup = {
  title: "devices, with the strict options",
  cases: {
    async 'unverifiedNavigations: "refuse"'(tools) {
      const browser = await loginWithDevice(tools);
      const page = await browser.fetch("/open", NAVIGATION);
      expect([page.status, page.json()]).toEqual([
        401,
        { errorType: "Unauthorized", reason: "DeviceVerificationRequired" },
      ]);
      expect((await browser.prove("/open", NAVIGATION)).status).toBe(200);
    },

    async "challengeStatus: 401 gives the answer of RFC 9449"(tools) {
      const browser = await loginWithDevice(tools);
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
    async 'deviceVerification: "off": the cookie is enough, and nothing is said to be verified'(tools: CaseTools) {
      const browser = createDeviceBrowser(tools, createDeviceKey());
      expect((await browser.prove("/login", { json: { userId: "ada" } })).status).toBe(200);
      const token = await browser.cookie(COOKIE);
      const call = await browser.fetch("/me");
      expect(call.json()).toMatchObject({ session: { hasDeviceRegistered: true, deviceVerified: false } });
      const acted = await tools.act(tools.browser(), "list");
      expect(acted.status).toBe(401);
      const other = tools.browser();
      await other.setCookie(`${COOKIE}=${token}; Path=/; Secure; HttpOnly`);
      expect((await tools.act(other, "update", { metadata: 1 })).status).toBe(200);
    },
  },
};
