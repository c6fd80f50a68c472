import { beforeAll, describe, expect, it } from "vitest";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { databaseState } from "../database-state.ts";
import { CHROME_ON_MAC } from "../user-agents.ts";

const LIFETIME_SECS = 1_209_600;
let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar();
});

describe("CreateSession", () => {
  it("answers the id, the token and the absolute end, and nothing else", async () => {
    const before = Math.floor(Date.now() / 1000);
    const { status, body } = await sidecar.command("CreateSession", { userId: "ada" });
    expect(status).toBe(200);
    expect(Object.keys(body).sort()).toEqual(["expiresAt", "sessionId", "sessionToken"]);
    expect(body.sessionId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.isInteger(body.expiresAt)).toBe(true);
    expect(Number(body.expiresAt) - before - LIFETIME_SECS).toBeOneOf([0, 1, 2]);
  });

  it("makes tokens that scanners know and URLs can carry, with 256 random bits", async () => {
    const { sessionToken } = await sidecar.run("CreateSession", { userId: "ada" });
    expect(sessionToken).toMatch(/^byo_sess_[\w-]{22}\.00000001\.[\w-]{22}\.[\w-]{43}$/);
    expect(sessionToken.length).toBeLessThanOrEqual(256);
  });

  it("makes a new session and token at each login", async () => {
    const first = await sidecar.run("CreateSession", { userId: "bea" });
    const second = await sidecar.run("CreateSession", { userId: "bea" });
    expect(second.sessionId).not.toBe(first.sessionId);
    expect(second.sessionToken.slice(-43)).not.toBe(first.sessionToken.slice(-43));
  });

  it("adopts no token and no id that the caller brings", async () => {
    const { sessionToken, sessionId } = await sidecar.run("CreateSession", { userId: "eve" });
    const { body } = await sidecar.command("CreateSession", { userId: "cleo", sessionToken, sessionId, id: sessionId });
    expect(body.sessionToken).not.toBe(sessionToken);
    expect(body.sessionId).not.toBe(sessionId);
    expect(await sidecar.run("ValidateSession", { sessionToken })).toMatchObject({ userId: "eve" });
  });

  it("keeps user, tags, metadata, address and user agent as they were sent", async () => {
    const metadata = { name: "Ünï\u2028 🦊", list: [1, 2.5, -0.001, null, true], empty: {}, __proto__: null };
    const data = {
      userId: "dan\n🦊",
      tags: ["org:acme", "type:a:b"],
      userAgent: CHROME_ON_MAC,
      ipAddress: "203.0.113.9",
    };
    const { sessionId } = await sidecar.run("CreateSession", { ...data, metadata });
    expect(await sidecar.run("FetchSessionById", { sessionId })).toMatchObject({
      userId: data.userId,
      sessionTags: data.tags,
      metadata,
      ipAddress: data.ipAddress,
      device: { displayName: "Chrome 140 on macOS", deviceType: "Desktop", browser: "Chrome", os: "macOS" },
    });
  });

  it("keeps one of equal tags", async () => {
    const { sessionId } = await sidecar.run("CreateSession", { userId: "fay", tags: ["a:1", "b:2", "a:1"] });
    expect(await sidecar.run("FetchSessionById", { sessionId })).toMatchObject({ sessionTags: ["a:1", "b:2"] });
  });

  it("keeps no secret, in whatever form", async () => {
    const { sessionToken } = await sidecar.run("CreateSession", { userId: "gus" });
    const secret = sessionToken.slice(-43);
    const [row] = await sidecar.sql<{ dump: string }>(
      "SELECT string_agg(s::text, '\n') AS dump FROM byo.sessions s WHERE user_id = 'gus'",
    );
    expect(row?.dump).toContain("gus");
    expect(row?.dump).not.toContain(secret);
    expect(row?.dump).not.toContain(Buffer.from(secret, "base64url").toString("hex"));
    expect(sidecar.logText()).not.toContain(secret);
  });

  it.each([
    ["no type", ":acme"],
    ["no value", "org:"],
    ["no colon", "acme"],
    ["nothing", ""],
    ["whitespace", "org:ac me"],
    ["a line break", "org:acme\n"],
  ])("refuses a tag with %s, by name, and creates nothing", async (_, tag) => {
    const before = await databaseState(sidecar);
    expect(await sidecar.command("CreateSession", { userId: "hal", tags: ["org:fine", tag] })).toEqual({
      status: 400,
      body: { type: "TagParseError", details: { InvalidTagFormat: tag } },
    });
    expect(await databaseState(sidecar)).toEqual(before);
  });

  it.each(["999.1.1.1", "010.0.0.1", "fe80::1%eth0", "1.2", "", "localhost", "203.0.113.9/32", " 203.0.113.9"])(
    "refuses %j as an address and creates no session",
    async (ipAddress) => {
      const before = await databaseState(sidecar);
      expect(await sidecar.command("CreateSession", { userId: "ida", ipAddress })).toEqual({
        status: 403,
        body: { type: "IpAddressError", details: "Malformed" },
      });
      expect((await databaseState(sidecar)).content_of_sessions).toBe(before.content_of_sessions);
    },
  );
});

describe("CreateSession for a session of another library", () => {
  const HOUR_SECS = 3600;
  const now = async () => {
    const [row] = await sidecar.sql<{ secs: number }>("SELECT floor(extract(epoch FROM byo.now()))::float8 AS secs");
    return row?.secs ?? 0;
  };

  it("accepts each only once", async () => {
    const created = await sidecar.run("CreateSession", { userId: "jo", legacyId: "old-1" });
    expect(created.legacyIdRecorded).toBe(true);
    await sidecar.run("InvalidateSessionByToken", { sessionToken: created.sessionToken });
    expect(await sidecar.command("CreateSession", { userId: "jo", legacyId: "old-1" })).toEqual({
      status: 409,
      body: { type: "LegacySessionUsed" },
    });
    expect(await sidecar.run("FetchAllSessionsForUser", { userId: "jo" })).toEqual({ sessions: [] });
    expect(await sidecar.command("CreateSession", { userId: "jo", legacyId: "old-2" })).toMatchObject({ status: 200 });
  });

  it("takes it once when it comes many times at once", async () => {
    const data = { userId: "kim", legacyId: "old-race" };
    const logins = await Promise.all(Array.from({ length: 10 }, () => sidecar.command("CreateSession", data)));
    expect(logins.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(409)]);
    expect((await sidecar.run("FetchAllSessionsForUser", { userId: "kim" })).sessions).toHaveLength(1);
  });

  it("counts the lifetime from when the user logged in there", async () => {
    const authenticatedAt = (await now()) - 24 * HOUR_SECS;
    const created = await sidecar.run("CreateSession", { userId: "lee", legacyId: "old-3", authenticatedAt });
    expect(created.expiresAt).toBe(authenticatedAt + LIFETIME_SECS);
    const session = await sidecar.run("ValidateSession", { sessionToken: created.sessionToken });
    expect(session).toMatchObject({ createdAt: authenticatedAt, expiresAt: authenticatedAt + LIFETIME_SECS });
  });

  it("treats a login in the future as one now, and ignores the time without a legacy id", async () => {
    const [start, later] = [await now(), (await now()) + HOUR_SECS];
    for (const data of [{ legacyId: "old-4", authenticatedAt: later }, { authenticatedAt: start - HOUR_SECS }]) {
      const created = await sidecar.run("CreateSession", { userId: "mia", ...data });
      expect(created.expiresAt - start - LIFETIME_SECS).toBeGreaterThanOrEqual(0);
      expect(created.expiresAt - start - LIFETIME_SECS).toBeLessThan(60);
    }
  });

  it("creates no session from one that would be over by now, and changes nothing", async () => {
    const before = await databaseState(sidecar);
    const data = { userId: "nia", legacyId: "old-5", authenticatedAt: (await now()) - LIFETIME_SECS };
    expect(await sidecar.command("CreateSession", data)).toEqual({
      status: 409,
      body: { type: "LegacySessionExpired" },
    });
    expect(await databaseState(sidecar)).toEqual(before);
  });
});
