import type { ValidateSessionData } from "@byo-session/core/contract";
import { beforeAll, describe, expect, it } from "vitest";
import { createDevice } from "../../../../sidecar/test/devices/forge.ts";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { auditRow } from "../audit-trail.ts";
import { FAILED, freshProof, logInWithDevice, proved, REQUIRED, rowOf } from "../bound-session.ts";
import { logIn, refresh } from "../login.ts";
import { CHROME_ON_MAC, FIREFOX_ON_MAC, NEWER_CHROME_ON_MAC } from "../user-agents.ts";

const HOME = { ipAddress: "203.0.113.9", userAgent: CHROME_ON_MAC };
const AWAY = { ipAddress: "198.51.100.7", userAgent: CHROME_ON_MAC };
const BLOCKED = { ipAddress: "192.0.2.66", userAgent: CHROME_ON_MAC };

let sidecar: TestSidecar;

beforeAll(async () => {
  const tags = [
    { tag: "ip:blocked", ip_blocklist: [BLOCKED.ipAddress] },
    { tag: "device:must", require_device: "any" },
    { tag: "ip:fixed", disallow_ip_address_changes: true },
    { tag: "agent:enforce", user_agent_check: "enforce" },
  ];
  sidecar = await startTestSidecar({ config: { tags } });
});

const check = (data: ValidateSessionData) => sidecar.command("ValidateSession", data);

describe("the rules that end a session", () => {
  it("flag another browser where there is a proof, and refuse where there is none", async () => {
    const session = await logInWithDevice(sidecar, HOME);
    const changed = { ...HOME, userAgent: FIREFOX_ON_MAC };
    expect(await check({ sessionToken: session.token, ...changed })).toEqual(REQUIRED);
    expect(await check(await proved(sidecar, session, changed))).toMatchObject({ status: 200 });
    const flagged = await auditRow(sidecar, session.sessionId, "UserAgentFlagged");
    expect(flagged).toMatchObject({ user_agent: FIREFOX_ON_MAC });
    expect(await check(await proved(sidecar, session))).toMatchObject({ status: 200 });
  });

  it.each([
    ["another address", "ip:fixed", AWAY, "IpAddressChanged"],
    ["another browser", "agent:enforce", { ...HOME, userAgent: FIREFOX_ON_MAC }, "UserAgentChanged"],
  ])("end it for %s where the policy says so: with a proof only", async (_, tag, changed, reason) => {
    const session = await logInWithDevice(sidecar, { ...HOME, tags: [tag] });
    const { token, device } = session;
    const before = await rowOf(sidecar, session);
    const thiefs = {
      sessionToken: token,
      ...changed,
      deviceVerification: await freshProof(sidecar, createDevice(), changed),
    };
    expect(await check({ sessionToken: token, ...changed })).toEqual(REQUIRED);
    expect(await check(thiefs)).toEqual(FAILED);
    const ignored = await check({ sessionToken: token, ...changed, ignoreDeviceForVerification: true });
    expect(ignored.status).toBeGreaterThan(400);
    expect(await rowOf(sidecar, session)).toEqual(before);
    expect(await check(await proved(sidecar, session))).toMatchObject({ status: 200 });

    const moved = await proved(sidecar, { ...session, device }, changed);
    expect((await check(moved)).status).toBeGreaterThan(400);
    expect(await auditRow(sidecar, session.sessionId, "SessionEnded")).toMatchObject({ reason, actor: "system" });
  });

  it("do not act on an intercepted proof that is replayed from elsewhere", async () => {
    const session = await logInWithDevice(sidecar, { ...HOME, tags: ["ip:fixed"] });
    const deviceVerification = await freshProof(sidecar, session.device);
    const overheard = { sessionToken: session.token, ...HOME, deviceVerification };
    expect(await check(overheard)).toMatchObject({ status: 200 });
    expect(await check({ ...overheard, ...AWAY })).toEqual(FAILED);
    const refused = await auditRow(sidecar, session.sessionId, "SessionRefused");
    expect(refused).toMatchObject({ ip_address: AWAY.ipAddress, details: { problem: "replayed" } });
    expect(await check(await proved(sidecar, session))).toMatchObject({ status: 200 });
  });
});

describe("ignoreDeviceForVerification", () => {
  const ignored = { ignoreDeviceForVerification: true };

  it("lets a request pass without a proof, and says that there is a device", async () => {
    const { token } = await logInWithDevice(sidecar);
    const answer = await check({ sessionToken: token, ...ignored });
    expect(answer).toMatchObject({ status: 200, body: { hasDeviceRegistered: true } });
  });

  it("never rotates and never confirms", async () => {
    const session = await logInWithDevice(sidecar);
    await sidecar.advance(3601);
    const before = await rowOf(sidecar, session);
    const data = { sessionToken: session.token, ...ignored };
    expect(await sidecar.run("ValidateAndRefreshSession", data)).not.toHaveProperty("newSessionToken");
    expect(await rowOf(sidecar, session)).toEqual(before);

    const started = await sidecar.run("ValidateAndRefreshSession", await proved(sidecar, session));
    const pending = await rowOf(sidecar, session);
    expect(await sidecar.run("ValidateAndRefreshSession", data)).not.toHaveProperty("newSessionToken");
    for (const command of ["ValidateSession", "ValidateAndRefreshSession"]) {
      const successor = { sessionToken: started.newSessionToken, ...ignored };
      expect(await sidecar.command(command, successor)).toMatchObject({ status: 200 });
    }
    expect(await rowOf(sidecar, session)).toEqual(pending);
  });

  it("does not change what later user agents are compared with", async () => {
    const session = await logInWithDevice(sidecar, { ...HOME, tags: ["agent:enforce"] });
    const newer = { sessionToken: session.token, ...HOME, userAgent: NEWER_CHROME_ON_MAC, ...ignored };
    expect(await check(newer)).toMatchObject({ status: 200 });
    expect(await check(await proved(sidecar, session))).toMatchObject({ status: 200 });
  });

  it("opens no other check", async () => {
    const session = await logInWithDevice(sidecar, { ...HOME, tags: ["ip:blocked"] });
    const data = { sessionToken: session.token, ...HOME, ...ignored };
    expect(await check({ ...data, ...BLOCKED })).toMatchObject({ status: 403 });
    expect(await check({ ...data, requiredTags: ["no:such"] })).toMatchObject({ status: 401 });
  });
});

describe("require_device: any", () => {
  it("refuses a session without a device, which lives on, and takes it once it has one", async () => {
    const { token, sessionId } = await logIn(sidecar);
    await sidecar.run("UpdateSession", { sessionId, tagsToAdd: ["device:must"] });
    expect(await check({ sessionToken: token })).toEqual(REQUIRED);
    expect(await check({ sessionToken: token, ignoreDeviceForVerification: true })).toEqual(REQUIRED);
    expect(await auditRow(sidecar, sessionId, "SessionRefused")).toMatchObject({
      reason: "DeviceVerificationRequired",
    });

    const device = createDevice();
    await sidecar.run("RegisterDevice", { ...(await freshProof(sidecar, device)), sessionToken: token });
    const deviceVerification = await freshProof(sidecar, device);
    expect(await check({ sessionToken: token, deviceVerification })).toMatchObject({ status: 200 });
  });

  it("is a policy of tags: other sessions need none", async () => {
    const { token } = await logIn(sidecar);
    expect(await refresh(sidecar, token)).toMatchObject({ hasDeviceRegistered: false });
  });
});
