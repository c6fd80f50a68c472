import { beforeAll, describe, expect, it } from "vitest";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { CHROME_ON_ANDROID, CHROME_ON_MAC } from "../user-agents.ts";

const NOT_FOUND = { status: 404, body: { type: "SessionNotFound" } };
let sidecar: TestSidecar;

beforeAll(async () => {
  const brief = { tag: "life:brief", absolute_lifetime_secs: 600 };
  const idle = { tag: "life:idle", inactivity_timeout_secs: 600 };
  const defaults = { max_concurrent_sessions_per_user: 20 };
  sidecar = await startTestSidecar({ config: { defaults, tags: [brief, idle] } });
});

describe("FetchAllSessionsForUser", () => {
  it("lists the user's sessions, the newest first, with all that is known of them", async () => {
    const old = await sidecar.run("CreateSession", { userId: "ada", tags: ["org:acme"], metadata: { a: 1 } });
    const client = { userAgent: CHROME_ON_ANDROID, ipAddress: "::ffff:203.0.113.9" };
    const young = await sidecar.run("CreateSession", { userId: "ada", ...client });
    await sidecar.run("CreateSession", { userId: "eve" });
    const { sessions } = await sidecar.run("FetchAllSessionsForUser", { userId: "ada" });
    const times = (expiresAt: number) => ({
      createdAt: expiresAt - 1_209_600,
      expiresAt,
      lastActivityAt: expiresAt - 1_209_600,
    });
    expect(sessions).toEqual([
      {
        sessionId: young.sessionId,
        userId: "ada",
        ...times(young.expiresAt),
        device: {
          displayName: "Chrome 140 on Android",
          deviceType: "Mobile",
          browser: "Chrome",
          browserVersion: "140.0.0.0",
          os: "Android",
          osVersion: "10",
        },
        ipAddress: "203.0.113.9",
      },
      {
        sessionId: old.sessionId,
        userId: "ada",
        ...times(old.expiresAt),
        device: { displayName: "Unknown device", deviceType: "Unknown" },
        sessionTags: ["org:acme"],
        metadata: { a: 1 },
      },
    ]);
  });

  it("lists nobody's sessions for a user who has none", async () => {
    expect(await sidecar.run("FetchAllSessionsForUser", { userId: "nobody" })).toEqual({ sessions: [] });
  });

  it("lists sessions that carry all of several tags", async () => {
    const both = await sidecar.run("CreateSession", { userId: "bea", tags: ["org:acme", "role:admin"] });
    await sidecar.run("CreateSession", { userId: "bea", tags: ["org:acme"] });
    const list = async (sessionTags: string[]) =>
      (await sidecar.run("FetchAllSessionsForUser", { userId: "bea", sessionTags })).sessions;
    expect(await list([])).toHaveLength(2);
    expect(await list(["org:acme"])).toHaveLength(2);
    expect(await list(["role:admin", "org:acme"])).toMatchObject([{ sessionId: both.sessionId }]);
    expect(await list(["role:admin", "org:other"])).toEqual([]);
  });
});

describe("FetchAllSessions", () => {
  it("gives pages of fifty, each session once", async () => {
    const tag = "page:test";
    const users = ["p1", "p2", "p3", "p4", "p5", "p6"];
    for (const userId of users) {
      for (let index = 0; index < 20; index++) await sidecar.run("CreateSession", { userId, tags: [tag] });
    }
    const pages = [];
    for (const page of [0, 1, 2, 3]) {
      pages.push(await sidecar.run("FetchAllSessions", { sessionTags: [tag], page }));
    }
    expect(pages).toMatchObject([
      { page: 0, pageSize: 50, totalCount: 120, hasMoreResults: true },
      { page: 1, pageSize: 50, totalCount: 120, hasMoreResults: true },
      { page: 2, pageSize: 50, totalCount: 120, hasMoreResults: false },
      { page: 3, pageSize: 50, totalCount: 120, hasMoreResults: false },
    ]);
    expect(pages.map(({ items }) => items.length)).toEqual([50, 50, 20, 0]);
    const items = pages.flatMap((page) => page.items);
    expect(new Set(items.map(({ sessionId }) => sessionId)).size).toBe(120);
    const times = items.map(({ createdAt }) => createdAt);
    expect(times).toEqual([...times].sort((a, b) => b - a));
    expect(await sidecar.run("FetchAllSessions", { sessionTags: [tag] })).toEqual(pages[0]);
  });

  it("filters by user and tags", async () => {
    const { sessionId } = await sidecar.run("CreateSession", { userId: "cleo", tags: ["org:acme", "role:x"] });
    await sidecar.run("CreateSession", { userId: "cleo" });
    await sidecar.run("CreateSession", { userId: "dan", tags: ["role:x"] });
    expect(await sidecar.run("FetchAllSessions", { userId: "cleo" })).toMatchObject({ totalCount: 2 });
    expect(await sidecar.run("FetchAllSessions", { userId: "cleo", sessionTags: ["role:x"] })).toMatchObject({
      totalCount: 1,
      items: [{ sessionId }],
    });
    expect(await sidecar.run("FetchAllSessions", { sessionTags: ["role:x"] })).toMatchObject({ totalCount: 2 });
  });
});

describe("FetchSessionById", () => {
  it("gives what the list gives", async () => {
    const data = { userId: "fay", tags: ["a:b"], metadata: [1], userAgent: CHROME_ON_MAC, ipAddress: "2001:DB8::0:1" };
    const { sessionId } = await sidecar.run("CreateSession", data);
    const session = await sidecar.run("FetchSessionById", { sessionId });
    expect(session.ipAddress).toBe("2001:db8::1");
    expect(await sidecar.run("FetchAllSessionsForUser", { userId: "fay" })).toEqual({ sessions: [session] });
  });

  it.each(["", "x", "00000000-0000-4000-8000-000000000000", "'; DROP TABLE byo.sessions; --"])(
    "does not find %j",
    async (sessionId) => {
      expect(await sidecar.command("FetchSessionById", { sessionId })).toEqual(NOT_FOUND);
    },
  );

  it("knows one spelling of an id", async () => {
    const { sessionId } = await sidecar.run("CreateSession", { userId: "gus" });
    for (const spelling of [
      sessionId.toUpperCase(),
      `{${sessionId}}`,
      sessionId.replaceAll("-", ""),
      ` ${sessionId}`,
    ]) {
      expect(await sidecar.command("FetchSessionById", { sessionId: spelling })).toEqual(NOT_FOUND);
    }
  });
});

describe("a session that is over", () => {
  async function isGone(userId: string, sessionId: string): Promise<void> {
    expect(await sidecar.command("FetchSessionById", { sessionId })).toEqual(NOT_FOUND);
    expect(await sidecar.run("FetchAllSessionsForUser", { userId })).toEqual({ sessions: [] });
    expect((await sidecar.run("FetchAllSessions", { userId })).items).toEqual([]);
  }

  it("is not listed after logout", async () => {
    const { sessionId, sessionToken } = await sidecar.run("CreateSession", { userId: "hal" });
    await sidecar.run("InvalidateSessionByToken", { sessionToken });
    await isGone("hal", sessionId);
  });

  it("is not listed after its absolute end, which nobody has noticed yet", async () => {
    const { sessionId } = await sidecar.run("CreateSession", { userId: "ida", tags: ["life:brief"] });
    await sidecar.advance(600);
    await isGone("ida", sessionId);
  });

  it("is not listed after its inactivity timeout, which nobody has noticed yet", async () => {
    const { sessionId } = await sidecar.run("CreateSession", { userId: "jo", tags: ["life:idle"] });
    await sidecar.advance(600);
    await isGone("jo", sessionId);
  });
});
