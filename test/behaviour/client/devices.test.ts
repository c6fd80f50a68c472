import { createClient, type RegisterDeviceCommand, type ValidateSessionCommand } from "@propelauth/byo-node";
import { beforeAll, describe, expect, it } from "vitest";
import { createDevice, type Device, REQUEST_URL } from "../../../sidecar/test/devices/forge.ts";
import { freePort } from "../../harness/free-port.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";

const REQUEST = { requestUrl: REQUEST_URL, requestMethod: "POST" } as const;
const HOME = {
  ipAddress: "203.0.113.9",
  userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
};
const AWAY = { ...HOME, ipAddress: "198.51.100.7" };

type Client = ReturnType<typeof createClient>;

let sidecar: TestSidecar;
let client: Client;

beforeAll(async () => {
  const tags = [{ tag: "device:must", require_device: "any" }];
  sidecar = await startTestSidecar({ config: { tags } });
  client = createClient({ url: sidecar.url, integrationKey: sidecar.integrationKey });
});

async function proofBy(device: Device, madeFor: object = {}) {
  const { deviceChallenge } = (await client.session.device.createChallenge(madeFor)).getOrThrow();
  return { signedDeviceChallenge: device.prove({ claims: { nonce: deviceChallenge } }), ...REQUEST };
}

async function create(data: object = {}) {
  return (await client.session.create({ userId: "ada", ...data })).getOrThrow();
}

async function bound(device = createDevice(), data: object = {}) {
  return { device, ...(await create({ ...data, deviceRegistration: await proofBy(device, data) })) };
}

describe("session.device.createChallenge", () => {
  it.each([{}, { ipAddress: HOME.ipAddress }, { userAgent: HOME.userAgent }, HOME])("answers %j", async (data) => {
    expect(await client.session.device.createChallenge(data)).toMatchObject({
      ok: true,
      data: { deviceChallenge: expect.any(String), expiresAt: expect.any(Number) },
    });
  });

  it("UnexpectedError", async () => {
    expect(await client.session.device.createChallenge({ ipAddress: "nonsense" })).toMatchObject({
      ok: false,
      error: { type: "UnexpectedError", details: expect.stringContaining("ipAddress") },
    });
  });
});

describe("session.device.register", () => {
  async function registration(device = createDevice(), data: object = {}): Promise<RegisterDeviceCommand> {
    return { ...(await proofBy(device)), rememberDevice: false, ...data };
  }

  it("answers whether the device is new to the user", async () => {
    const device = createDevice();
    const userId = "bob";
    const first = await registration(device, {
      sessionToken: (await create({ userId })).sessionToken,
      rememberDevice: true,
    });
    expect(await client.session.device.register(first)).toMatchObject({ ok: true, data: { newDeviceDetected: true } });
    const second = await registration(device, { sessionId: (await create({ userId })).sessionId });
    expect(await client.session.device.register(second)).toMatchObject({
      ok: true,
      data: { newDeviceDetected: false },
    });
  });

  it("SessionNotFound", async () => {
    const data = await registration(createDevice(), { sessionToken: "byo_sess_nonsense" });
    expect(await client.session.device.register(data)).toMatchObject({ ok: false, error: { type: "SessionNotFound" } });
  });

  it("NewDeviceChallengeRequired, whose challenge serves", async () => {
    const { sessionToken } = await create(HOME);
    const device = createDevice();
    const data = { ...(await registration(device, { sessionToken })), ...(await proofBy(device, AWAY)), ...HOME };
    const result = await client.session.device.register(data);
    if (result.ok || result.error.type !== "NewDeviceChallengeRequired") throw new Error(JSON.stringify(result));
    const { deviceChallenge, expiresAt } = result.error.details;
    expect(Number.isInteger(expiresAt)).toBe(true);
    const signedDeviceChallenge = device.prove({ claims: { nonce: deviceChallenge } });
    expect(await client.session.device.register({ ...data, signedDeviceChallenge })).toMatchObject({ ok: true });
  });

  it("InvalidDeviceRegistration", async () => {
    const { sessionToken } = await create();
    const data = { ...(await registration(createDevice(), { sessionToken })), signedDeviceChallenge: "a.b.c" };
    expect(await client.session.device.register(data)).toMatchObject({
      ok: false,
      error: { type: "InvalidDeviceRegistration" },
    });
  });

  it("DeviceAlreadyRegistered", async () => {
    const { sessionToken } = await bound();
    const data = await registration(createDevice(), { sessionToken });
    expect(await client.session.device.register(data)).toMatchObject({
      ok: false,
      error: { type: "DeviceAlreadyRegistered" },
    });
  });

  it("UnexpectedError", async () => {
    expect(await client.session.device.register(await registration())).toMatchObject({
      ok: false,
      error: { type: "UnexpectedError", details: expect.stringContaining("sessionToken or sessionId") },
    });
  });
});

describe("session.create with a registration", () => {
  it("answers newDeviceDetected, and leaves it out without one", async () => {
    const device = createDevice();
    const data = { userId: "carol", deviceRegistration: { ...(await proofBy(device)), rememberDevice: true } };
    expect(await create(data)).toMatchObject({ newDeviceDetected: true });
    expect(await create({ userId: "carol", deviceRegistration: await proofBy(device) })).toMatchObject({
      newDeviceDetected: false,
    });
    expect(await create({ userId: "carol" })).not.toHaveProperty("newDeviceDetected");
  });

  it.each([
    ["a bad one", { deviceRegistration: { signedDeviceChallenge: "a.b.c" } }],
    ["none where the policy wants one", { tags: ["device:must"] }],
  ])("InvalidDeviceRegistration: %s", async (_, data) => {
    expect(await client.session.create({ userId: "ada", ...data })).toMatchObject({
      ok: false,
      error: { type: "InvalidDeviceRegistration" },
    });
  });
});

describe.each(["validate", "validateAndRefresh"] as const)("session.%s of a session with a device", (method) => {
  const call = (data: ValidateSessionCommand) => client.session[method](data);

  it("answers hasDeviceRegistered", async () => {
    const { sessionToken, device } = await bound();
    const deviceVerification = await proofBy(device);
    expect(await call({ sessionToken, deviceVerification })).toMatchObject({
      ok: true,
      data: { hasDeviceRegistered: true },
    });
    expect(await call({ sessionToken, ignoreDeviceForVerification: true })).toMatchObject({ ok: true });
    const { sessionToken: plain } = await create();
    expect(await call({ sessionToken: plain })).toMatchObject({ ok: true, data: { hasDeviceRegistered: false } });
  });

  it("DeviceVerificationRequired", async () => {
    const { sessionToken } = await bound();
    expect(await call({ sessionToken })).toMatchObject({ ok: false, error: { type: "DeviceVerificationRequired" } });
  });

  it("DeviceVerificationFailed", async () => {
    const { sessionToken } = await bound();
    const deviceVerification = await proofBy(createDevice());
    expect(await call({ sessionToken, deviceVerification })).toMatchObject({
      ok: false,
      error: { type: "DeviceVerificationFailed" },
    });
  });

  it("NewDeviceChallengeRequired, whose challenge serves", async () => {
    const { sessionToken, device } = await bound(createDevice(), HOME);
    const result = await call({ sessionToken, ...HOME, deviceVerification: await proofBy(device, AWAY) });
    if (result.ok || result.error.type !== "NewDeviceChallengeRequired") throw new Error(JSON.stringify(result));
    const { deviceChallenge, expiresAt } = result.error.details;
    expect(Number.isInteger(expiresAt)).toBe(true);
    const signedDeviceChallenge = device.prove({ claims: { nonce: deviceChallenge } });
    const deviceVerification = { signedDeviceChallenge, ...REQUEST };
    expect(await call({ sessionToken, ...HOME, deviceVerification })).toMatchObject({ ok: true });
  });

  it("InvalidSessionToken and IpAddressError, as without a device", async () => {
    const { sessionToken, sessionId, device } = await bound(createDevice(), HOME);
    const { userAgent } = HOME;
    const deviceVerification = await proofBy(device, { userAgent });
    expect(await call({ sessionToken, userAgent, deviceVerification })).toMatchObject({
      ok: false,
      error: { type: "IpAddressError", details: "Missing" },
    });
    await client.session.invalidateById({ sessionId });
    expect(await call({ sessionToken, ...HOME })).toMatchObject({
      ok: false,
      error: { type: "InvalidSessionToken", details: "Revoked" },
    });
  });

  it("UnexpectedError: a proof that is too long, and a sidecar that is away", async () => {
    const { sessionToken } = await bound();
    const wrong = { sessionToken, deviceVerification: { signedDeviceChallenge: "x".repeat(8193) } };
    expect(await call(wrong)).toMatchObject({ ok: false, error: { type: "UnexpectedError" } });
    const away = createClient({ url: `http://127.0.0.1:${await freePort()}`, integrationKey: sidecar.integrationKey });
    expect(await away.session[method]({ sessionToken })).toMatchObject({
      ok: false,
      error: { type: "UnexpectedError" },
    });
  });
});
