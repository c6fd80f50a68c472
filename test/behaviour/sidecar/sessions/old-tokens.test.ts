import { beforeAll, describe, expect, it } from "vitest";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { auditRow, auditRows } from "../audit-trail.ts";
import { type Client, invalid, logIn, refresh, rotatedOnce, successorOf, validate } from "../login.ts";
import { CHROME_ON_MAC, NEWER_CHROME_ON_MAC } from "../user-agents.ts";

const INTERVAL_SECS = 3600;
const GRACE_SECS = 60;
const HOME: Client = { ipAddress: "203.0.113.9", userAgent: CHROME_ON_MAC };
const AWAY: Client = { ipAddress: "198.51.100.7", userAgent: CHROME_ON_MAC };

let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar();
});

describe("the token before, within the grace", () => {
  it("is valid and gets no token, whichever client presents it", async () => {
    const { first, second } = await rotatedOnce(sidecar);
    await sidecar.advance(GRACE_SECS / 2);
    for (const client of [{}, HOME, AWAY]) {
      expect(await refresh(sidecar, first, client)).not.toHaveProperty("newSessionToken");
    }
    expect(await validate(sidecar, second)).toMatchObject({ status: 200 });
  });

  it("is exchanged for the current one by the client that confirmed it", async () => {
    const { first, second } = await rotatedOnce(sidecar, HOME);
    expect((await refresh(sidecar, first, HOME)).newSessionToken).toBe(second);
    expect((await validate(sidecar, first, HOME)).body).not.toHaveProperty("newSessionToken");
  });

  it.each([
    ["another address", AWAY],
    ["another user agent", { ...HOME, userAgent: NEWER_CHROME_ON_MAC }],
  ])("is not exchanged for a client with %s", async (_, client) => {
    const { first } = await rotatedOnce(sidecar, HOME);
    expect(await refresh(sidecar, first, client)).not.toHaveProperty("newSessionToken");
  });

  it("is not exchanged where the address or the user agent was not passed", async () => {
    for (const client of [{ ipAddress: HOME.ipAddress }, { userAgent: HOME.userAgent }, {}]) {
      const { first } = await rotatedOnce(sidecar, client);
      expect(await refresh(sidecar, first, client)).not.toHaveProperty("newSessionToken");
    }
  });

  it("keeps the session as sessionTokenToKeep", async () => {
    const { first, second } = await rotatedOnce(sidecar);
    const { userId } = await refresh(sidecar, second);
    const data = { userId, sessionTokenToKeep: first };
    expect(await sidecar.run("InvalidateAllSessionsForUserExceptOne", data)).toEqual({ sessionsInvalidated: 0 });
    expect(await validate(sidecar, second)).toMatchObject({ status: 200 });
  });
});

describe("a token that is presented after its time", () => {
  it("ends the session for both who hold it, and the trail says who they are", async () => {
    const thief: Client = { ipAddress: "198.51.100.7", userAgent: NEWER_CHROME_ON_MAC };
    const { sessionId, first, second } = await rotatedOnce(sidecar, HOME);
    await sidecar.advance(GRACE_SECS + 1);
    expect(await validate(sidecar, first, thief)).toEqual(invalid("TokenReused"));
    expect(await validate(sidecar, second, HOME)).toEqual(invalid("TokenReused"));
    expect(await auditRow(sidecar, sessionId, "SessionEnded")).toMatchObject({
      reason: "TokenReused",
      actor: "system",
      ip_address: thief.ipAddress,
      user_agent: thief.userAgent,
      details: { rotatedByIpAddress: HOME.ipAddress, rotatedByUserAgent: HOME.userAgent },
    });
  });

  it("is recognised three generations later", async () => {
    const { first, second } = await rotatedOnce(sidecar);
    let token = second;
    for (const generation of ["00000003", "00000004"]) {
      await sidecar.advance(INTERVAL_SECS + 1);
      token = await successorOf(sidecar, token);
      expect(token).toContain(`.${generation}.`);
      await refresh(sidecar, token);
    }
    expect(await validate(sidecar, first)).toEqual(invalid("TokenReused"));
    expect(await validate(sidecar, token)).toEqual(invalid("TokenReused"));
  });

  it("ends the session also while the next successor is pending", async () => {
    const { first, second } = await rotatedOnce(sidecar);
    await sidecar.advance(INTERVAL_SECS + 1);
    const third = await successorOf(sidecar, second);
    expect(await validate(sidecar, first)).toEqual(invalid("TokenReused"));
    expect(await validate(sidecar, third)).toEqual(invalid("TokenReused"));
  });

  it("ends nothing as sessionTokenToKeep", async () => {
    const { first, second } = await rotatedOnce(sidecar);
    const { userId } = await refresh(sidecar, second);
    await sidecar.advance(GRACE_SECS + 1);
    const data = { userId, sessionTokenToKeep: first };
    expect(await sidecar.command("InvalidateAllSessionsForUserExceptOne", data)).toMatchObject({ status: 400 });
    expect(await validate(sidecar, second)).toMatchObject({ status: 200 });
  });
});

describe("a token that was never issued", () => {
  it.each([
    ["of this generation", (gen: number) => gen],
    ["of the next one", (gen: number) => gen + 1],
    ["of the one before", (gen: number) => gen - 1],
    ["of one far ahead", (gen: number) => gen + 1000],
  ])("%s is unknown, and harms nobody", async (_, generation) => {
    const { sessionId, second } = await rotatedOnce(sidecar);
    await sidecar.advance(INTERVAL_SECS + 1);
    await successorOf(sidecar, second);
    const other = await logIn(sidecar);
    const [head] = second.split(".");
    const [, , tag, secret] = other.token.split(".");
    const forged = [head, generation(2).toString(16).padStart(8, "0"), tag, secret].join(".");
    const before = await auditRows(sidecar, { sessionId });
    expect(await validate(sidecar, forged)).toEqual(invalid("NotFound"));
    expect(await validate(sidecar, second)).toMatchObject({ status: 200 });
    expect(await auditRows(sidecar, { sessionId })).toEqual(before);
  });
});

describe("logging out", () => {
  it.each(["an old", "the previous", "the current", "the pending"] as const)("works with %s token", async (which) => {
    const { first, second } = await rotatedOnce(sidecar);
    await sidecar.advance(INTERVAL_SECS + 1);
    const third = await successorOf(sidecar, second);
    await refresh(sidecar, third);
    await sidecar.advance(INTERVAL_SECS + 1);
    const fourth = await successorOf(sidecar, third);
    const sessionToken = { "an old": first, "the previous": second, "the current": third, "the pending": fourth }[
      which
    ];
    await sidecar.run("InvalidateSessionByToken", { sessionToken });
    for (const token of [first, second, third, fourth]) {
      expect(await validate(sidecar, token)).toEqual(invalid("LoggedOut"));
    }
  });
});
