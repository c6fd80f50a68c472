import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { createDevice, type Device } from "../../../../sidecar/test/devices/forge.ts";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { auditRow } from "../audit-trail.ts";
import { FAILED, freshProof, logInWithDevice, proofOf, proved, REQUEST } from "../bound-session.ts";
import { createConfigFolder } from "../config-folder.ts";
import { logIn, validate } from "../login.ts";

const CHALLENGE_LIFETIME_SECS = 300;
const DAY_SECS = 86_400;

let sidecar: TestSidecar;

beforeAll(async () => {
  const folder = await createConfigFolder({
    "session_config.jsonc": { device_challenge_lifetime_secs: CHALLENGE_LIFETIME_SECS },
    "system_config.jsonc": { job_run_intervals: { session_garbage_collection: 1 } },
  });
  sidecar = await startTestSidecar({ env: folder.env });
});

async function usedProofs(): Promise<number> {
  const [row] = await sidecar.sql<{ count: number }>("SELECT count(*)::int AS count FROM byo.used_proofs");
  return row?.count ?? -1;
}

describe("a proof that is bound to a request", () => {
  it("serves once", async () => {
    const session = await logInWithDevice(sidecar);
    const data = await proved(sidecar, session);
    expect(await sidecar.command("ValidateSession", data)).toMatchObject({ status: 200 });
    for (const command of ["ValidateSession", "ValidateAndRefreshSession"]) {
      expect(await sidecar.command(command, data)).toEqual(FAILED);
    }
    const refused = await auditRow(sidecar, session.sessionId, "SessionRefused");
    expect(refused).toMatchObject({ reason: "DeviceVerificationFailed", details: { problem: "replayed" }, count: 2 });
    expect(await sidecar.command("ValidateSession", await proved(sidecar, session))).toMatchObject({ status: 200 });
  });

  it("serves once for all sessions of its key, and once more for another purpose", async () => {
    const device = createDevice();
    const [mine, other] = [await logInWithDevice(sidecar, { device }), await logInWithDevice(sidecar, { device })];
    const deviceVerification = await freshProof(sidecar, device);
    expect(await validate(sidecar, mine.token, { deviceVerification })).toMatchObject({ status: 200 });
    expect(await validate(sidecar, other.token, { deviceVerification })).toEqual(FAILED);
    const deviceRegistration = deviceVerification;
    expect(await sidecar.command("CreateSession", { userId: "ada", deviceRegistration })).toMatchObject({
      status: 200,
    });
    expect(await sidecar.command("CreateSession", { userId: "ada", deviceRegistration })).toMatchObject({
      status: 400,
    });
  });

  it("is told apart by its jti and its key", async () => {
    const jti = randomUUID();
    for (let device = 0; device < 2; device++) {
      const session = await logInWithDevice(sidecar);
      const challenge = (await sidecar.run("CreateDeviceChallenge", {})).deviceChallenge;
      const signedDeviceChallenge = session.device.prove({ claims: { nonce: challenge, jti } });
      const deviceVerification = { signedDeviceChallenge, ...REQUEST };
      expect(await validate(sidecar, session.token, { deviceVerification })).toMatchObject({ status: 200 });
    }
  });

  it("serves once also when it is sent 20 times at once", async () => {
    const session = await logInWithDevice(sidecar);
    const data = await proved(sidecar, session);
    const answers = await Promise.all(Array.from({ length: 20 }, () => sidecar.command("ValidateSession", data)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(19);
  });

  it("is not refused beside one that was used before, in the same statement", async () => {
    const session = await logInWithDevice(sidecar);
    const used = await proved(sidecar, session);
    const named = { ...(await proved(sidecar, session)), attemptId: "attempt" };
    for (const data of [used, named]) {
      expect(await sidecar.command("ValidateSession", data)).toMatchObject({ status: 200 });
    }
    const fresh = await Promise.all(Array.from({ length: 5 }, () => proved(sidecar, session)));
    const all = [...fresh, used, named, { ...named, attemptId: "another" }];
    const answers = await Promise.all(all.map((data) => sidecar.command("ValidateSession", data)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 401, 200, 401]);
  });
});

describe("a proof that is bound to no request", () => {
  it.each([
    ["neither URL nor method", {}],
    ["no method", { requestUrl: REQUEST.requestUrl }],
    ["no URL", { requestMethod: REQUEST.requestMethod }],
  ])("with %s may serve again while its challenge lives, and leaves no row", async (_, bound) => {
    const session = await logInWithDevice(sidecar);
    const { signedDeviceChallenge } = await freshProof(sidecar, session.device);
    const deviceVerification = { signedDeviceChallenge, ...bound };
    const before = await usedProofs();
    for (let use = 0; use < 2; use++) {
      expect(await validate(sidecar, session.token, { deviceVerification })).toMatchObject({ status: 200 });
    }
    expect(await usedProofs()).toBeLessThanOrEqual(before);
    await sidecar.advance(CHALLENGE_LIFETIME_SECS + 1);
    expect(await validate(sidecar, session.token, { deviceVerification })).toMatchObject({ status: 425 });
  });
});

describe("attemptId", () => {
  it("gives a call that is repeated after its answer was lost the same answer", async () => {
    const session = await logInWithDevice(sidecar);
    await sidecar.advance(3601);
    const data = { ...(await proved(sidecar, session)), attemptId: "attempt 1" };
    const first = await sidecar.command("ValidateAndRefreshSession", data);
    expect(first).toMatchObject({ status: 200, body: { newSessionToken: expect.any(String) } });
    // The time that is left goes on.
    const same = { ...first, body: { ...first.body, expiresInSecs: expect.any(Number) } };
    expect(await sidecar.command("ValidateAndRefreshSession", data)).toEqual(same);
    expect(await Promise.all([1, 2].map(() => sidecar.command("ValidateAndRefreshSession", data)))).toEqual([
      same,
      same,
    ]);
  });

  it("is no key for others: another one, or none, is refused", async () => {
    const session = await logInWithDevice(sidecar);
    const data = await proved(sidecar, session);
    expect(await sidecar.command("ValidateSession", { ...data, attemptId: "a" })).toMatchObject({ status: 200 });
    expect(await sidecar.command("ValidateSession", { ...data, attemptId: "b" })).toEqual(FAILED);
    expect(await sidecar.command("ValidateSession", data)).toEqual(FAILED);
    const later = await proved(sidecar, session);
    expect(await sidecar.command("ValidateSession", later)).toMatchObject({ status: 200 });
    expect(await sidecar.command("ValidateSession", { ...later, attemptId: "a" })).toEqual(FAILED);
  });
});

describe("the memory of used proofs", () => {
  it("lasts as long as their challenge, and is cleared then", { timeout: 60_000 }, async () => {
    const session = await logInWithDevice(sidecar);
    const challenge = (await sidecar.run("CreateDeviceChallenge", {})).deviceChallenge;
    const deviceVerification = proofOf(session.device, challenge);
    expect(await validate(sidecar, session.token, { deviceVerification })).toMatchObject({ status: 200 });
    await sidecar.advance(CHALLENGE_LIFETIME_SECS - 60);
    await collected();
    expect(await validate(sidecar, session.token, { deviceVerification })).toEqual(FAILED);
    // Kept for a minute longer than it is valid: an earlier call may still be running.
    await sidecar.advance(61);
    expect(await validate(sidecar, session.token, { deviceVerification })).toMatchObject({ status: 425 });
    await sidecar.advance(61);
    await vi.waitFor(async () => expect(await usedProofs()).toBe(0), { timeout: 10_000, interval: 200 });
  });

  /** Waits until a round of the collection has come and gone: it deletes what this leaves for it. */
  async function collected(): Promise<void> {
    await sidecar.sql("INSERT INTO byo.used_proofs VALUES ('\\x00', NULL, byo.now() - interval '1 s')");
    const marker = () => sidecar.sql("SELECT 1 FROM byo.used_proofs WHERE proof_hash = '\\x00'");
    await vi.waitFor(async () => expect(await marker()).toEqual([]), { timeout: 10_000, interval: 200 });
  }

  it("holds no proof, only what recognises one", async () => {
    const { sessionId } = await logIn(sidecar);
    const device = createDevice();
    const registration = await freshProof(sidecar, device);
    await sidecar.run("RegisterDevice", { sessionId, ...registration, rememberDevice: false });
    const rows = await sidecar.sql("SELECT DISTINCT octet_length(proof_hash) AS bytes FROM byo.used_proofs");
    expect(rows).toEqual([{ bytes: 32 }]);
  });
});

describe("the memory of devices", () => {
  it("is cleared of those that have lapsed", { timeout: 60_000 }, async () => {
    const [lapsed, seen] = [createDevice(), createDevice()];
    const rememberAt = async (device: Device) => {
      const deviceRegistration = { ...(await freshProof(sidecar, device)), rememberDevice: true };
      await sidecar.run("CreateSession", { userId: "grace", deviceRegistration });
    };
    await rememberAt(lapsed);
    await sidecar.advance(200 * DAY_SECS);
    await rememberAt(seen);
    await sidecar.advance(201 * DAY_SECS);
    const rows = () => sidecar.sql("SELECT thumbprint FROM byo.devices WHERE user_id = 'grace'");
    await vi.waitFor(async () => expect(await rows()).toEqual([{ thumbprint: seen.thumbprint }]), 10_000);
  });
});
