import type { ValidateSessionData } from "@byo-session/core/contract";
import { beforeAll, describe, expect, it } from "vitest";
import { createDevice } from "../../../../sidecar/test/devices/forge.ts";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { auditRow, auditRows } from "../audit-trail.ts";
import {
  challengeFor,
  FAILED,
  freshProof,
  logInWithDevice,
  proofOf,
  proved,
  REQUIRED,
  rawRowOf,
} from "../bound-session.ts";
import { invalid, logIn } from "../login.ts";
import { CHROME_ON_MAC } from "../user-agents.ts";

const HOME = { ipAddress: "203.0.113.9", userAgent: CHROME_ON_MAC };
const AWAY = { ipAddress: "198.51.100.7", userAgent: CHROME_ON_MAC };
const BLOCKED = { ipAddress: "192.0.2.66", userAgent: CHROME_ON_MAC };
const COMMANDS = ["ValidateSession", "ValidateAndRefreshSession"] as const;

let sidecar: TestSidecar;

beforeAll(async () => {
  const tags = [
    { tag: "ip:blocked", ip_blocklist: [BLOCKED.ipAddress] },
    { tag: "life:brief", absolute_lifetime_secs: 600 },
  ];
  sidecar = await startTestSidecar({ config: { tags } });
});

const check = (data: ValidateSessionData) => sidecar.command("ValidateSession", data);

describe.each(COMMANDS)("%s of a session with a device", (command) => {
  it("takes a proof of its key", async () => {
    const session = await logInWithDevice(sidecar, HOME);
    const answer = await sidecar.command(command, await proved(sidecar, session));
    expect(answer).toMatchObject({ status: 200, body: { sessionId: session.sessionId, hasDeviceRegistered: true } });
  });

  it.each<[string, (data: ValidateSessionData) => ValidateSessionData, object, string | null, string?]>([
    ["no proof", ({ deviceVerification: _, ...data }) => data, REQUIRED, null, "DeviceProofMissing"],
    ["an empty proof", (data) => ({ ...data, deviceVerification: { signedDeviceChallenge: "" } }), FAILED, "malformed"],
    ["a proof for another method", (data) => withProof(data, { requestMethod: "PUT" }), FAILED, "method"],
    ["a proof for another URL", (data) => withProof(data, { requestUrl: "https://a.example/" }), FAILED, "url"],
  ])(
    "refuses %s, changes nothing and lets the session live",
    async (_, spoil, refusal, problem, event = "SessionRefused") => {
      const session = await logInWithDevice(sidecar, HOME);
      await sidecar.advance(3601);
      const good = await proved(sidecar, session);
      const before = await rawRowOf(sidecar, session);
      expect(await sidecar.command(command, spoil(good))).toEqual(refusal);
      expect(await rawRowOf(sidecar, session)).toEqual(before);
      const { reason, details } = await auditRow(sidecar, session.sessionId, event);
      expect([{ type: reason }, details]).toEqual([
        expect.objectContaining({ type: (refusal as typeof FAILED).body.type }),
        problem && { problem },
      ]);
      expect(await sidecar.command(command, good)).toMatchObject({ status: 200 });
    },
  );

  it("refuses a proof of another key, whatever its challenge", async () => {
    const session = await logInWithDevice(sidecar, HOME);
    const [thief, stale] = [createDevice(), await challengeFor(sidecar, HOME)];
    await sidecar.advance(601);
    const before = await rawRowOf(sidecar, session);
    for (const challenge of [stale, await challengeFor(sidecar, HOME), await challengeFor(sidecar, AWAY), "invented"]) {
      const deviceVerification = proofOf(thief, challenge);
      expect(await sidecar.command(command, { sessionToken: session.token, ...HOME, deviceVerification })).toEqual(
        FAILED,
      );
    }
    expect(await rawRowOf(sidecar, session)).toEqual(before);
    const refused = await auditRow(sidecar, session.sessionId, "SessionRefused");
    expect(refused).toMatchObject({ details: { problem: "other-key" } });
  });

  it.each([
    ["expired", {}, 601],
    ["other-client", AWAY, 0],
  ])(
    "answers a good proof over a challenge that is %s with a new one, and changes nothing",
    async (problem, madeFor, ageSecs) => {
      const session = await logInWithDevice(sidecar, HOME);
      const deviceVerification = await freshProof(sidecar, session.device, madeFor);
      await sidecar.advance(ageSecs);
      const before = await rawRowOf(sidecar, session);
      const answer = await sidecar.command(command, { sessionToken: session.token, ...HOME, deviceVerification });
      expect(answer).toEqual({
        status: 425,
        body: {
          type: "NewDeviceChallengeRequired",
          details: { deviceChallenge: expect.any(String), expiresAt: expect.any(Number) },
        },
      });
      expect(await rawRowOf(sidecar, session)).toEqual(before);
      const refused = await auditRow(sidecar, session.sessionId, "SessionRefused");
      expect(refused).toMatchObject({ reason: "NewDeviceChallengeRequired", details: { problem } });
    },
  );
});

function withProof({ deviceVerification, ...data }: ValidateSessionData, changes: object): ValidateSessionData {
  return { ...data, deviceVerification: { signedDeviceChallenge: "", ...deviceVerification, ...changes } };
}

describe("the proof is looked at", () => {
  it("after the secret: an invented token says nothing of devices", async () => {
    const session = await logInWithDevice(sidecar);
    const sessionToken = `${session.token.slice(0, -43)}${"A".repeat(43)}`;
    expect(await check({ sessionToken })).toEqual(invalid("NotFound"));
    expect(await check(await proved(sidecar, session, { sessionToken }))).toEqual(invalid("NotFound"));
    expect((await auditRows(sidecar, session)).map(({ event }) => event)).toEqual(["SessionCreated"]);
  });

  it("after the end of the session", async () => {
    const ended = await logInWithDevice(sidecar);
    await sidecar.run("InvalidateSessionById", { sessionId: ended.sessionId });
    expect(await check({ sessionToken: ended.token })).toEqual(invalid("Revoked"));
    const expired = await logInWithDevice(sidecar, { tags: ["life:brief"] });
    await sidecar.advance(601);
    expect(await check({ sessionToken: expired.token })).toEqual(invalid("Expired"));
  });

  it("before the address, the tags and the user agent", async () => {
    const session = await logInWithDevice(sidecar, { ...HOME, tags: ["ip:blocked"] });
    const wrong = { sessionToken: session.token, ...BLOCKED, requiredTags: ["no:such"] };
    expect(await check(wrong)).toEqual(REQUIRED);
    expect(await check(await proved(sidecar, session, BLOCKED))).toMatchObject({ status: 403 });
    expect(await check({ sessionToken: session.token })).toEqual(REQUIRED);
  });

  it("and is not used up by a request that is refused for another reason", async () => {
    const session = await logInWithDevice(sidecar, HOME);
    const data = await proved(sidecar, session);
    expect(await check({ ...data, requiredTags: ["no:such"] })).toEqual(invalid("MissingRequiredTag: no:such"));
    expect(await check(data)).toMatchObject({ status: 200 });
    expect(await check(data)).toEqual(FAILED);
  });

  it("not at all where the session has no device", async () => {
    const { token } = await logIn(sidecar);
    const deviceVerification = { signedDeviceChallenge: "nonsense" };
    expect(await check({ sessionToken: token, deviceVerification })).toMatchObject({
      status: 200,
      body: { hasDeviceRegistered: false },
    });
  });
});
