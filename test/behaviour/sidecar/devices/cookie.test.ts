import type { ValidateSessionData } from "@byo-session/core/contract";
import { beforeAll, describe, expect, it } from "vitest";
import { createDevice } from "../../../../sidecar/test/devices/forge.ts";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { auditRow, auditRows } from "../audit-trail.ts";
import { type BoundSession, freshProof, logInWithDevice, proved, REQUIRED, rawRowOf, rowOf } from "../bound-session.ts";
import { logIn } from "../login.ts";
import { CHROME_ON_MAC } from "../user-agents.ts";

const HOME = { ipAddress: "203.0.113.9", userAgent: CHROME_ON_MAC };
const COOKIE_SECS = 600;

let sidecar: TestSidecar;

beforeAll(async () => {
  const tags = [
    { tag: "pages:brief", device_cookie_secs: 60 },
    { tag: "idle:soon", inactivity_timeout_secs: 900 },
    { tag: "ip:fixed", disallow_ip_address_changes: true },
  ];
  sidecar = await startTestSidecar({ config: { tags } });
});

const validate = (data: ValidateSessionData) => sidecar.command("ValidateSession", data);
const refresh = (data: ValidateSessionData) => sidecar.command("ValidateAndRefreshSession", data);

/** Proves the device with a request that has the given cookie; returns the new cookie, if any. */
async function prove(session: BoundSession, deviceCookie?: string): Promise<string | undefined> {
  const answer = await sidecar.run("ValidateSession", {
    ...(await proved(sidecar, session)),
    ...(deviceCookie !== undefined && { deviceCookie }),
  });
  return answer.newDeviceCookie?.value;
}

async function boundWithCookie(tags: string[] = []): Promise<{ session: BoundSession; deviceCookie: string }> {
  const session = await logInWithDevice(sidecar, { ...HOME, tags });
  return { session, deviceCookie: (await prove(session, "")) ?? "" };
}

const withCookie = ({ token }: BoundSession, deviceCookie: string): ValidateSessionData => ({
  sessionToken: token,
  ...HOME,
  deviceCookie,
});

describe("a device cookie", () => {
  it("is given with a valid proof on request, and renewed past half of its life", async () => {
    const session = await logInWithDevice(sidecar, HOME);
    expect(await prove(session)).toBeUndefined();
    const first = await prove(session, "");
    expect(first).toMatch(/^[\w-]{60}$/);
    expect(await prove(session, first)).toBeUndefined();
    await sidecar.advance(COOKIE_SECS / 2 + 1);
    expect(await prove(session, first)).toMatch(/^[\w-]{60}$/);
    expect(await prove(session, "of another form")).toMatch(/^[\w-]{60}$/);
  });

  it("comes with a login and with a registration that prove a device", async () => {
    const device = createDevice();
    const login = { userId: "ada", deviceRegistration: await freshProof(sidecar, device), deviceCookie: "" };
    const created = await sidecar.run("CreateSession", login);
    expect(created.newDeviceCookie).toEqual({ value: expect.any(String), lifetimeSecs: COOKIE_SECS });
    const value = created.newDeviceCookie?.value ?? "";
    expect(await validate({ sessionToken: created.sessionToken, deviceCookie: value })).toMatchObject({ status: 200 });

    const { token } = await logIn(sidecar);
    const registered = await sidecar.run("RegisterDevice", {
      sessionToken: token,
      ...(await freshProof(sidecar, device)),
      rememberDevice: false,
      deviceCookie: "",
    });
    expect(
      await validate({ sessionToken: token, deviceCookie: registered.newDeviceCookie?.value ?? "" }),
    ).toMatchObject({ status: 200, body: { deviceEvidence: "recent" } });
  });

  it("reads the session without a proof, in the answer's own words", async () => {
    const { session, deviceCookie } = await boundWithCookie();
    for (const command of [validate, refresh]) {
      expect(await command(withCookie(session, deviceCookie))).toEqual({
        status: 200,
        body: expect.objectContaining({ sessionId: session.sessionId, deviceEvidence: "recent" }),
      });
    }
  });

  it("counts only where the application passes it", async () => {
    const { session } = await boundWithCookie();
    expect(await validate({ sessionToken: session.token, ...HOME })).toEqual(REQUIRED);
  });

  it("changes nothing: no rotation, no confirmation, no activity, no new user agent, no end", async () => {
    const { session, deviceCookie } = await boundWithCookie(["ip:fixed"]);
    await sidecar.advance(3601);
    const again = await prove(session, deviceCookie);
    const { newSessionToken } = await sidecar.run("ValidateAndRefreshSession", await proved(sidecar, session));
    expect(newSessionToken).toEqual(expect.any(String));
    const before = await rowOf(sidecar, session);
    const tokens = [session.token, newSessionToken ?? ""];
    for (const sessionToken of tokens) {
      const data = { ...withCookie(session, again ?? ""), sessionToken };
      expect(await refresh(data)).toEqual({
        status: 200,
        body: expect.not.objectContaining({ newSessionToken: expect.anything() }),
      });
      expect(await refresh({ ...data, ipAddress: "198.51.100.7" })).toMatchObject({ status: 403 });
    }
    expect(await rowOf(sidecar, session)).toEqual(before);
  });

  it("does not keep a session from going idle, and a proof does", async () => {
    const { session, deviceCookie } = await boundWithCookie(["idle:soon"]);
    await sidecar.advance(500);
    expect(await validate(withCookie(session, deviceCookie))).toMatchObject({ status: 200 });
    await sidecar.advance(399);
    const fresh = await prove(session, deviceCookie);
    await sidecar.advance(300);
    expect(await validate(withCookie(session, fresh ?? ""))).toMatchObject({ status: 200 });
    await sidecar.advance(601);
    expect(await validate(await proved(sidecar, session))).toEqual({
      status: 401,
      body: { type: "InvalidSessionToken", details: "Inactive" },
    });
  });

  it("ends with its time, with a tightened policy's, and with its session", async () => {
    const { session, deviceCookie } = await boundWithCookie();
    const brief = await boundWithCookie(["pages:brief"]);
    await sidecar.advance(59);
    expect(await validate(withCookie(brief.session, brief.deviceCookie))).toMatchObject({ status: 200 });
    await sidecar.run("UpdateSession", { sessionId: session.sessionId, tagsToAdd: ["pages:brief"] });
    await sidecar.advance(2);
    for (const one of [brief, { session, deviceCookie }]) {
      expect(await validate(withCookie(one.session, one.deviceCookie))).toEqual(REQUIRED);
    }
    const other = await boundWithCookie();
    await sidecar.run("InvalidateSessionByToken", { sessionToken: other.session.token });
    expect(await validate(withCookie(other.session, other.deviceCookie))).toMatchObject({
      body: { details: "LoggedOut" },
    });
  });

  it("is worthless with another session of the same device, and with a replaced token", async () => {
    const { session, deviceCookie } = await boundWithCookie();
    const other = await logInWithDevice(sidecar, { ...HOME, device: session.device });
    expect(await validate(withCookie(other, deviceCookie))).toEqual(REQUIRED);

    await sidecar.advance(3601);
    const { newSessionToken: sessionToken = "" } = await sidecar.run(
      "ValidateAndRefreshSession",
      await proved(sidecar, session),
    );
    const rotated = { ...session, token: sessionToken };
    const fresh = await prove(rotated, "");
    await sidecar.advance(61);
    expect(await validate(withCookie(session, fresh ?? ""))).toEqual(REQUIRED);
    expect(await validate(withCookie(rotated, fresh ?? ""))).toMatchObject({ status: 200 });
  });

  it("has no effect on a session without a device", async () => {
    const { deviceCookie } = await boundWithCookie();
    const { token } = await logIn(sidecar);
    const { body } = await validate({ sessionToken: token, deviceCookie });
    expect(body).not.toHaveProperty("deviceEvidence");
  });

  it("cannot replace a bad proof", async () => {
    const { session, deviceCookie } = await boundWithCookie();
    const deviceVerification = await freshProof(sidecar, createDevice(), HOME);
    expect(await validate({ ...withCookie(session, deviceCookie), deviceVerification })).toMatchObject({
      status: 401,
      body: { type: "DeviceVerificationFailed" },
    });
  });

  it("from a replica serves on another, and survives a restart", async () => {
    const { session, deviceCookie } = await boundWithCookie();
    const replica = await startTestSidecar({ database: sidecar.database });
    expect(await replica.command("ValidateSession", withCookie(session, deviceCookie))).toMatchObject({ status: 200 });
  });
});

describe("a request without evidence", () => {
  it("is DeviceProofMissing in the trail, once a minute with its count, and changes nothing", async () => {
    const { session, deviceCookie } = await boundWithCookie();
    const before = await rawRowOf(sidecar, session);
    await sidecar.advance(COOKIE_SECS);
    for (const cookie of [undefined, "", "forged"]) {
      const data = { sessionToken: session.token, ...HOME };
      expect(await refresh(cookie === undefined ? data : { ...data, deviceCookie: cookie })).toEqual(REQUIRED);
    }
    expect(await refresh(withCookie(session, deviceCookie))).toEqual(REQUIRED);
    expect(await rawRowOf(sidecar, session)).toEqual(before);
    const row = await auditRow(sidecar, session.sessionId, "DeviceProofMissing");
    expect(row).toMatchObject({ reason: "DeviceVerificationRequired", count: 4 });
    const events = (await auditRows(sidecar, session)).map(({ event }) => event);
    expect(events).not.toContain("SessionRefused");
  });
});
