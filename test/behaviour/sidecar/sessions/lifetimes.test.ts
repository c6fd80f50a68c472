import { randomUUID } from "node:crypto";
import pg from "pg";
import { beforeAll, describe, expect, inject, it, vi } from "vitest";
import { writeActivities } from "../../../../sidecar/src/engine/sessions/activity/store.ts";
import { startTestReplicas, startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { auditRow } from "../audit-trail.ts";
import { invalid, logIn, refresh, validate } from "../login.ts";
import { withDatabase } from "../with-database.ts";

const LIFE_SECS = 10_000;
const TIMEOUT_SECS = 600;
const config = {
  defaults: { absolute_lifetime_secs: LIFE_SECS },
  tags: [{ tag: "life:idle", inactivity_timeout_secs: TIMEOUT_SECS }],
};
let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar({ config });
});

async function lastActivity({ sql }: TestSidecar, sessionId: string): Promise<number> {
  const [row] = await sql<{ secs: number }>(
    "SELECT extract(epoch FROM last_activity_at - created_at)::float8 AS secs FROM byo.sessions WHERE id = $1",
    [sessionId],
  );
  return row?.secs ?? Number.NaN;
}

describe("the absolute end", () => {
  it("comes in its time, however much the session is used and rotated", async () => {
    const { token: first, sessionId, expiresAt } = await logIn(sidecar);
    let token = first;
    for (const secs of [3700, 3700, 2500]) {
      await sidecar.advance(secs);
      const session = await refresh(sidecar, token);
      token = session.newSessionToken ?? token;
      expect(await refresh(sidecar, token)).toMatchObject({ expiresAt });
    }
    await sidecar.advance(40);
    expect(await validate(sidecar, token)).toMatchObject({ status: 200 });
    await sidecar.advance(60);
    expect(await validate(sidecar, token)).toEqual(invalid("Expired"));
    expect(await auditRow(sidecar, sessionId, "SessionEnded")).toMatchObject({ reason: "Expired", actor: "system" });
    expect(await validate(sidecar, first)).toEqual(invalid("Expired"));
  });
});

describe("the inactivity timeout", () => {
  it("ends a session that is not used", async () => {
    const { token, sessionId } = await logIn(sidecar, { tags: ["life:idle"] });
    await sidecar.advance(TIMEOUT_SECS);
    expect(await validate(sidecar, token)).toEqual(invalid("Inactive"));
    expect(await auditRow(sidecar, sessionId, "SessionEnded")).toMatchObject({ reason: "Inactive", actor: "system" });
  });

  it("counts from the last validation, of either kind", async () => {
    const { token } = await logIn(sidecar, { tags: ["life:idle"] });
    for (const command of ["ValidateSession", "ValidateAndRefreshSession", "ValidateSession"] as const) {
      await sidecar.advance(TIMEOUT_SECS - 60);
      expect(await sidecar.command(command, { sessionToken: token })).toMatchObject({ status: 200 });
    }
  });

  it("is not put off by requests that are refused", async () => {
    const { token } = await logIn(sidecar, { tags: ["life:idle"] });
    await sidecar.advance(TIMEOUT_SECS / 2);
    expect(await validate(sidecar, token, { requiredTags: ["no:such"] })).toMatchObject({ status: 401 });
    await sidecar.advance(TIMEOUT_SECS / 2);
    expect(await validate(sidecar, token)).toEqual(invalid("Inactive"));
  });

  it("is not put off by looking at the session or changing it", async () => {
    const { token, sessionId } = await logIn(sidecar, { tags: ["life:idle"] });
    await sidecar.advance(TIMEOUT_SECS / 2);
    await sidecar.run("FetchSessionById", { sessionId });
    await sidecar.run("UpdateSession", { sessionId, newMetadata: 1 });
    await sidecar.advance(TIMEOUT_SECS / 2);
    expect(await validate(sidecar, token)).toEqual(invalid("Inactive"));
  });

  it("knows about a use on another replica", async () => {
    const [one, two] = await startTestReplicas(2, { config });
    if (!one || !two) throw new Error("expected two replicas");
    const { token, sessionId } = await logIn(one, { tags: ["life:idle"] });
    await one.advance(TIMEOUT_SECS - 60);
    expect(await validate(one, token)).toMatchObject({ status: 200 });
    await vi.waitFor(async () => expect(await lastActivity(one, sessionId)).toBeGreaterThan(TIMEOUT_SECS / 2), 5000);
    await one.advance(TIMEOUT_SECS - 60);
    expect(await validate(two, token)).toMatchObject({ status: 200 });
  });
});

describe("the time of the last use", () => {
  it("is told at once where it is known, and is not written at each request", async () => {
    const { token, sessionId } = await logIn(sidecar, { tags: ["life:idle"] });
    const created = (await sidecar.run("FetchSessionById", { sessionId })).lastActivityAt;
    await sidecar.advance(20);
    await validate(sidecar, token);
    const { lastActivityAt } = await sidecar.run("FetchSessionById", { sessionId });
    expect(lastActivityAt - created).toBeGreaterThanOrEqual(20);
    expect(await lastActivity(sidecar, sessionId)).toBe(0);
  });

  it("is not lost by a clean shutdown", async () => {
    const restarting = await startTestSidecar({ config, database: sidecar.database });
    const { token, sessionId } = await logIn(restarting, { tags: ["life:idle"] });
    await restarting.advance(20);
    await validate(restarting, token, { ipAddress: "203.0.113.9" });
    expect(await lastActivity(sidecar, sessionId)).toBe(0);
    await restarting.stop();
    expect(await lastActivity(sidecar, sessionId)).toBeGreaterThanOrEqual(20);
    expect(await sidecar.run("FetchSessionById", { sessionId })).toMatchObject({ ipAddress: "203.0.113.9" });
  });

  it("is dropped once it is written or the session is over: nothing stays in memory forever", async () => {
    const living = await logIn(sidecar);
    const ended = await logIn(sidecar);
    await sidecar.run("InvalidateSessionById", { sessionId: ended.sessionId });
    const ids = [living.sessionId, ended.sessionId, randomUUID()];
    const uses = ids.map((id) => ({ id, at: Date.now(), ipAddress: undefined }));
    const done = await withDatabase(sidecar, (db) => writeActivities(db, uses));
    expect(done.sort()).toEqual(ids.sort());
  });

  it.runIf(inject("database").kind === "postgres")(
    "waits for another try while its row is locked (on the embedded database one transaction runs at a time)",
    async () => {
      const { sessionId } = await logIn(sidecar);
      const other = new pg.Client({ connectionString: sidecar.database.env.DATABASE_URL });
      await other.connect();
      await other.query("BEGIN");
      await other.query("SELECT FROM byo.sessions WHERE id = $1 FOR UPDATE", [sessionId]);
      const touch = () =>
        withDatabase(sidecar, (db) => writeActivities(db, [{ id: sessionId, at: Date.now(), ipAddress: undefined }]));
      expect(await touch()).toEqual([]);
      await other.end();
      expect(await touch()).toEqual([sessionId]);
    },
  );
});
