import { beforeAll, describe, expect, it } from "vitest";
import { createDevice } from "../../../../sidecar/test/devices/forge.ts";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { freshProof } from "../bound-session.ts";
import { refresh, successorOf } from "../login.ts";

let sidecar: TestSidecar;

beforeAll(async () => {
  const single = { max_concurrent_sessions_per_user: 1, on_session_limit_exceeded: "reject_new" };
  const tags = [
    { tag: "test:single", ...single },
    { tag: "test:quick", rotation_interval_secs: 30, rotation_grace_secs: 5 },
  ];
  sidecar = await startTestSidecar({ config: { tags } });
});

describe("one old session, turned into a new one by processes that have a secret in common", () => {
  const legacySecret = "what the application alone knows of it";
  const client = { userAgent: "Browser/1", ipAddress: "203.0.113.7" };
  const used = { status: 409, body: { type: "LegacySessionUsed" } };

  it("gives all that come at once one session and one token", async () => {
    const data = { userId: "ola", legacyId: "shared-race", legacySecret, ...client };
    const logins = await Promise.all(Array.from({ length: 10 }, () => sidecar.run("CreateSession", data)));
    expect(new Set(logins.map(({ sessionId }) => sessionId)).size).toBe(1);
    expect(new Set(logins.map(({ sessionToken }) => sessionToken)).size).toBe(1);
    expect(logins.filter(({ legacySessionShared }) => legacySessionShared)).toHaveLength(9);
    const [{ sessionToken, expiresAt } = { sessionToken: "", expiresAt: 0 }] = logins;
    expect(await sidecar.run("ValidateSession", { sessionToken, ...client })).toMatchObject({
      userId: "ola",
      expiresAt,
    });
    expect((await sidecar.run("FetchAllSessionsForUser", { userId: "ola" })).sessions).toHaveLength(1);
  });

  it("also where the new session fills the limit", async () => {
    const data = { userId: "pia", tags: ["test:single"], legacyId: "shared-limit", legacySecret };
    const first = await sidecar.run("CreateSession", data);
    expect(await sidecar.run("CreateSession", data)).toMatchObject({ sessionToken: first.sessionToken });
  });

  it.each<[string, object]>([
    ["another secret", { legacySecret: "what somebody else would like to know of it" }],
    ["no secret", { legacySecret: undefined }],
    ["another user", { userId: "mallory" }],
    ["another browser", { userAgent: "Browser/2" }],
    ["no user agent", { userAgent: undefined }],
    ["another address", { ipAddress: "203.0.113.8" }],
  ])("not with %s", async (_case, other) => {
    const data = { userId: "quin", legacyId: `shared-${_case}`, legacySecret, ...client };
    await sidecar.run("CreateSession", data);
    expect(await sidecar.command("CreateSession", { ...data, ...other })).toEqual(used);
  });

  it.each<[string, (sessionToken: string, userId: string) => Promise<unknown>]>([
    ["the logout", (sessionToken) => sidecar.run("InvalidateSessionByToken", { sessionToken })],
    ["a revocation", (_token, userId) => sidecar.run("InvalidateAllSessionsForUser", { userId })],
    ["a minute", () => sidecar.advance(61)],
  ])("not after %s", async (_case, change) => {
    const userId = `rue-${_case}`;
    const data = { userId, legacyId: userId, legacySecret };
    const { sessionToken } = await sidecar.run("CreateSession", data);
    await change(sessionToken, userId);
    expect(await sidecar.command("CreateSession", data)).toEqual(used);
  });

  it("not once the session has a device", async () => {
    const data = { userId: "sol", legacyId: "shared-device", legacySecret };
    const { sessionToken } = await sidecar.run("CreateSession", data);
    await sidecar.run("RegisterDevice", { sessionToken, ...(await freshProof(sidecar, createDevice())) });
    expect(await sidecar.command("CreateSession", data)).toEqual(used);
  });

  it("rotates as every session does", async () => {
    const data = { userId: "tom", tags: ["test:quick"], legacyId: "shared-rotated", legacySecret };
    const { sessionToken } = await sidecar.run("CreateSession", data);
    await sidecar.advance(31);
    const successor = await successorOf(sidecar, sessionToken);
    await refresh(sidecar, successor);
    expect(await sidecar.command("CreateSession", data)).toEqual(used);
    expect(await sidecar.run("ValidateSession", { sessionToken: successor })).toMatchObject({ userId: "tom" });
  });
});
