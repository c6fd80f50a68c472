import { beforeAll, describe, expect, it } from "vitest";
import { startTestReplicas, startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { invalid, logIn, refresh, validate } from "../login.ts";

const TIMEOUT_SECS = 600;
const config = {
  defaults: { absolute_lifetime_secs: 10_000 },
  tags: [
    { tag: "life:idle", inactivity_timeout_secs: TIMEOUT_SECS },
    { tag: "life:long-idle", inactivity_timeout_secs: 20_000 },
  ],
};
const IDLE = { tags: ["life:idle"] };
let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar({ config });
});

describe("a request that is no activity", () => {
  it("does not put off the inactivity timeout, of either kind", async () => {
    const { token } = await logIn(sidecar, IDLE);
    for (const command of ["ValidateSession", "ValidateAndRefreshSession"] as const) {
      await sidecar.advance(TIMEOUT_SECS / 3);
      const answer = await sidecar.command(command, { sessionToken: token, activity: "none" });
      expect(answer).toMatchObject({ status: 200, body: { countedAsActivity: false } });
    }
    await sidecar.advance(TIMEOUT_SECS / 3);
    expect(await validate(sidecar, token, { activity: "none" })).toEqual(invalid("Inactive"));
  });

  it("changes nothing that is shown of the last use", async () => {
    const { token, sessionId } = await logIn(sidecar);
    const before = (await sidecar.run("FetchSessionById", { sessionId })).lastActivityAt;
    await sidecar.advance(100);
    expect(await validate(sidecar, token, { activity: "none" })).toMatchObject({ status: 200 });
    expect((await sidecar.run("FetchSessionById", { sessionId })).lastActivityAt).toBe(before);
  });

  it.each(["none", "later"] as const)("is refused like every other: %s", async (activity) => {
    const { token, sessionId } = await logIn(sidecar, { userAgent: "Firefox" });
    expect(await validate(sidecar, token, { activity })).toEqual(invalid("UserAgentMissing"));
    const missing = await validate(sidecar, token, { activity, userAgent: "Firefox", requiredTags: ["no:such"] });
    expect(missing.status).toBe(401);
    await sidecar.run("InvalidateSessionById", { sessionId });
    expect(await validate(sidecar, token, { activity, userAgent: "Firefox" })).toEqual(invalid("Revoked"));
  });

  it("rotates the token like every other", async () => {
    const { token } = await logIn(sidecar);
    await sidecar.advance(3700);
    const { newSessionToken } = await sidecar.run("ValidateAndRefreshSession", {
      sessionToken: token,
      activity: "none",
    });
    expect(newSessionToken).toBeDefined();
  });

  it("is said in two words, and in no other", async () => {
    const { token } = await logIn(sidecar);
    const answer = await sidecar.command("ValidateSession", { sessionToken: token, activity: "never" });
    expect(answer).toMatchObject({ status: 400, body: { details: 'activity: expected "none" or "later"' } });
  });
});

describe("a request that may be activity", () => {
  it("counts as soon as the application says so, and not before", async () => {
    const { token, sessionId } = await logIn(sidecar, IDLE);
    await sidecar.advance(TIMEOUT_SECS - 60);
    expect(await validate(sidecar, token, { activity: "later" })).toMatchObject({ body: { countedAsActivity: false } });
    expect(await sidecar.run("NoteActivity", { sessionId, ipAddress: "203.0.113.9" })).toEqual({});
    await sidecar.advance(TIMEOUT_SECS - 60);
    expect(await sidecar.run("FetchSessionById", { sessionId })).toMatchObject({ sessionId });
    expect(await validate(sidecar, token, { activity: "later" })).toMatchObject({ status: 200 });
    await sidecar.advance(60);
    expect(await validate(sidecar, token, { activity: "later" })).toEqual(invalid("Inactive"));
  });

  it("counts at once where the policy has no inactivity timeout", async () => {
    const { token } = await logIn(sidecar);
    expect(await validate(sidecar, token, { activity: "later" })).toMatchObject({ body: { countedAsActivity: true } });
  });

  it("brings no session back, of whatever end", async () => {
    const { sessionId } = await logIn(sidecar, IDLE);
    await sidecar.advance(TIMEOUT_SECS);
    const unknown = { status: 404, body: { type: "SessionNotFound" } };
    for (const id of [sessionId, "00000000-0000-4000-8000-000000000000", "no id"]) {
      expect(await sidecar.command("NoteActivity", { sessionId: id })).toEqual(unknown);
    }
  });
});

describe("idleExpiresAt", () => {
  it("is told where there is an inactivity timeout: it moves with each use, and never beyond the absolute end", async () => {
    const { token, sessionId, expiresAt } = await logIn(sidecar, IDLE);
    const first = (await sidecar.run("FetchSessionById", { sessionId })).idleExpiresAt ?? Number.NaN;
    expect(first - (expiresAt - 10_000)).toBeGreaterThanOrEqual(TIMEOUT_SECS);
    await sidecar.advance(100);
    const quiet = await sidecar.run("ValidateSession", { sessionToken: token, activity: "none" });
    expect(quiet.idleExpiresAt).toBe(first);
    expect((await refresh(sidecar, token)).idleExpiresAt).toBeGreaterThanOrEqual(first + 100);
    const long = await logIn(sidecar, { tags: ["life:long-idle"] });
    expect(await refresh(sidecar, long.token)).toMatchObject({ idleExpiresAt: long.expiresAt });
    expect(await refresh(sidecar, (await logIn(sidecar)).token)).not.toHaveProperty("idleExpiresAt");
  });

  it("is the moment at which the session ends", async () => {
    const { token } = await logIn(sidecar, IDLE);
    const { timestamp } = await sidecar.run("Ping", {});
    const { idleExpiresAt = 0 } = await sidecar.run("ValidateSession", { sessionToken: token });
    await sidecar.advance(idleExpiresAt - timestamp - 5);
    expect(await validate(sidecar, token, { activity: "none" })).toMatchObject({ status: 200 });
    await sidecar.advance(6);
    expect(await validate(sidecar, token, { activity: "none" })).toEqual(invalid("Inactive"));
  });

  it("counts a use that is noted on this replica and not written yet", async () => {
    const [one] = await startTestReplicas(2, { config });
    if (!one) throw new Error("expected a replica");
    const { token } = await logIn(one, IDLE);
    await one.advance(100);
    const used = await one.run("ValidateSession", { sessionToken: token });
    const quiet = await one.run("ValidateSession", { sessionToken: token, activity: "none" });
    expect(quiet.idleExpiresAt).toBe(used.idleExpiresAt);
  });
});
