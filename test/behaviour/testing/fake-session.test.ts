import { type FakeSessionOptions, fakeClient, fakeSession } from "@byo-session/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { type Ask, FRAMEWORKS } from "./frameworks.ts";

describe.each(FRAMEWORKS)("fakeSession() with %s", (_name, start) => {
  let ask: Ask;
  beforeAll(async () => {
    ask = await start(fakeClient);
  });

  it("leaves a request without its headers anonymous", async () => {
    expect(await ask("/me")).toMatchObject({ status: 401, body: { reason: "NoSession" } });
    expect(await ask("/open")).toMatchObject({ status: 200, body: null });
  });

  it("is the requested session", async () => {
    const wished = { userId: "ada", sessionId: "s-1", tags: ["plan:pro"], metadata: { theme: "dark" } };
    const answer = await ask("/me", fakeSession({ ...wished, createdAt: 1_000, expiresAt: 9_000_000_000 }));
    const times = { createdAt: 1_000, authenticatedAt: 1_000, expiresAt: 9_000_000_000 };
    const device = { hasDeviceRegistered: false, deviceEvidence: "none" };
    expect(answer).toMatchObject({ status: 200, body: { ...wished, ...times, ...device } });
  });

  it("is polled like any other, and becomes inactive when the test says so", async () => {
    const nowSecs = Math.floor(Date.now() / 1000);
    const living = fakeSession({ idleExpiresAt: nowSecs + 60 });
    expect(await ask("/poll", living)).toMatchObject({ status: 200, body: { idleExpiresAt: nowSecs + 60 } });
    const over = fakeSession({ idleExpiresAt: nowSecs - 1 });
    expect(await ask("/me", over)).toMatchObject({ status: 401, body: { reason: "Inactive" } });
  });

  it("passes the guards that it should, and no others", async () => {
    expect((await ask("/admin", fakeSession({ tags: ["role:admin"] }))).status).toBe(200);
    expect(await ask("/admin", fakeSession())).toMatchObject({ status: 403, body: { reason: "MissingRequiredTag" } });
    expect((await ask("/vault", fakeSession({ device: "proof" }))).status).toBe(200);
    expect(await ask("/vault", fakeSession())).toMatchObject({ body: { reason: "DeviceVerificationRequired" } });
  });

  it("shows a bound session by a proof, to pages that ask for less by a recent one, and else not at all", async () => {
    const unproved = fakeSession({ device: "unproved" });
    expect(await ask("/me", unproved)).toMatchObject({ status: 401, body: { reason: "DeviceVerificationRequired" } });
    expect((await ask("/page", unproved)).status).toBe(401);
    const recent = fakeSession({ device: "recent" });
    expect((await ask("/me", recent)).status).toBe(401);
    expect(await ask("/page", recent)).toMatchObject({
      status: 200,
      body: { hasDeviceRegistered: true, deviceEvidence: "recent" },
    });
    const proved = await ask("/me", fakeSession({ device: "proof" }));
    expect(proved).toMatchObject({ status: 200, body: { deviceEvidence: "proof" } });
  });

  it.each<[NonNullable<FakeSessionOptions["refused"]>, number]>([
    ["Expired", 401],
    ["Revoked", 401],
    ["TokenReused", 401],
    ["NotFound", 401],
    ["UserAgentMissing", 401],
    ["IpAddressError", 403],
    ["DeviceVerificationFailed", 401],
    ["SidecarUnavailable", 503],
  ])("is refused as %s with %i", async (refused, status) => {
    const { body, ...answer } = await ask("/me", fakeSession({ refused }));
    expect({ status: answer.status, body }).toMatchObject({ status, body: { reason: refused } });
  });

  it("is a user's whom an employee acts as", async () => {
    const impersonator = { employeeEmail: "ada@support.example", userId: "ada" };
    const headers = fakeSession({ userId: "customer", tags: ["role:admin"], metadata: { plan: 1 }, impersonator });
    expect(await ask("/admin", headers)).toMatchObject({
      status: 200,
      body: {
        userId: "customer",
        metadata: { plan: 1 },
        impersonator: { ...impersonator, sessionId: expect.any(String) },
      },
    });
    expect(await ask("/private", headers)).toMatchObject({ status: 403, body: { reason: "ImpersonationRefused" } });
    expect((await ask("/private", fakeSession())).status).toBe(200);
  });

  it("asks for a newer proof if requested", async () => {
    const answer = await ask("/me", fakeSession({ refused: "NewDeviceChallengeRequired" }));
    expect(answer).toMatchObject({ status: 425, body: { errorType: "NewDeviceChallengeRequired" } });
  });

  it("lets the app itself log in, with the cookie of the real middleware", async () => {
    const answer = await ask("/login");
    const [cookie = ""] = [answer.headers["set-cookie"]].flat().map(String);
    expect(cookie).toMatch(/^__Host-sessionToken=\S+; Max-Age=\d+; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    expect(await ask("/me", { cookie: cookie.split(";", 1)[0] ?? "" })).toMatchObject({ body: { userId: "ada" } });
  });
});

it("presents the token as the app takes it", () => {
  expect(fakeSession({ cookieName: "sid" })).toEqual({ cookie: expect.stringMatching(/^sid=fake_session_/) });
  expect(fakeSession({ bearer: true })).toEqual({ authorization: expect.stringMatching(/^Bearer fake_session_/) });
});
