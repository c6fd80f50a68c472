import { randomUUID } from "node:crypto";
import pg from "pg";
import { beforeAll, describe, expect, inject, it, vi } from "vitest";
import { startTestReplicas, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { auditRows } from "../audit-trail.ts";
import { createConfigFolder } from "../config-folder.ts";
import { logIn } from "../login.ts";
import { CLIENT, CONFIG_FILE, impersonate, JOE, JOE_MAY, OVER, validate } from "./impersonate.ts";

const DAY_SECS = 86_400;
/** A collection a second, and some time for it. */
const SOON = { timeout: 8000, interval: 100 };
// The embedded database serves one process.
const embedded = inject("database").kind === "embedded";

let here: TestSidecar;
let there: TestSidecar;

describe.skipIf(embedded)("two replicas", () => {
  beforeAll(async () => {
    const folder = await createConfigFolder({
      "session_config.jsonc": { ended_session_retention_secs: 10 * DAY_SECS },
      "system_config.jsonc": { job_run_intervals: { session_garbage_collection: 1 } },
      [CONFIG_FILE]: JOE_MAY,
    });
    const [first, second] = await startTestReplicas(2, { env: folder.env });
    if (!first || !second) throw new Error("expected two sidecars");
    [here, there] = [first, second];
  });

  it("what one starts the other knows, and what one ends is over on the other at once", async () => {
    for (let round = 0; round < 20; round++) {
      const { token, sessionId: impersonationSessionId } = await impersonate(here);
      expect(await validate(there, token)).toMatchObject({ status: 200 });
      await here.run("InvalidateImpersonationSessionById", { impersonationSessionId });
      expect(await validate(there, token)).toEqual(OVER);
    }
  });

  it("validations that race an end: none that starts after it succeeds, and none fails in another way", async () => {
    for (let round = 0; round < 10; round++) {
      const { token, targetUserId: userId } = await impersonate(here);
      let ended = false;
      const validateOften = async (replica: TestSidecar) => {
        for (let count = 0; count < 20; count++) {
          const mustFail = ended;
          const answer = await validate(replica, token);
          if (answer.status !== 200 || mustFail) expect(answer).toEqual(OVER);
        }
      };
      const end = async () => {
        await there.run("InvalidateAllImpersonationSessionsForUser", { userId });
        ended = true;
      };
      await Promise.all([here, there, here, there].map(validateOften).concat(end()));
      expect(await validate(here, token)).toEqual(OVER);
    }
  });

  it("several ends at once: one wins, by whatever command, without a deadlock", async () => {
    for (let round = 0; round < 10; round++) {
      const targetUserId = randomUUID();
      const made = await Promise.all(
        [here, there, here, there].map((replica) => impersonate(replica, { targetUserId })),
      );
      const [first] = made;
      const counts = await Promise.all([
        here.run("InvalidateAllImpersonationSessionsForUser", { userId: targetUserId }),
        there.run("InvalidateAllImpersonationSessionsForEmployee", { employeeEmail: JOE }),
        here.run("InvalidateAllImpersonationSessionsForUser", { userId: targetUserId }),
      ]);
      await there.run("InvalidateAllSessionsForUser", { userId: targetUserId });
      expect(counts.reduce((sum, { sessionsInvalidated }) => sum + sessionsInvalidated, 0)).toBe(4);
      const ends = (await auditRows(here, { userId: targetUserId })).filter(
        ({ event }) => event === "ImpersonationEnded",
      );
      expect(ends).toHaveLength(4);
      expect(await validate(here, first?.token ?? "")).toEqual(OVER);
    }
  });

  it("one session of an employee acts as one user, also when it starts with several at once", async () => {
    const { sessionId: employeeSessionId } = await logIn(here);
    // All of them have begun before the first one can write.
    const { release } = await lockTable(here, "byo.impersonation_sessions");
    const started = Array.from({ length: 10 }, (_, at) => impersonate(at % 2 ? here : there, { employeeSessionId }));
    await vi.waitUntil(async () => (await waitingFor(here)) >= 2, SOON);
    await release();
    const made = await Promise.all(started);
    const answers = await Promise.all(made.map(({ token }) => validate(here, token, { employeeSessionId })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(404)]);
  });

  it("a start that races the end of everything: it comes before and is ended, or after and lives", async () => {
    for (let round = 0; round < 10; round++) {
      const userId = randomUUID();
      const [{ token }] = await Promise.all([
        impersonate(here, { targetUserId: userId }),
        there.run("InvalidateAllSessionsForUser", { userId }),
      ]);
      const events = (await auditRows(here, { userId })).map(({ event }) => event);
      const { status } = await validate(there, token);
      expect([events, status]).toBeOneOf([
        [["ImpersonationStarted"], 200],
        [["ImpersonationStarted", "ImpersonationEnded"], 404],
      ]);
    }
  });

  it("the collection marks what is over, once, and deletes it when sessions are deleted", async () => {
    const own = await logIn(here);
    const [expired, withSession] = [
      await impersonate(here),
      await impersonate(here, { employeeSessionId: own.sessionId }),
    ];
    await here.run("InvalidateSessionByToken", { sessionToken: own.token });
    await isMarked(withSession.sessionId, "EmployeeSessionEnded");
    await here.advance(3601);
    await isMarked(expired.sessionId, "Expired");
    for (const { targetUserId: userId, sessionId: impersonationId } of [expired, withSession]) {
      const ends = (await auditRows(here, { userId })).filter(({ event }) => event === "ImpersonationEnded");
      expect(ends).toMatchObject([{ actor: "system", details: { impersonationId, employeeEmail: JOE } }]);
    }
    await here.advance(10 * DAY_SECS);
    await vi.waitFor(async () => expect(await endOf(expired.sessionId)).toBeUndefined(), SOON);
    expect(await validate(here, expired.token)).toMatchObject({ status: 401, body: { details: "NotFound" } });
  });

  it("fetches every page while others start and end", async () => {
    const targetUserId = randomUUID();
    const stays = [];
    for (let count = 0; count < 60; count++) stays.push((await impersonate(here, { targetUserId })).sessionId);
    const first = await here.run("FetchAllActiveImpersonationSessions", { targetUserId });
    const last = first.sessions.at(-1)?.impersonationSessionId ?? "";
    await there.run("InvalidateImpersonationSessionById", { impersonationSessionId: last });
    await impersonate(there, { targetUserId });
    const { nextPagingToken: pagingToken = "" } = first;
    const second = await there.run("FetchAllActiveImpersonationSessions", { targetUserId, pagingToken });
    expect(second.sessions.map((info) => info.impersonationSessionId)).toEqual(stays.slice(0, 10).reverse());
    expect(second.hasMoreResults).toBe(false);
  });

  it("keeps the address and the browser of the employee as the application sent them", async () => {
    const { sessionId } = await impersonate(here, { ipAddress: "::ffff:192.0.2.9" });
    const text = "SELECT ip_address, user_agent FROM byo.impersonation_sessions WHERE id = $1";
    expect(await here.sql(text, [sessionId])).toEqual([{ ip_address: "192.0.2.9", user_agent: CLIENT.userAgent }]);
  });
});

/** Nothing is written to the table until it is released. */
async function lockTable({ database }: TestSidecar, table: string): Promise<{ release(): Promise<void> }> {
  const client = new pg.Client({ connectionString: database.env.DATABASE_URL });
  await client.connect();
  await client.query(`BEGIN; LOCK TABLE ${table} IN SHARE MODE`);
  return { release: () => client.end() };
}

/** How many statements wait for a lock. */
async function waitingFor({ sql }: TestSidecar): Promise<number> {
  const text = "SELECT count(*)::int AS count FROM pg_locks WHERE NOT granted";
  return (await sql<{ count: number }>(text))[0]?.count ?? 0;
}

/** Null while it lives, undefined when it is gone. */
async function endOf(id: string): Promise<string | null | undefined> {
  const text = "SELECT end_reason AS reason FROM byo.impersonation_sessions WHERE id = $1";
  return (await here.sql<{ reason: string | null }>(text, [id]))[0]?.reason;
}

function isMarked(id: string, reason: string): Promise<void> {
  return vi.waitFor(async () => expect(await endOf(id)).toBe(reason), SOON);
}
