import { randomUUID } from "node:crypto";
import { beforeAll, expect, inject, it } from "vitest";
import { startTestReplicas, startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { auditRows } from "../audit-trail.ts";
import { withDatabase } from "../with-database.ts";

const LOGINS = 60;
const embedded = inject("database").kind === "embedded";
let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar({ config: { defaults: { max_concurrent_sessions_per_user: 3 } } });
});

const usersOf = (name: string, count = LOGINS) => Array.from({ length: count }, (_, index) => `${name}-${index}`);

async function logInAll(userIds: readonly string[]): Promise<{ userId: string; status: number }[]> {
  const logIn = async (userId: string) => ({ userId, ...(await sidecar.command("CreateSession", { userId })) });
  return Promise.all(userIds.map(logIn));
}

/** How many living sessions there are of each user, and how many the audit trail says were created. */
async function countsOf(name: string) {
  return sidecar.sql<{ user_id: string; living: number; created: number }>(
    `SELECT user_id, count(*)::int AS living,
       (SELECT count(*)::int FROM byo.audit_events e WHERE e.user_id = s.user_id AND event = 'SessionCreated') AS created
     FROM byo.sessions s WHERE user_id LIKE $1 AND ended_at IS NULL GROUP BY user_id`,
    [`${name}-%`],
  );
}

it("logins of the moment share transactions, and each has its session and its event", async () => {
  const count = async (series: string) => (await sidecar.metrics()).get(`${series}{kind="session-create"}`) ?? 0;
  const before = [await count("byo_batched_total"), await count("byo_batches_total")] as const;
  const name = randomUUID();
  const answers = await logInAll(usersOf(name));
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  expect(await countsOf(name)).toEqual(
    expect.arrayContaining(usersOf(name).map((user_id) => ({ user_id, living: 1, created: 1 }))),
  );
  expect((await count("byo_batched_total")) - before[0]).toBe(LOGINS);
  // The embedded database works in this process: what is asked meanwhile is not read before it is done.
  if (!embedded) expect((await count("byo_batches_total")) - before[1]).toBeLessThan(LOGINS / 2);
});

it("a login that the database refuses fails alone, and no other one is made twice", async () => {
  const name = randomUUID();
  const refused = [`${name}-7`, `${name}-30`];
  await sidecar.sql(`CREATE OR REPLACE FUNCTION byo.refuse_login() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'not this one'; END $$`);
  await sidecar.sql(`CREATE TRIGGER "${name}" BEFORE INSERT ON byo.sessions FOR EACH ROW
    WHEN (NEW.user_id IN ('${refused.join("', '")}')) EXECUTE FUNCTION byo.refuse_login()`);
  const answers = await logInAll(usersOf(name));
  const failed = answers.filter(({ status }) => status !== 200);
  expect(failed).toMatchObject(refused.map((userId) => ({ userId, status: 500 })));
  const others = usersOf(name).filter((userId) => !refused.includes(userId));
  const counts = await countsOf(name);
  expect(counts).toHaveLength(others.length);
  expect(counts).toEqual(expect.arrayContaining(others.map((user_id) => ({ user_id, living: 1, created: 1 }))));
});

it.skipIf(embedded)("a user whose sessions somebody works on holds up nobody else's login", async () => {
  await withDatabase(sidecar, async (db) => {
    const name = randomUUID();
    let held: Promise<{ status: number }[]> | undefined;
    await db.transaction(async (tx) => {
      await tx.query({ name: "", text: "SELECT pg_advisory_xact_lock(hashtextextended($1, 1))" }, [`${name}-0`]);
      held = logInAll([`${name}-0`]);
      const answers = await logInAll(usersOf(randomUUID()));
      expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
      expect(await countsOf(name)).toEqual([]);
    });
    expect(await held).toMatchObject([{ status: 200 }]);
    expect(await countsOf(name)).toEqual([{ user_id: `${name}-0`, living: 1, created: 1 }]);
  });
});

it.skipIf(embedded)(
  "two replicas that log in the same users at once make exactly the sessions that they answer",
  async () => {
    const [one, two] = await startTestReplicas(2, { database: sidecar.database });
    const name = randomUUID();
    const users = usersOf(name, 20);
    const logins = users.flatMap((userId) =>
      [one, two, one].map((replica) => replica?.run("CreateSession", { userId })),
    );
    const answered = await Promise.all(logins);
    expect(new Set(answered.map((answer) => answer?.sessionId)).size).toBe(logins.length);
    expect(await countsOf(name)).toEqual(
      expect.arrayContaining(users.map((user_id) => ({ user_id, living: 3, created: 3 }))),
    );
    const [userId = ""] = users;
    await sidecar.run("CreateSession", { userId });
    const reasons = (await auditRows(sidecar, { userId })).map(({ event, reason }) => reason ?? event);
    expect(reasons).toEqual(["SessionCreated", "SessionCreated", "SessionCreated", "SessionLimit", "SessionCreated"]);
  },
);
