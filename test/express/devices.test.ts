import { requireSession } from "@byo-session/express";
import { beforeAll, describe, expect, test } from "vitest";
import type { BrowserRequest } from "../harness/browser-client.ts";
import { startTestSidecar, type TestSidecar } from "../harness/test-sidecar.ts";
import { type Challenge, createDeviceBrowser, loginWithDevice, PUBLIC_URL } from "./device-browser.ts";
import { createDeviceKey } from "./device-key.ts";
import { COOKIE, type MiddlewareOptions, type SessionsApp, startSessionsApp } from "./sessions-app.ts";

const CHALLENGE_LIFETIME_SECS = 600;

let sidecar: TestSidecar;
let app: SessionsApp;
const noticed: unknown[] = [];

beforeAll(async () => {
  sidecar = await startTestSidecar({ config: { device_challenge_lifetime_secs: CHALLENGE_LIFETIME_SECS } });
  app = await start({ onNewDevice: (event) => void noticed.push(event) });
});

function start(options: MiddlewareOptions): Promise<SessionsApp> {
  return startSessionsApp({
    sidecarUrl: sidecar.url,
    options: { publicUrl: PUBLIC_URL, routes: { prefix: "/session" }, ...options },
    routes: (router) => {
      router.get("/bound", requireSession({ device: "required" }), (_req, res) => res.send("in"));
      router.all("/act/:action", async (req, res) => {
        const { byo } = req;
        if (req.params.action === "logout") await byo.logout();
        else await byo.update({ metadata: 1 });
        res.sendStatus(204);
      });
    },
  });
}

const NAVIGATION = { navigate: true };

describe("a session with a device", () => {
  test("a proof made for this request passes, and says so", async () => {
    const browser = await loginWithDevice(app);
    const answer = await browser.prove("/open?tab=1");
    expect(answer.json()).toMatchObject({ session: { hasDeviceRegistered: true, deviceVerified: true } });
    expect((await browser.prove("/bound")).text).toBe("in");
  });

  test("no proof: 401 for every call, also where the route is open; the cookie stays", async () => {
    const browser = await loginWithDevice(app);
    const calls: BrowserRequest[] = [{}, { method: "POST" }, { method: "POST", ...NAVIGATION }, { method: "DELETE" }];
    for (const call of calls) {
      const answer = await browser.fetch("/me", call);
      expect(answer.status).toBe(401);
      expect(answer.json()).toEqual({ errorType: "Unauthorized", reason: "DeviceVerificationRequired" });
      expect(answer.setCookies).toEqual([]);
    }
    expect((await browser.fetch("/open")).status).toBe(401);
    expect((await browser.prove("/me")).status).toBe(200);
  });

  test("another key, another URL, another method: DeviceVerificationFailed, and the session lives on", async () => {
    const key = createDeviceKey();
    const browser = await loginWithDevice(app, key);
    const cookie = `${COOKIE}=${await browser.cookie(COOKIE)}`;
    const thief = createDeviceBrowser(app, createDeviceKey());
    expect((await thief.prove("/me", { headers: { cookie } })).json()).toMatchObject({
      reason: "DeviceVerificationFailed",
    });
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
  });

  test("a page load cannot carry a proof: it may read and log out, nothing else, and never rotates", async () => {
    const browser = await loginWithDevice(app);
    await sidecar.advance(3700);
    const page = await browser.fetch("/me", NAVIGATION);
    expect(page.json()).toMatchObject({ session: { hasDeviceRegistered: true, deviceVerified: false } });
    expect(page.setCookies).toEqual([]);
    expect((await browser.fetch("/bound", NAVIGATION)).json()).toMatchObject({ reason: "DeviceVerificationRequired" });
    expect((await browser.fetch("/act/update", NAVIGATION)).json()).toMatchObject({
      reason: "DeviceVerificationRequired",
    });
    expect((await browser.fetch("/act/logout", NAVIGATION)).status).toBe(204);
    expect((await browser.fetch("/me", NAVIGATION)).status).toBe(401);
  });

  test("the ready-made routes need the proof, but for the log-out", async () => {
    const browser = await loginWithDevice(app);
    for (const [path, method] of [
      ["/session", "GET"],
      ["/session/list", "GET"],
      ["/session/logout-others", "POST"],
    ]) {
      expect([path, (await browser.fetch(path ?? "", { method: method ?? "" })).status]).toEqual([path, 401]);
    }
    expect((await browser.prove("/session/list")).status).toBe(200);
    expect((await browser.fetch("/session/logout", { method: "POST" })).status).toBe(204);
    expect((await browser.prove("/me")).json()).toMatchObject({ reason: "NoSession" });
  });
});

describe("a challenge that is over", () => {
  test("is answered with a new one: 425, DPoP-Nonce, one retry and all is well", async () => {
    const browser = await loginWithDevice(app);
    await sidecar.advance(CHALLENGE_LIFETIME_SECS + 60);
    const answer = await browser.prove("/me");
    expect(answer.status).toBe(425);
    const { errorType, deviceChallenge, expiresAt, ...more } = answer.json<Challenge & { errorType: string }>();
    expect([errorType, typeof expiresAt, more]).toEqual(["NewDeviceChallengeRequired", "number", {}]);
    expect(answer.headers["dpop-nonce"]).toBe(deviceChallenge);
    expect(answer.headers["cache-control"]).toBe("private, no-store");
    expect(answer.setCookies).toEqual([]);
    await browser.newChallenge();
    expect((await browser.prove("/me")).status).toBe(200);
  });

  test("challengeStatus: 401 gives the answer of RFC 9449", async () => {
    const served = await start({ challengeStatus: 401 });
    const browser = await loginWithDevice(served);
    await sidecar.advance(CHALLENGE_LIFETIME_SECS + 60);
    const answer = await browser.prove("/me");
    expect(answer.status).toBe(401);
    expect(answer.json()).toMatchObject({ errorType: "NewDeviceChallengeRequired" });
  });

  test("at a login: no session, a new challenge", async () => {
    const browser = createDeviceBrowser(app, createDeviceKey());
    await browser.newChallenge();
    await sidecar.advance(CHALLENGE_LIFETIME_SECS + 60);
    const stale = await browser.prove("/login", { json: { userId: "stale" } });
    expect(stale.status).toBe(425);
    expect(stale.json()).toMatchObject({ errorType: "NewDeviceChallengeRequired" });
    expect((await sidecar.run("FetchAllSessionsForUser", { userId: "stale" })).sessions).toEqual([]);
    await browser.newChallenge();
    expect((await browser.prove("/login", { json: { userId: "stale" } })).status).toBe(200);
  });
});

describe("what an application can choose", () => {
  test('unverifiedNavigations: "refuse"', async () => {
    const served = await start({ unverifiedNavigations: "refuse" });
    const browser = await loginWithDevice(served);
    const page = await browser.fetch("/open", NAVIGATION);
    expect([page.status, page.json()]).toEqual([
      401,
      { errorType: "Unauthorized", reason: "DeviceVerificationRequired" },
    ]);
    expect((await browser.prove("/open", NAVIGATION)).status).toBe(200);
  });

  test('deviceVerification: "off": the cookie is enough, and nothing is said to be verified', async () => {
    const browser = await loginWithDevice(app);
    const served = await start({ deviceVerification: "off" });
    const headers = { cookie: `${COOKIE}=${await browser.cookie(COOKIE)}` };
    const call = await served.browser().fetch("/me", { headers });
    expect(call.json()).toMatchObject({ session: { hasDeviceRegistered: true, deviceVerified: false } });
    expect((await served.browser().fetch("/act/update", { method: "POST", headers })).status).toBe(204);
  });

  test("without publicUrl a proof is left unread", async () => {
    const plain = await startSessionsApp({ sidecarUrl: sidecar.url });
    const browser = await plain.loggedIn();
    expect((await browser.fetch("/me", { headers: { dpop: "anything" } })).status).toBe(200);
  });
});

describe("registering a device", () => {
  test("after the login, once; from then on the proof is needed", async () => {
    const browser = createDeviceBrowser(app, createDeviceKey());
    await browser.fetch("/login", { json: { userId: "later" } });
    const registered = await browser.prove("/session/device?remember=true", { method: "POST" });
    expect([registered.status, registered.json()]).toEqual([200, { newDeviceDetected: true }]);
    expect((await browser.fetch("/me")).json()).toMatchObject({ reason: "DeviceVerificationRequired" });
    const twice = await browser.prove("/session/device", { method: "POST" });
    expect([twice.status, twice.json()]).toEqual([409, { errorType: "Conflict", reason: "DeviceAlreadyRegistered" }]);
  });

  test("without a proof: 400", async () => {
    const browser = await app.loggedIn();
    const answer = await browser.fetch("/session/device", { method: "POST" });
    expect([answer.status, answer.json()]).toEqual([400, { errorType: "BadRequest", reason: "BadRequest" }]);
  });
});

test("onNewDevice: a new device, not a remembered one, and a login that leaves the proof out", async () => {
  noticed.length = 0;
  const userId = "noticed";
  const key = createDeviceKey();
  const login = async (browser: ReturnType<typeof createDeviceBrowser>) => {
    const answer = await browser.prove("/login", { json: { userId, rememberDevice: true } });
    return answer.json<{ sessionId: string }>().sessionId;
  };
  const first = await login(createDeviceBrowser(app, key));
  await login(createDeviceBrowser(app, key));
  const phisher = await app.browser().fetch("/login", { json: { userId } });
  expect(noticed).toEqual([
    { userId, sessionId: first, ip: expect.any(String), userAgent: expect.stringContaining("Chrome"), proof: "device" },
    {
      userId,
      sessionId: phisher.json<{ sessionId: string }>().sessionId,
      ip: expect.any(String),
      userAgent: expect.any(String),
      proof: "none",
    },
  ]);
});
