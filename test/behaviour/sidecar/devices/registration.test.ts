import type { RegisterDeviceData } from "@byo-session/core/contract";
import { beforeAll, describe, expect, it } from "vitest";
import { createDevice } from "../../../../sidecar/test/devices/forge.ts";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { auditRow, auditRows } from "../audit-trail.ts";
import { challengeFor, FAILED, freshProof, proofOf, REQUIRED, rawRowOf, rowOf } from "../bound-session.ts";
import { logIn, refresh, successorOf, validate } from "../login.ts";
import { CHROME_ON_MAC, FIREFOX_ON_MAC } from "../user-agents.ts";

const HOME = { ipAddress: "203.0.113.9", userAgent: CHROME_ON_MAC };
const AWAY = { ipAddress: "198.51.100.7", userAgent: CHROME_ON_MAC };
const WINDOW_SECS = 300;
const INVALID = { status: 400, body: { type: "InvalidDeviceRegistration" } };
const NOT_FOUND = { status: 404, body: { type: "SessionNotFound" } };
const ALREADY = { status: 409, body: { type: "DeviceAlreadyRegistered" } };

let sidecar: TestSidecar;

beforeAll(async () => {
  const tags = [
    { tag: "device:soon", device_registration_window_secs: WINDOW_SECS },
    { tag: "device:late", device_registration_window_secs: 86_400 },
    { tag: "ip:fixed", disallow_ip_address_changes: true },
    { tag: "life:brief", absolute_lifetime_secs: 600 },
    { tag: "type:staff", max_remembered_devices_per_user: 1 },
  ];
  sidecar = await startTestSidecar({ config: { tags } });
});

const register = (data: RegisterDeviceData) => sidecar.command("RegisterDevice", data);

/** A good registration, but for the session that it is for. */
async function registration(client = {}, device = createDevice()) {
  return { ...(await freshProof(sidecar, device, client)), ...client, rememberDevice: false };
}

describe("RegisterDevice", () => {
  it.each(["token", "id"] as const)("binds a session by its %s", async (by) => {
    const { token, sessionId } = await logIn(sidecar, HOME);
    const device = createDevice();
    const target = by === "token" ? { sessionToken: token } : { sessionId };
    const answer = await register({ ...(await registration(HOME, device)), ...target });
    expect(answer).toEqual({ status: 200, body: { newDeviceDetected: true } });
    expect(await validate(sidecar, token, HOME)).toEqual(REQUIRED);
    const deviceVerification = await freshProof(sidecar, device, HOME);
    expect(await validate(sidecar, token, { ...HOME, deviceVerification })).toMatchObject({
      status: 200,
      body: { hasDeviceRegistered: true },
    });
    const others = await freshProof(sidecar, createDevice(), HOME);
    expect(await validate(sidecar, token, { ...HOME, deviceVerification: others })).toEqual(FAILED);
    expect(await auditRow(sidecar, sessionId, "DeviceRegistered")).toMatchObject({
      actor: expect.stringMatching(/^key:/),
      ip_address: HOME.ipAddress,
      user_agent: HOME.userAgent,
      details: { newDeviceDetected: true, remembered: false, deviceId: device.thumbprint },
    });
  });

  it("remembers the device where the user asks for it", async () => {
    const [device, { userId, token }] = [createDevice(), await logIn(sidecar)];
    const first = { ...(await registration({}, device)), sessionToken: token, rememberDevice: true };
    expect((await register(first)).body).toEqual({ newDeviceDetected: true });
    const { token: later } = await logIn(sidecar, { userId });
    const second = { ...(await registration({}, device)), sessionToken: later };
    expect((await register(second)).body).toEqual({ newDeviceDetected: false });
    const { devices } = await sidecar.run("FetchRememberedDevicesForUser", { userId });
    expect(devices).toMatchObject([{ deviceId: device.thumbprint }]);
  });

  it("wants the session's token or its id, not both and not none", async () => {
    const { token, sessionId } = await logIn(sidecar);
    const refusal = {
      status: 400,
      body: { type: "UnexpectedError", details: "data: expected either sessionToken or sessionId" },
    };
    expect(await register(await registration())).toEqual(refusal);
    expect(await register({ ...(await registration()), sessionToken: token, sessionId })).toEqual(refusal);
  });

  it("refuses an invalid address", async () => {
    const { token } = await logIn(sidecar);
    const data = { ...(await registration()), sessionToken: token, ipAddress: "nonsense" };
    expect(await register(data)).toMatchObject({ status: 400, body: { type: "UnexpectedError" } });
  });

  it("takes a successor without confirming it", async () => {
    const { token, sessionId } = await logIn(sidecar, { tags: ["device:late"] });
    await sidecar.advance(3601);
    const successor = await successorOf(sidecar, token);
    expect(await register({ ...(await registration()), sessionToken: successor })).toMatchObject({ status: 200 });
    const [row] = await sidecar.sql("SELECT gen, next_hash IS NULL AS confirmed FROM byo.sessions WHERE id = $1", [
      sessionId,
    ]);
    expect(row).toEqual({ gen: 1, confirmed: false });
  });

  it("is possible once: the second is told, and changes nothing", async () => {
    const { token, sessionId } = await logIn(sidecar);
    const device = createDevice();
    await register({ ...(await registration({}, device)), sessionToken: token });
    const before = await rowOf(sidecar, { sessionId });
    for (const target of [{ sessionToken: token }, { sessionId }]) {
      expect(await register({ ...(await registration()), ...target })).toEqual(ALREADY);
    }
    expect(await rowOf(sidecar, { sessionId })).toEqual(before);
    const refused = await auditRow(sidecar, sessionId, "DeviceRegistrationRefused");
    expect(refused).toMatchObject({ reason: "DeviceAlreadyRegistered" });
  });

  it.each(["different devices", "the same proof"])("by %s at once succeeds once", async (what) => {
    for (let round = 0; round < 10; round++) {
      const { token, sessionId } = await logIn(sidecar);
      const mine = { ...(await registration()), sessionToken: token };
      const other = what === "the same proof" ? mine : { ...(await registration()), sessionToken: token };
      const answers = await Promise.all([register(mine), register(other)]);
      expect(answers.sort((a, b) => a.status - b.status)).toEqual([
        { status: 200, body: { newDeviceDetected: true } },
        ALREADY,
      ]);
      const events = (await auditRows(sidecar, { sessionId })).filter(({ event }) => event === "DeviceRegistered");
      expect(events).toHaveLength(1);
    }
  });

  it("forgets the device not seen for longest where the policy allows no more", async () => {
    const tags = ["type:staff"];
    const { userId, token } = await logIn(sidecar, { tags });
    const [before, device] = [createDevice(), createDevice()];
    const deviceRegistration = { ...(await freshProof(sidecar, before)), rememberDevice: true };
    await sidecar.run("CreateSession", { userId, tags, deviceRegistration });
    await register({ ...(await registration({}, device)), sessionToken: token, rememberDevice: true });
    const { devices } = await sidecar.run("FetchRememberedDevicesForUser", { userId });
    expect(devices.map(({ deviceId }) => deviceId)).toEqual([device.thumbprint]);
    const events = (await auditRows(sidecar, { userId })).filter(({ event }) => event === "DeviceForgotten");
    expect(events).toMatchObject([{ actor: "system", details: { deviceId: before.thumbprint } }]);
  });

  it("that races logins remembers no device too many", { timeout: 60_000 }, async () => {
    const { userId } = await logIn(sidecar);
    const logins = Array.from({ length: 48 }, async () => {
      const deviceRegistration = { ...(await freshProof(sidecar, createDevice())), rememberDevice: true };
      await sidecar.run("CreateSession", { userId, deviceRegistration });
    });
    await Promise.all(logins);
    const sessions = await Promise.all(Array.from({ length: 6 }, () => logIn(sidecar, { userId })));
    const registrations = sessions.map(async ({ token }) =>
      register({ ...(await registration()), sessionToken: token, rememberDevice: true }),
    );
    for (const { status } of await Promise.all(registrations)) expect(status).toBe(200);
    expect((await sidecar.run("FetchRememberedDevicesForUser", { userId })).devices).toHaveLength(50);
  });
});

describe("RegisterDevice for what is no living session of the token", () => {
  it.each([
    ["a token that was never issued", { sessionToken: "byo_sess_nonsense" }],
    ["an id that was never given", { sessionId: "00000000-0000-4000-8000-000000000000" }],
    ["an invalid id", { sessionId: "nonsense" }],
  ])("%s: not found", async (_, target) => {
    expect(await register({ ...(await registration()), ...target })).toEqual(NOT_FOUND);
  });

  it("a session that has ended, by token and by id: not found", async () => {
    const { token, sessionId } = await logIn(sidecar);
    await sidecar.run("InvalidateSessionByToken", { sessionToken: token });
    expect(await register({ ...(await registration()), sessionToken: token })).toEqual(NOT_FOUND);
    expect(await register({ ...(await registration()), sessionId })).toEqual(NOT_FOUND);
  });

  it("a session that has expired and is not marked yet: not found", async () => {
    const { token, sessionId } = await logIn(sidecar, { tags: ["life:brief"] });
    await sidecar.advance(601);
    expect(await register({ ...(await registration()), sessionToken: token })).toEqual(NOT_FOUND);
    expect(await register({ ...(await registration()), sessionId })).toEqual(NOT_FOUND);
  });

  it.each([
    ["within the grace", 0, "old token"],
    ["after the grace", 61, "TokenReused"],
  ])("an old token %s binds nothing and ends nothing", async (_, laterSecs, problem) => {
    const { token, sessionId } = await logIn(sidecar);
    await sidecar.advance(3601);
    const successor = await successorOf(sidecar, token);
    await refresh(sidecar, successor);
    await sidecar.advance(laterSecs);
    const before = await rowOf(sidecar, { sessionId });
    expect(await register({ ...(await registration()), sessionToken: token })).toEqual(NOT_FOUND);
    expect(await rowOf(sidecar, { sessionId })).toEqual(before);
    const refused = await auditRow(sidecar, sessionId, "DeviceRegistrationRefused");
    expect(refused).toMatchObject({ reason: "SessionNotFound", details: { problem } });
    expect(await validate(sidecar, successor)).toMatchObject({ status: 200 });
  });

  it("a token from an address that its session may not have binds nothing and ends nothing", async () => {
    const { token, sessionId } = await logIn(sidecar, { ...HOME, tags: ["ip:fixed"] });
    expect(await register({ ...(await registration(AWAY)), sessionToken: token })).toEqual(NOT_FOUND);
    const refused = await auditRow(sidecar, sessionId, "DeviceRegistrationRefused");
    expect(refused).toMatchObject({ ip_address: AWAY.ipAddress, details: { problem: "IpAddressChanged" } });
    expect(await validate(sidecar, token, HOME)).toMatchObject({ status: 200 });
  });
});

describe("RegisterDevice with a proof that is not good", () => {
  it.each([
    ["malformed", () => "a.b.c"],
    ["signature", (proof: string) => `${proof.slice(0, -86)}${"A".repeat(86)}`],
    ["header", () => createDevice().prove({ header: { alg: "none" } })],
    ["challenge", () => createDevice().prove({ claims: { nonce: "A".repeat(102) } })],
  ])("%s: refused, and the session lives on", async (problem, forge) => {
    const { token, sessionId } = await logIn(sidecar, HOME);
    const data = { ...(await registration(HOME)), sessionToken: token };
    const before = await rawRowOf(sidecar, { sessionId });
    const signedDeviceChallenge = forge(data.signedDeviceChallenge);
    expect(await register({ ...data, signedDeviceChallenge })).toEqual(INVALID);
    expect(await rawRowOf(sidecar, { sessionId })).toEqual(before);
    expect(await auditRow(sidecar, sessionId, "DeviceRegistrationRefused")).toMatchObject({
      reason: "InvalidDeviceRegistration",
      ip_address: HOME.ipAddress,
      details: { problem },
    });
    expect(await register(data)).toMatchObject({ status: 200 });
  });

  it("replayed for another session: refused, and that one stays free", async () => {
    const [mine, other] = [await logIn(sidecar), await logIn(sidecar)];
    const data = await registration();
    expect(await register({ ...data, sessionToken: mine.token })).toMatchObject({ status: 200 });
    expect(await register({ ...data, sessionToken: other.token })).toEqual(INVALID);
    const refused = await auditRow(sidecar, other.sessionId, "DeviceRegistrationRefused");
    expect(refused).toMatchObject({ details: { problem: "replayed" } });
    expect(await validate(sidecar, other.token)).toMatchObject({ status: 200, body: { hasDeviceRegistered: false } });
  });

  it.each([
    ["expired", {}, 601],
    ["other-client", AWAY, 0],
    ["other-client", { ...HOME, userAgent: FIREFOX_ON_MAC }, 0],
  ])("over a challenge that is %s: a new one, with which it succeeds", async (problem, madeFor, ageSecs) => {
    const { token, sessionId } = await logIn(sidecar, { ...HOME, tags: ["device:late"] });
    const device = createDevice();
    const stale = await freshProof(sidecar, device, madeFor);
    await sidecar.advance(ageSecs);
    const { status, body } = await register({ ...stale, ...HOME, sessionToken: token, rememberDevice: false });
    expect([status, body.type]).toEqual([425, "NewDeviceChallengeRequired"]);
    expect(await auditRow(sidecar, sessionId, "DeviceRegistrationRefused")).toMatchObject({
      reason: "NewDeviceChallengeRequired",
      details: { problem },
    });
    const { deviceChallenge } = body.details as { deviceChallenge: string };
    const again = { ...proofOf(device, deviceChallenge), ...HOME, sessionToken: token };
    expect(await register(again)).toMatchObject({ status: 200 });
  });
});

describe("device_registration_window_secs", () => {
  it("is five minutes unless the policy says otherwise: later a thief of the cookie would bind a key of their own", async () => {
    const { token } = await logIn(sidecar);
    await sidecar.advance(301);
    expect(await register({ ...(await registration()), sessionToken: token })).toEqual(INVALID);
  });

  it("ends the time in which a device can be registered", async () => {
    const early = await logIn(sidecar, { tags: ["device:soon"] });
    const late = await logIn(sidecar, { tags: ["device:soon"] });
    await sidecar.advance(WINDOW_SECS - 20);
    expect(await register({ ...(await registration()), sessionToken: early.token })).toMatchObject({ status: 200 });
    await sidecar.advance(21);
    for (const target of [{ sessionToken: late.token }, { sessionId: late.sessionId }]) {
      expect(await register({ ...(await registration()), ...target })).toEqual(INVALID);
    }
    expect(await auditRow(sidecar, late.sessionId, "DeviceRegistrationRefused")).toMatchObject({
      details: { problem: "registration window over" },
    });
    expect(await validate(sidecar, late.token)).toMatchObject({ status: 200 });
    // The challenge itself is not what is late.
    expect(await challengeFor(sidecar)).not.toBe("");
  });
});
