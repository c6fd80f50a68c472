import { beforeAll, describe, expect, it } from "vitest";
import { startTestReplicas, startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";

const HOUR_SECS = 3600;

let sidecar: TestSidecar;
let replica: TestSidecar;

beforeAll(async () => {
  [sidecar, replica] = (await startTestReplicas(2)) as [TestSidecar, TestSidecar];
});

function invalid(details: string) {
  return { status: 401, body: { type: "InvalidSessionToken", details } };
}

describe("the life of a session", () => {
  it("09 a cookie that was logged out is dead on every replica, for every command", async () => {
    const { sessionToken, sessionId } = await sidecar.run("CreateSession", { userId: "ada" });
    await replica.run("ValidateSession", { sessionToken });
    await sidecar.run("InvalidateSessionByToken", { sessionToken });
    for (const server of [sidecar, replica]) {
      expect(await server.command("ValidateSession", { sessionToken })).toEqual(invalid("LoggedOut"));
      expect(await server.command("ValidateAndRefreshSession", { sessionToken })).toEqual(invalid("LoggedOut"));
      expect((await server.command("FetchSessionById", { sessionId })).status).toBe(404);
      expect((await server.command("UpdateSession", { sessionId, newMetadata: 1 })).status).toBe(404);
      const keep = { userId: "ada", sessionTokenToKeep: sessionToken };
      expect((await server.command("InvalidateAllSessionsForUserExceptOne", keep)).status).toBe(400);
    }
  });

  it("10 an idle session ends on the server", async () => {
    const strict = await startTestSidecar({ config: { defaults: { inactivity_timeout_secs: 600 } } });
    const { sessionToken } = await strict.run("CreateSession", { userId: "ada" });
    await strict.advance(540);
    await strict.run("ValidateSession", { sessionToken });
    await strict.advance(540);
    await strict.run("ValidateSession", { sessionToken });
    await strict.advance(601);
    expect(await strict.command("ValidateSession", { sessionToken })).toEqual(invalid("Inactive"));
    expect(await strict.command("ValidateSession", { sessionToken })).toEqual(invalid("Inactive"));
  });

  it("11 neither use nor rotation moves the absolute end", async () => {
    const short = await startTestSidecar({ config: { defaults: { absolute_lifetime_secs: 6 * HOUR_SECS } } });
    const created = await short.run("CreateSession", { userId: "ada" });
    let { sessionToken } = created;
    let rotations = 0;
    for (let hour = 0; hour < 5; hour++) {
      await short.advance(HOUR_SECS + 5);
      const answer = await short.run("ValidateAndRefreshSession", { sessionToken });
      expect(answer.expiresAt).toBe(created.expiresAt);
      if (answer.newSessionToken) rotations++;
      sessionToken = answer.newSessionToken ?? sessionToken;
      // Updates too: they cannot change the lifetime's fields.
      await short.command("UpdateSession", {
        sessionId: created.sessionId,
        newMetadata: { hour },
        expiresAt: 2 ** 33,
        absolute_lifetime_secs: 1e9,
      });
    }
    expect(rotations).toBeGreaterThanOrEqual(3);
    await short.advance(HOUR_SECS - 25);
    expect(await short.command("ValidateSession", { sessionToken })).toEqual(invalid("Expired"));
  });

  it("12 a client that keeps its cookie beyond Max-Age gains nothing", async () => {
    const { sessionToken, expiresAt } = await sidecar.run("CreateSession", { userId: "ada" });
    const leftSecs = expiresAt - Math.floor(Date.now() / 1000);
    await sidecar.advance(leftSecs + 1);
    expect(await replica.command("ValidateSession", { sessionToken })).toEqual(invalid("Expired"));
  });

  it.each([3, 1])(
    "13 a limit of %i and 5 logins more, in parallel on two replicas: exactly the limit is left",
    async (limit) => {
      const config = {
        defaults: { max_concurrent_sessions_per_user: limit, on_session_limit_exceeded: "drop_oldest" },
      };
      const servers = await startTestReplicas(2, { config });
      const logins = Array.from({ length: limit + 5 }, (_, at) =>
        servers[at % 2]?.run("CreateSession", { userId: "ada" }),
      );
      const tokens = (await Promise.all(logins)).map((answer) => answer?.sessionToken);
      const statuses = await Promise.all(
        tokens.map(async (sessionToken) => (await servers[0]?.command("ValidateSession", { sessionToken }))?.status),
      );
      expect(statuses.filter((status) => status === 200)).toHaveLength(limit);
      const { sessions } = (await servers[1]?.run("FetchAllSessionsForUser", { userId: "ada" })) ?? { sessions: [] };
      expect(sessions).toHaveLength(limit);
    },
  );

  it("13 with reject_new exactly as many logins of a burst are let in as there is room for", async () => {
    const config = { defaults: { max_concurrent_sessions_per_user: 3, on_session_limit_exceeded: "reject_new" } };
    const servers = await startTestReplicas(2, { config });
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, at) => servers[at % 2]?.command("CreateSession", { userId: "ada" })),
    );
    expect(answers.map((answer) => answer?.status).sort()).toEqual([200, 200, 200, 409, 409, 409, 409, 409]);
  });

  it("14 an id of somebody else is 404 where the user is named, and their session lives on", async () => {
    const mine = await sidecar.run("CreateSession", { userId: "mallory" });
    const theirs = await sidecar.run("CreateSession", { userId: "victim" });
    const answer = await sidecar.command("InvalidateSessionById", { sessionId: theirs.sessionId, userId: "mallory" });
    const unknown = await sidecar.command("InvalidateSessionById", {
      sessionId: "00000000-0000-4000-8000-000000000000",
      userId: "mallory",
    });
    expect(answer).toEqual({ status: 404, body: { type: "SessionNotFound" } });
    expect(answer).toEqual(unknown);
    const keep = { userId: "victim", sessionTokenToKeep: mine.sessionToken };
    expect((await sidecar.command("InvalidateAllSessionsForUserExceptOne", keep)).status).toBe(400);
    expect((await sidecar.command("ValidateSession", { sessionToken: theirs.sessionToken })).status).toBe(200);
    const { sessions } = await sidecar.run("FetchAllSessionsForUser", { userId: "mallory" });
    expect(sessions.map(({ sessionId }) => sessionId)).toEqual([mine.sessionId]);
    // Wildcards and other spellings match no other user.
    for (const userId of ["%", "victi_", "VICTIM", "victim ", "victim\u200b"]) {
      expect((await sidecar.run("InvalidateAllSessionsForUser", { userId })).sessionsInvalidated).toBe(0);
      expect((await sidecar.run("FetchAllSessionsForUser", { userId })).sessions).toEqual([]);
    }
  });

  it("15 revoke-all during parallel logins and rotations: nothing from before the cut-off survives it", {
    timeout: 60_000,
  }, async () => {
    const ROUNDS = 5;
    for (let round = 0; round < ROUNDS; round++) {
      const userId = `user-${round}`;
      // With the logins below as many as the limit allows, so that nothing else ends them.
      const before = await Promise.all(Array.from({ length: 5 }, () => sidecar.run("CreateSession", { userId })));
      await sidecar.advance(HOUR_SECS + 1);
      const successors: string[] = [];
      const refresh = async (server: TestSidecar, sessionToken = "") => {
        const { body } = await server.command("ValidateAndRefreshSession", { sessionToken });
        const successor = typeof body.newSessionToken === "string" ? body.newSessionToken : sessionToken;
        successors.push(successor);
        return successor;
      };
      const rotate = async (server: TestSidecar, sessionToken: string) => {
        await server.command("ValidateSession", { sessionToken: await refresh(server, sessionToken) });
      };
      const answeredAt = new Map<string, number>();
      const login = async (server: TestSidecar) => {
        const { sessionToken } = await server.run("CreateSession", { userId });
        answeredAt.set(sessionToken, performance.now());
      };
      const [pending, ...others] = before;
      await refresh(sidecar, pending?.sessionToken);
      const work = [
        ...others.map(({ sessionToken }, at) => rotate(at % 2 ? sidecar : replica, sessionToken)),
        ...Array.from({ length: 3 }, (_, at) => login(at % 2 ? sidecar : replica)),
      ];
      await new Promise((resolve) => setTimeout(resolve, round));
      const revokedFrom = performance.now();
      await replica.run("InvalidateAllSessionsForUser", { userId });
      await Promise.all(work);

      const earlier = [...answeredAt].filter(([, at]) => at < revokedFrom).map(([token]) => token);
      for (const sessionToken of [...before.map((session) => session.sessionToken), ...successors, ...earlier]) {
        expect((await sidecar.command("ValidateSession", { sessionToken })).status).toBe(401);
      }
      const ids = before.map(({ sessionId }) => sessionId);
      const ends = await sidecar.sql("SELECT DISTINCT end_reason FROM byo.sessions WHERE id = ANY($1)", [ids]);
      expect(ends).toEqual([{ end_reason: "Revoked" }]);
    }
  });
});
