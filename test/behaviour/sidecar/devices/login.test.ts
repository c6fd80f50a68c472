import { beforeAll, describe, expect, it, vi } from "vitest";
import { createDevice, type Device } from "../../../../sidecar/test/devices/forge.ts";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { type AuditRow, auditRow, auditRows } from "../audit-trail.ts";
import { challengeFor, freshProof, proofOf, REQUEST } from "../bound-session.ts";
import { CHROME_ON_MAC, FIREFOX_ON_MAC, NEWER_CHROME_ON_MAC } from "../user-agents.ts";

const HOME = { ipAddress: "203.0.113.9", userAgent: CHROME_ON_MAC };
const DAY_SECS = 86_400;
const MAX_REMEMBERED = 50;
const INVALID = { status: 400, body: { type: "InvalidDeviceRegistration" } };

let sidecar: TestSidecar;
let users = 0;
const newUser = () => `user ${users++}`;

beforeAll(async () => {
  sidecar = await startTestSidecar({
    config: {
      tags: [
        { tag: "device:must", require_device: "any" },
        { tag: "type:staff", max_remembered_devices_per_user: 2 },
        { tag: "type:root", max_remembered_devices_per_user: 1 },
      ],
    },
  });
});

/** Logs in with a device; says whether it was new to the user. */
async function isNewAt(userId: string, device: Device, rememberDevice?: boolean, userAgent?: string) {
  const client = userAgent === undefined ? {} : { userAgent };
  const deviceRegistration = {
    ...(await freshProof(sidecar, device, client)),
    ...(rememberDevice !== undefined && { rememberDevice }),
  };
  return (await sidecar.run("CreateSession", { userId, ...client, deviceRegistration })).newDeviceDetected;
}

/** Refusals are gathered for a second before they are written. */
function refusedLogin(userId: string): Promise<AuditRow> {
  return vi.waitFor(async () => {
    const row = (await auditRows(sidecar, { userId })).find(({ event }) => event === "SessionCreateRefused");
    if (!row) throw new Error("The trail of the user has no refused login.");
    return row;
  }, 5000);
}

async function remembered(userId: string) {
  return (await sidecar.run("FetchRememberedDevicesForUser", { userId })).devices;
}

describe("a login with a device", () => {
  it.each(["ES256", "Ed25519"] as const)("binds the session to its %s key", async (alg) => {
    const userId = newUser();
    const device = createDevice(alg);
    const deviceRegistration = await freshProof(sidecar, device, HOME);
    const { sessionId, sessionToken, newDeviceDetected } = await sidecar.run("CreateSession", {
      userId,
      ...HOME,
      deviceRegistration,
    });
    expect(newDeviceDetected).toBe(true);
    expect(await sidecar.command("ValidateSession", { sessionToken, ...HOME })).toMatchObject({ status: 401 });
    const deviceVerification = await freshProof(sidecar, device, HOME);
    const answer = await sidecar.run("ValidateSession", { sessionToken, ...HOME, deviceVerification });
    expect(answer.hasDeviceRegistered).toBe(true);
    expect(await auditRow(sidecar, sessionId, "SessionCreated")).toMatchObject({
      details: { newDeviceDetected: true },
    });
  });

  it("says nothing of devices where none is registered", async () => {
    const created = await sidecar.run("CreateSession", { userId: newUser() });
    expect(created).not.toHaveProperty("newDeviceDetected");
    const { sessionToken } = created;
    expect(await sidecar.run("ValidateSession", { sessionToken })).toMatchObject({ hasDeviceRegistered: false });
  });

  it("shows what kind of device it is among the user's sessions", async () => {
    const userId = newUser();
    await isNewAt(userId, createDevice(), false, CHROME_ON_MAC);
    const { sessions } = await sidecar.run("FetchAllSessionsForUser", { userId });
    expect(sessions).toMatchObject([{ device: { deviceType: "Desktop", browser: "Chrome", os: "macOS" } }]);
  });

  it("serves without a URL and a method too", async () => {
    const { signedDeviceChallenge } = await freshProof(sidecar, createDevice());
    const data = { userId: newUser(), deviceRegistration: { signedDeviceChallenge } };
    expect(await sidecar.command("CreateSession", data)).toMatchObject({ status: 200 });
  });
});

describe("a registration that is not good", () => {
  it.each<[string, (challenge: string) => object | Promise<object>]>([
    ["malformed", () => ({ signedDeviceChallenge: "a.b.c", ...REQUEST })],
    [
      "header",
      (nonce) => ({ signedDeviceChallenge: createDevice().prove({ header: { typ: "JWT" }, claims: { nonce } }) }),
    ],
    ["method", (challenge) => ({ ...proofOf(createDevice(), challenge), requestMethod: "PUT" })],
    ["url", (challenge) => ({ ...proofOf(createDevice(), challenge), requestUrl: "https://evil.example/" })],
    ["challenge", () => proofOf(createDevice(), "invented")],
    ["other-client", async () => freshProof(sidecar, createDevice(), { ipAddress: "198.51.100.7" })],
  ])("creates no session, and the trail says %s", async (problem, forge) => {
    const userId = newUser();
    const deviceRegistration = await forge(await challengeFor(sidecar, HOME));
    expect(await sidecar.command("CreateSession", { userId, ...HOME, deviceRegistration })).toEqual(INVALID);
    expect((await sidecar.run("FetchAllSessionsForUser", { userId })).sessions).toEqual([]);
    expect(await refusedLogin(userId)).toMatchObject({
      reason: "InvalidDeviceRegistration",
      ip_address: HOME.ipAddress,
      user_agent: HOME.userAgent,
      details: { problem },
    });
  });

  it("is one over a challenge that has expired: this command has no answer with a new one", async () => {
    const userId = newUser();
    const deviceRegistration = await freshProof(sidecar, createDevice());
    await sidecar.advance(601);
    expect(await sidecar.command("CreateSession", { userId, deviceRegistration })).toEqual(INVALID);
    expect(await refusedLogin(userId)).toMatchObject({ details: { problem: "expired" } });
  });

  it("is one that was used, and the login changes nothing else", async () => {
    const [userId, other] = [newUser(), newUser()];
    const deviceRegistration = { ...(await freshProof(sidecar, createDevice())), rememberDevice: true };
    await sidecar.run("CreateSession", { userId, deviceRegistration });
    expect(await sidecar.command("CreateSession", { userId: other, deviceRegistration })).toEqual(INVALID);
    expect(await remembered(other)).toEqual([]);
    expect(await refusedLogin(other)).toMatchObject({ details: { problem: "replayed" } });
  });

  it("is none at all where the policy wants one", async () => {
    const userId = newUser();
    expect(await sidecar.command("CreateSession", { userId, tags: ["device:must"] })).toEqual(INVALID);
    expect(await refusedLogin(userId)).toMatchObject({ details: { problem: "missing" } });
    const deviceRegistration = await freshProof(sidecar, createDevice());
    const data = { userId, tags: ["device:must"], deviceRegistration };
    expect(await sidecar.command("CreateSession", data)).toMatchObject({ status: 200 });
  });
});

describe("a device", () => {
  it("is new until the user asks to remember it", async () => {
    const [userId, device] = [newUser(), createDevice()];
    expect(await isNewAt(userId, device)).toBe(true);
    expect(await isNewAt(userId, device, false)).toBe(true);
    expect(await isNewAt(userId, device, true)).toBe(true);
    expect(await isNewAt(userId, device)).toBe(false);
    expect(await isNewAt(userId, createDevice())).toBe(true);
    expect(await isNewAt(newUser(), device)).toBe(true);
  });

  it("can be listed and forgotten", async () => {
    const [userId, device, other] = [newUser(), createDevice(), createDevice()];
    await isNewAt(userId, device, true, CHROME_ON_MAC);
    await sidecar.advance(DAY_SECS);
    await isNewAt(userId, other, true, FIREFOX_ON_MAC);
    const devices = await remembered(userId);
    expect(devices).toMatchObject([
      { deviceId: other.thumbprint, device: { browser: "Firefox" } },
      { deviceId: device.thumbprint, device: { browser: "Chrome", os: "macOS" } },
    ]);
    const [later, earlier] = devices;
    expect((later?.firstSeenAt ?? 0) - (earlier?.firstSeenAt ?? 0)).toBeGreaterThanOrEqual(DAY_SECS);

    const data = { userId, deviceId: device.thumbprint };
    expect(await sidecar.run("ForgetRememberedDevice", { ...data, userId: newUser() })).toEqual({ forgotten: false });
    expect(await sidecar.run("ForgetRememberedDevice", data)).toEqual({ forgotten: true });
    expect(await sidecar.run("ForgetRememberedDevice", data)).toEqual({ forgotten: false });
    expect((await remembered(userId)).map(({ deviceId }) => deviceId)).toEqual([other.thumbprint]);
    expect(await isNewAt(userId, device)).toBe(true);
    const rows = await auditRows(sidecar, { userId });
    expect(rows.filter(({ event }) => event === "DeviceForgotten")).toMatchObject([
      { actor: expect.stringMatching(/^key:/), details: { deviceId: device.thumbprint } },
    ]);
  });

  it("is shown as it was when it was last remembered", async () => {
    const [userId, device] = [newUser(), createDevice()];
    await isNewAt(userId, device, true, CHROME_ON_MAC);
    await isNewAt(userId, device, true, NEWER_CHROME_ON_MAC);
    expect(await remembered(userId)).toMatchObject([{ device: { browserVersion: expect.stringMatching(/^141/) } }]);
  });

  it("lapses when it is not seen for 400 days", async () => {
    const [userId, device] = [newUser(), createDevice()];
    await isNewAt(userId, device, true);
    const [first] = await remembered(userId);
    await sidecar.advance(399 * DAY_SECS);
    expect(await isNewAt(userId, device)).toBe(false);
    await sidecar.advance(399 * DAY_SECS);
    expect(await isNewAt(userId, device)).toBe(false);
    expect((await remembered(userId))[0]?.firstSeenAt).toBe(first?.firstSeenAt);
    await sidecar.advance(401 * DAY_SECS);
    expect(await remembered(userId)).toEqual([]);
    expect(await isNewAt(userId, device, true)).toBe(true);
    expect((await remembered(userId))[0]?.firstSeenAt).toBeGreaterThan((first?.firstSeenAt ?? 0) + 1000 * DAY_SECS);
  });

  it(`gives way when the user has ${MAX_REMEMBERED} that were seen later`, { timeout: 60_000 }, async () => {
    const userId = newUser();
    const [oldest, kept] = [createDevice(), createDevice()];
    await isNewAt(userId, oldest, true);
    await isNewAt(userId, kept, true);
    for (let more = 2; more < MAX_REMEMBERED; more++) await isNewAt(userId, createDevice(), true);
    expect(await remembered(userId)).toHaveLength(MAX_REMEMBERED);
    expect(await isNewAt(userId, kept)).toBe(false);
    await isNewAt(userId, createDevice(), true);
    expect(await remembered(userId)).toHaveLength(MAX_REMEMBERED);
    expect(await isNewAt(userId, kept)).toBe(false);
    expect(await isNewAt(userId, oldest)).toBe(true);
  });

  it("gives way earlier where a tag of the session says so, the strictest of several, and each is an event", async () => {
    const userId = newUser();
    const devices = [createDevice(), createDevice(), createDevice(), createDevice()];
    const [first, second, third, fourth] = devices.map(({ thumbprint }) => thumbprint);
    const rememberAll = async (those: readonly Device[], ...tags: string[]) => {
      for (const device of those) {
        const deviceRegistration = { ...(await freshProof(sidecar, device)), rememberDevice: true };
        await sidecar.run("CreateSession", { userId, tags, deviceRegistration });
      }
      return (await remembered(userId)).map(({ deviceId }) => deviceId);
    };
    expect(await rememberAll(devices.slice(0, 3))).toEqual([third, second, first]);
    expect(await rememberAll(devices.slice(3), "type:staff")).toEqual([fourth, third]);
    expect(await rememberAll(devices.slice(0, 1), "type:staff", "type:root")).toEqual([first]);
    const rows = (await auditRows(sidecar, { userId })).filter(({ event }) => event === "DeviceForgotten");
    const forgotten = rows.map(({ actor, reason, details }) => [actor, reason, details?.deviceId]);
    expect(forgotten.sort()).toEqual([first, second, third, fourth].map((id) => ["system", "DeviceLimit", id]).sort());
  });
});
