import { beforeAll, describe, expect, it } from "vitest";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { auditRow, auditRows } from "../audit-trail.ts";
import { type Client, invalid, logIn, refresh, rotatedOnce, successorOf, validate } from "../login.ts";
import { CHROME_ON_MAC } from "../user-agents.ts";

const INTERVAL_SECS = 3600;
const GRACE_SECS = 60;
const PENDING_MAX_SECS = 86_400;
const HOME: Client = { ipAddress: "203.0.113.9", userAgent: CHROME_ON_MAC };
const AWAY: Client = { ipAddress: "198.51.100.7", userAgent: CHROME_ON_MAC };

let sidecar: TestSidecar;

beforeAll(async () => {
  const tags = [
    { tag: "rotation:off", rotation_interval_secs: 0 },
    { tag: "rotation:fast", rotation_interval_secs: 30 },
  ];
  sidecar = await startTestSidecar({ config: { tags } });
});

describe("a token that is due", () => {
  it("gets a successor after the interval, not before", async () => {
    const { token } = await logIn(sidecar);
    await sidecar.advance(INTERVAL_SECS - 60);
    expect(await refresh(sidecar, token)).not.toHaveProperty("newSessionToken");
    await sidecar.advance(61);
    expect(await refresh(sidecar, token)).toMatchObject({
      newSessionToken: expect.stringMatching(/^byo_sess_[\w-]{22}\.00000002\./),
    });
  });

  it("gets the same successor every time and for everyone, until it is used", async () => {
    const { token } = await logIn(sidecar, HOME);
    await sidecar.advance(INTERVAL_SECS + 1);
    const successor = await successorOf(sidecar, token, HOME);
    await sidecar.advance(3 * INTERVAL_SECS);
    expect(await successorOf(sidecar, token, AWAY)).toBe(successor);
    expect(await successorOf(sidecar, token, HOME)).toBe(successor);
  });

  it("is told with its successor how long the session still has, by the database's clock", async () => {
    const { token, expiresAt } = await logIn(sidecar);
    await sidecar.advance(INTERVAL_SECS + 1);
    const { expiresInSecs = 0, ...rest } = await refresh(sidecar, token);
    expect(rest.expiresAt).toBe(expiresAt);
    expect(1_209_600 - INTERVAL_SECS - expiresInSecs).toBeOneOf([1, 2, 3]);
    expect(await sidecar.run("ValidateSession", { sessionToken: token })).not.toHaveProperty("expiresInSecs");
  });

  it("keeps working while its successor is pending: a lost answer costs nothing", async () => {
    const { token } = await logIn(sidecar);
    await sidecar.advance(INTERVAL_SECS + 1);
    await successorOf(sidecar, token);
    await sidecar.advance(INTERVAL_SECS);
    expect(await validate(sidecar, token)).toMatchObject({ status: 200 });
    const successor = await successorOf(sidecar, token);
    expect(await validate(sidecar, successor)).toMatchObject({ status: 200 });
  });

  it("counts the interval from the last confirmation", async () => {
    const { second } = await rotatedOnce(sidecar);
    await sidecar.advance(INTERVAL_SECS - 60);
    expect(await refresh(sidecar, second)).not.toHaveProperty("newSessionToken");
    await sidecar.advance(61);
    expect(await successorOf(sidecar, second)).toContain(".00000003.");
  });

  it("waits until the grace of the last rotation is over", async () => {
    const { token } = await logIn(sidecar, { tags: ["rotation:fast"] });
    await sidecar.advance(31);
    const second = await successorOf(sidecar, token);
    await refresh(sidecar, second);
    await sidecar.advance(31);
    expect(await refresh(sidecar, second)).not.toHaveProperty("newSessionToken");
    await sidecar.advance(GRACE_SECS - 30);
    expect(await successorOf(sidecar, second)).toContain(".00000003.");
  });

  it("is never due where the interval is 0, not even when its tags change", async () => {
    const { token, sessionId } = await logIn(sidecar, { tags: ["rotation:off"] });
    await sidecar.run("UpdateSession", { sessionId, tagsToAdd: ["role:admin"] });
    await sidecar.advance(100 * INTERVAL_SECS);
    expect(await refresh(sidecar, token)).not.toHaveProperty("newSessionToken");
  });

  it("is due at once when the tags have changed", async () => {
    const { token, sessionId } = await logIn(sidecar, { tags: ["role:user"] });
    await sidecar.run("UpdateSession", { sessionId, tagsToAdd: ["role:user"], newMetadata: { a: 1 } });
    expect(await refresh(sidecar, token)).not.toHaveProperty("newSessionToken");
    await sidecar.run("UpdateSession", { sessionId, tagsToAdd: ["role:admin"] });
    const second = await successorOf(sidecar, token);
    expect(await refresh(sidecar, second)).not.toHaveProperty("newSessionToken");
    await sidecar.advance(GRACE_SECS + 1);
    expect(await refresh(sidecar, second)).not.toHaveProperty("newSessionToken");
    await sidecar.run("UpdateSession", { sessionId, tagsToRemove: ["role:user"] });
    expect(await successorOf(sidecar, second)).toContain(".00000003.");
  });

  it("is not rotated by ValidateSession", async () => {
    const { token, sessionId } = await logIn(sidecar);
    await sidecar.advance(INTERVAL_SECS + 1);
    const { body } = await validate(sidecar, token);
    expect(body).not.toHaveProperty("newSessionToken");
    await successorOf(sidecar, token);
    expect((await validate(sidecar, token)).body).not.toHaveProperty("newSessionToken");
    expect(await auditRows(sidecar, { sessionId })).toMatchObject([
      { event: "SessionCreated" },
      { event: "RotationStarted" },
    ]);
  });

  it("keeps the session's id, user, tags, metadata and absolute end", async () => {
    const { token, expiresAt } = await logIn(sidecar, { tags: ["a:b"], metadata: { a: 1 } });
    const before = (await validate(sidecar, token)).body;
    await sidecar.advance(INTERVAL_SECS + 1);
    const second = await successorOf(sidecar, token);
    expect((await validate(sidecar, second)).body).toEqual(before);
    expect(before.expiresAt).toBe(expiresAt);
  });
});

describe("a successor", () => {
  it.each(["ValidateSession", "ValidateAndRefreshSession"] as const)("is confirmed by %s", async (command) => {
    const { token, sessionId } = await logIn(sidecar);
    await sidecar.advance(INTERVAL_SECS + 1);
    const second = await successorOf(sidecar, token);
    const { status, body } = await sidecar.command(command, { sessionToken: second });
    expect(status).toBe(200);
    expect(body).not.toHaveProperty("newSessionToken");
    const [row] = await sidecar.sql("SELECT gen, next_hash FROM byo.sessions WHERE id = $1", [sessionId]);
    expect(row).toEqual({ gen: 2, next_hash: null });
    await sidecar.advance(GRACE_SECS + 1);
    expect(await validate(sidecar, token)).toEqual(invalid("TokenReused"));
  });

  it.each([
    ["a required tag", { requiredTags: ["no:such"] }],
    ["an address", {}],
    ["a user agent", { ipAddress: HOME.ipAddress }],
  ])("is not confirmed by a request that lacks %s", async (_, lacking) => {
    const { token, sessionId } = await logIn(sidecar, HOME);
    await sidecar.advance(INTERVAL_SECS + 1);
    const second = await successorOf(sidecar, token, HOME);
    expect((await validate(sidecar, second, lacking)).status).toBeGreaterThan(400);
    const [row] = await sidecar.sql("SELECT gen FROM byo.sessions WHERE id = $1", [sessionId]);
    expect(row).toEqual({ gen: 1 });
    expect(await validate(sidecar, token, HOME)).toMatchObject({ status: 200 });
  });

  it("keeps the session as sessionTokenToKeep, without being confirmed", async () => {
    const { token, userId } = await logIn(sidecar);
    const other = await logIn(sidecar, { userId });
    await sidecar.advance(INTERVAL_SECS + 1);
    const second = await successorOf(sidecar, token);
    const data = { userId, sessionTokenToKeep: second };
    expect(await sidecar.run("InvalidateAllSessionsForUserExceptOne", data)).toEqual({ sessionsInvalidated: 1 });
    expect(await validate(sidecar, other.token)).toEqual(invalid("Revoked"));
    await sidecar.advance(GRACE_SECS + 1);
    expect(await validate(sidecar, token)).toMatchObject({ status: 200 });
    expect(await successorOf(sidecar, token)).toBe(second);
  });
});

describe("a client that ignores its new cookies", () => {
  it("is refused after rotation_pending_max_secs, and the session lives on", async () => {
    const { token, sessionId } = await logIn(sidecar);
    await sidecar.advance(INTERVAL_SECS + 1);
    const successor = await successorOf(sidecar, token);
    for (let third = 0; third < 3; third++) {
      expect(await refresh(sidecar, token)).toMatchObject({ newSessionToken: successor });
      await sidecar.advance(PENDING_MAX_SECS / 3);
    }
    await sidecar.advance(1);
    const refusal = invalid("Expired: the client never used the successor of this token");
    expect(await validate(sidecar, token)).toEqual(refusal);
    expect(await sidecar.command("ValidateAndRefreshSession", { sessionToken: token })).toEqual(refusal);
    expect(await validate(sidecar, successor)).toMatchObject({ status: 200 });
    expect(await auditRow(sidecar, sessionId, "SessionRefused")).toMatchObject({
      reason: "SuccessorIgnored",
      count: 2,
    });
  });

  it("is not a browser that lost some answers and went to sleep", async () => {
    const { token } = await logIn(sidecar);
    await sidecar.advance(INTERVAL_SECS + 1);
    // A burst of requests in parallel, none of whose answers arrives.
    for (let request = 0; request < 10; request++) await successorOf(sidecar, token);
    await sidecar.advance(2 * PENDING_MAX_SECS);
    const successor = await successorOf(sidecar, token);
    expect(await validate(sidecar, successor)).toMatchObject({ status: 200 });
  });

  it("may validate as often as it likes, for that gives no token", async () => {
    const { token } = await logIn(sidecar);
    await sidecar.advance(INTERVAL_SECS + 1);
    await successorOf(sidecar, token);
    for (let third = 0; third < 4; third++) {
      await sidecar.advance(PENDING_MAX_SECS / 3);
      expect(await validate(sidecar, token)).toMatchObject({ status: 200 });
    }
  });
});

describe("many requests at once", () => {
  it("get one and the same successor at the boundary", async () => {
    const { token, sessionId } = await logIn(sidecar);
    await sidecar.advance(INTERVAL_SECS + 1);
    const answers = await Promise.all(Array.from({ length: 200 }, () => refresh(sidecar, token)));
    expect(new Set(answers.map(({ newSessionToken }) => newSessionToken)).size).toBe(1);
    expect(answers[0]?.newSessionToken).toContain(".00000002.");
    const events = (await auditRows(sidecar, { sessionId })).map(({ event }) => event);
    expect(events).toEqual(["SessionCreated", "RotationStarted"]);
  });

  it("with both tokens succeed while the successor is confirmed", async () => {
    const { token, sessionId } = await logIn(sidecar);
    await sidecar.advance(INTERVAL_SECS + 1);
    const successor = await successorOf(sidecar, token);
    const tokens = Array.from({ length: 60 }, (_, index) => (index % 2 === 0 ? token : successor));
    const answers = await Promise.all(
      tokens.map((each) => sidecar.command("ValidateAndRefreshSession", { sessionToken: each })),
    );
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    const events = (await auditRows(sidecar, { sessionId })).map(({ event }) => event);
    expect(events).toEqual(["SessionCreated", "RotationStarted", "RotationConfirmed"]);
  });

  it("cannot undo a logout", async () => {
    for (let round = 0; round < 5; round++) {
      const { token } = await logIn(sidecar);
      await sidecar.advance(INTERVAL_SECS + 1);
      const successor = await successorOf(sidecar, token);
      await Promise.all([
        sidecar.command("ValidateSession", { sessionToken: successor }),
        sidecar.command("InvalidateSessionByToken", { sessionToken: token }),
        sidecar.command("ValidateSession", { sessionToken: successor }),
      ]);
      expect(await validate(sidecar, token)).toMatchObject({ status: 401 });
      expect(await validate(sidecar, successor)).toMatchObject({ status: 401 });
    }
  });
});
