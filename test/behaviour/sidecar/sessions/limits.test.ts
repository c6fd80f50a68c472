import { beforeAll, describe, expect, it } from "vitest";
import { startTestReplicas, startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { auditRow } from "../audit-trail.ts";
import { databaseState } from "../database-state.ts";
import { invalid, logIn, validate } from "../login.ts";

const config = {
  defaults: { max_concurrent_sessions_per_user: 3 },
  tags: [
    { tag: "full:reject", on_session_limit_exceeded: "reject_new" },
    { tag: "full:newest", on_session_limit_exceeded: "drop_newest" },
    { tag: "full:least", on_session_limit_exceeded: "drop_least_recently_active" },
    { tag: "one:only", max_concurrent_sessions_per_user_per_tag: 1, on_session_limit_exceeded: "reject_new" },
    { tag: "two:only", max_concurrent_sessions_per_user_per_tag: 2 },
    { tag: "life:brief", absolute_lifetime_secs: 600 },
  ],
};
let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar({ config });
});

/** Logs a user in so many times, some seconds apart. */
async function logInTimes(count: number, data: { userId: string; tags?: string[] }) {
  const sessions = [];
  for (let index = 0; index < count; index++) {
    sessions.push(await logIn(sidecar, data));
    await sidecar.advance(10);
  }
  return sessions;
}

async function livingOf(userId: string, from: TestSidecar = sidecar): Promise<string[]> {
  const { sessions } = await from.run("FetchAllSessionsForUser", { userId });
  return sessions.map(({ sessionId }) => sessionId).reverse();
}

describe("a login beyond the user's limit", () => {
  it("ends the oldest session, and the trail says for whom", async () => {
    const [oldest, second, third] = await logInTimes(3, { userId: "ada" });
    const fourth = await logIn(sidecar, { userId: "ada", ipAddress: "203.0.113.9" });
    expect(await livingOf("ada")).toEqual([second?.sessionId, third?.sessionId, fourth.sessionId]);
    expect(await validate(sidecar, oldest?.token ?? "")).toEqual(invalid("SessionLimit"));
    expect(await auditRow(sidecar, oldest?.sessionId ?? "", "SessionEnded")).toMatchObject({
      reason: "SessionLimit",
      actor: "system",
      ip_address: "203.0.113.9",
      details: { by: fourth.sessionId },
    });
  });

  it("is refused with reject_new, and ends nothing", async () => {
    await logInTimes(3, { userId: "bea" });
    const before = await databaseState(sidecar);
    expect(await sidecar.command("CreateSession", { userId: "bea", tags: ["full:reject"] })).toEqual({
      status: 409,
      body: { type: "SessionLimitExceeded", details: { currentCount: 3, maxAllowed: 3 } },
    });
    expect(await databaseState(sidecar)).toEqual(before);
    const [one] = await livingOf("bea");
    await sidecar.run("InvalidateSessionById", { sessionId: one ?? "" });
    await logIn(sidecar, { userId: "bea", tags: ["full:reject"] });
  });

  it("ends the newest session that exists already with drop_newest", async () => {
    const [first, second] = await logInTimes(3, { userId: "cleo" });
    const fourth = await logIn(sidecar, { userId: "cleo", tags: ["full:newest"] });
    expect(await livingOf("cleo")).toEqual([first?.sessionId, second?.sessionId, fourth.sessionId]);
  });

  it("ends the one that was not used for longest with drop_least_recently_active, by uses of this minute too", async () => {
    const [first, second, third] = await logInTimes(3, { userId: "dan" });
    for (const session of [second, first]) {
      await validate(sidecar, session?.token ?? "");
      await sidecar.advance(2);
    }
    const fourth = await logIn(sidecar, { userId: "dan", tags: ["full:least"] });
    expect(await validate(sidecar, third?.token ?? "")).toEqual(invalid("SessionLimit"));
    const fifth = await logIn(sidecar, { userId: "dan", tags: ["full:least"] });
    expect(await livingOf("dan")).toEqual([first?.sessionId, fourth.sessionId, fifth.sessionId]);
  });

  it("counts no session that is over, and no other user's", async () => {
    const [first, second, third] = await logInTimes(3, { userId: "eve", tags: ["life:brief"] });
    await sidecar.run("InvalidateSessionById", { sessionId: first?.sessionId ?? "" });
    await logInTimes(3, { userId: "eve2" });
    await logIn(sidecar, { userId: "eve", tags: ["full:reject"] });
    expect(await validate(sidecar, second?.token ?? "")).toMatchObject({ status: 200 });
    // Expired, which nobody has noticed yet.
    await sidecar.advance(601);
    await logIn(sidecar, { userId: "eve", tags: ["full:reject"] });
    await logIn(sidecar, { userId: "eve", tags: ["full:reject"] });
    expect(await validate(sidecar, third?.token ?? "")).toEqual(invalid("Expired"));
  });
});

describe("a login beyond the limit of a tag", () => {
  it("counts the user's sessions with that tag", async () => {
    await logIn(sidecar, { userId: "fay" });
    const tagged = await logIn(sidecar, { userId: "fay", tags: ["one:only"] });
    expect(await sidecar.command("CreateSession", { userId: "fay", tags: ["one:only", "a:b"] })).toEqual({
      status: 409,
      body: { type: "SessionLimitExceeded", details: { currentCount: 1, maxAllowed: 1 } },
    });
    await logIn(sidecar, { userId: "fay", tags: ["a:b"] });
    await sidecar.run("InvalidateSessionById", { sessionId: tagged.sessionId });
    await logIn(sidecar, { userId: "fay", tags: ["one:only"] });
    await logIn(sidecar, { userId: "gus", tags: ["one:only"] });
  });

  it("ends a session with that tag, not an older one without it", async () => {
    const [old] = await logInTimes(1, { userId: "hal" });
    const [first, second] = await logInTimes(2, { userId: "hal", tags: ["two:only"] });
    await sidecar.run("InvalidateSessionById", { sessionId: old?.sessionId ?? "" });
    const untagged = await logIn(sidecar, { userId: "hal" });
    // Both limits are reached: the user's ends the oldest, which frees a place of the tag as well.
    const third = await logIn(sidecar, { userId: "hal", tags: ["two:only"] });
    expect(await livingOf("hal")).toEqual([second?.sessionId, untagged.sessionId, third.sessionId]);
    expect(await validate(sidecar, first?.token ?? "")).toEqual(invalid("SessionLimit"));
    await sidecar.run("InvalidateSessionById", { sessionId: untagged.sessionId });
    const other = await logIn(sidecar, { userId: "hal", tags: ["a:b"] });
    await sidecar.run("InvalidateSessionById", { sessionId: other.sessionId });
    const fourth = await logIn(sidecar, { userId: "hal", tags: ["two:only"] });
    expect(await livingOf("hal")).toEqual([third.sessionId, fourth.sessionId]);
  });
});

describe("many logins at once", () => {
  it.each([1, 2])("leave exactly as many sessions as the limit says, on %i replicas", async (count) => {
    const replicas = await startTestReplicas(count, { config, database: sidecar.database });
    const userId = `crowd-${count}`;
    const logins = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        (replicas[index % count] ?? sidecar).command("CreateSession", { userId }),
      ),
    );
    expect(logins.filter(({ status }) => status !== 200)).toEqual([]);
    expect(await livingOf(userId)).toHaveLength(3);
    await Promise.all(replicas.map((replica) => replica.stop()));
  });

  it("let in exactly as many as the limit says with reject_new", async () => {
    const data = { userId: "crowd-rejected", tags: ["full:reject"] };
    const logins = await Promise.all(Array.from({ length: 20 }, () => sidecar.command("CreateSession", data)));
    const statuses = logins.map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array(3).fill(200), ...Array(17).fill(409)]);
    expect(await livingOf("crowd-rejected")).toHaveLength(3);
  });

  it("during a revocation of all leave none that was answered before it", async () => {
    const userId = "cut-off";
    const before = await Promise.all([1, 2, 3].map(() => logIn(sidecar, { userId })));
    await Promise.all([
      ...Array.from({ length: 10 }, () => logIn(sidecar, { userId })),
      sidecar.run("InvalidateAllSessionsForUser", { userId }),
    ]);
    for (const { token } of before) expect(await validate(sidecar, token)).toMatchObject({ status: 401 });
    expect((await livingOf(userId)).length).toBeLessThanOrEqual(3);
  });
});
