import pg from "pg";
import { beforeAll, describe, expect, inject, it, vi } from "vitest";
import { startTestReplicas, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { auditRows } from "../audit-trail.ts";
import { createConfigFolder } from "../config-folder.ts";
import { logIn, validate } from "../login.ts";

const DAY_SECS = 86_400;
const SESSION_CONFIG = {
  ended_session_retention_secs: 10 * DAY_SECS,
  audit_retention_secs: 30 * DAY_SECS,
  defaults: { absolute_lifetime_secs: 300 * DAY_SECS },
  tags: [
    { tag: "life:brief", absolute_lifetime_secs: 600 },
    { tag: "life:idle", inactivity_timeout_secs: 6000 },
  ],
};
const COLLECTOR_LOCK = 7140235182;
/** A collection a second, and some time for it. */
const SOON = { timeout: 8000, interval: 100 };

let sidecar: TestSidecar;

beforeAll(async () => {
  const folder = await createConfigFolder({
    "session_config.jsonc": SESSION_CONFIG,
    "system_config.jsonc": { job_run_intervals: { session_garbage_collection: 1 } },
  });
  // Two of them, that both collect: what one does the other must not do again.
  const [first] = await startTestReplicas(2, { env: folder.env });
  if (!first) throw new Error("expected a sidecar");
  sidecar = first;
});

/** Null while the session lives, undefined when it is gone. */
async function endOf(sessionId: string): Promise<string | null | undefined> {
  const text = "SELECT end_reason AS reason FROM byo.sessions WHERE id = $1";
  const [row] = await sidecar.sql<{ reason: string | null }>(text, [sessionId]);
  return row?.reason;
}

function isMarked(sessionId: string, reason: string): Promise<void> {
  return vi.waitFor(async () => expect(await endOf(sessionId)).toBe(reason), SOON);
}

describe("the collection", () => {
  it("marks sessions that have come to their end by time, once, though nobody uses them", async () => {
    const expired = await logIn(sidecar, { tags: ["life:brief"] });
    const inactive = await logIn(sidecar, { tags: ["life:idle"] });
    const living = await logIn(sidecar);
    await sidecar.advance(6001);
    await isMarked(expired.sessionId, "Expired");
    await isMarked(inactive.sessionId, "Inactive");
    expect(await endOf(living.sessionId)).toBeNull();
    for (const { sessionId } of [expired, inactive]) {
      const ends = (await auditRows(sidecar, { sessionId })).filter(({ event }) => event === "SessionEnded");
      expect(ends).toMatchObject([{ actor: "system", reason: await endOf(sessionId) }]);
    }
    expect(await validate(sidecar, expired.token)).toMatchObject({ body: { details: "Expired" } });
  });

  it("takes more than a batch in one round", async () => {
    const { sessionId, userId } = await logIn(sidecar, { tags: ["life:brief"] });
    await sidecar.sql(
      `INSERT INTO byo.sessions (id, user_id, tags, created_at, expires_at, last_activity_at, salt, gen, cur_hash, since)
       SELECT gen_random_uuid(), user_id, tags, created_at, expires_at, last_activity_at, salt, gen, cur_hash, since
       FROM byo.sessions, generate_series(1, 4200) WHERE id = $1`,
      [sessionId],
    );
    await sidecar.advance(601);
    await vi.waitFor(async () => {
      const text = "SELECT count(*)::int AS living FROM byo.sessions WHERE user_id = $1 AND ended_at IS NULL";
      expect(await sidecar.sql(text, [userId])).toEqual([{ living: 0 }]);
    }, SOON);
    const text = "SELECT count(*)::int AS events FROM byo.audit_events WHERE user_id = $1 AND event = 'SessionEnded'";
    expect(await sidecar.sql(text, [userId])).toEqual([{ events: 4201 }]);
  });

  it("deletes ended sessions and events when their retention is over, not before", async () => {
    const { sessionId } = await logIn(sidecar);
    const living = await logIn(sidecar);
    await sidecar.run("InvalidateSessionById", { sessionId });
    await sidecar.advance(9 * DAY_SECS);
    const marker = await logIn(sidecar, { tags: ["life:brief"] });
    await sidecar.advance(601);
    // A whole round has gone by when a session that lapsed at its beginning is marked.
    await isMarked(marker.sessionId, "Expired");
    expect(await endOf(sessionId)).toBe("Revoked");
    await sidecar.advance(DAY_SECS);
    await vi.waitFor(async () => expect(await endOf(sessionId)).toBeUndefined(), SOON);
    expect(await auditRows(sidecar, { sessionId })).toHaveLength(2);
    await sidecar.advance(20 * DAY_SECS);
    await vi.waitFor(async () => expect(await auditRows(sidecar, { sessionId })).toEqual([]), SOON);
    expect(await validate(sidecar, living.token)).toMatchObject({ status: 200 });
  });

  it("goes on with the other steps where one fails, says so everywhere, and catches up", async () => {
    const step = "delete_audit_events";
    await sidecar.sql(`CREATE FUNCTION byo_test.keep_all() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'nothing is to be deleted here' USING ERRCODE = '42501'; END $$`);
    await sidecar.sql(`CREATE TRIGGER keep_all BEFORE DELETE ON byo.audit_events
      FOR EACH ROW EXECUTE FUNCTION byo_test.keep_all()`);
    const { sessionId } = await logIn(sidecar);
    await sidecar.run("InvalidateSessionById", { sessionId });
    await sidecar.advance(40 * DAY_SECS);
    await vi.waitFor(async () => expect(await endOf(sessionId)).toBeUndefined(), SOON);
    const jobs = async () => {
      const text = "SELECT name, last_error FROM byo.jobs WHERE last_error IS NOT NULL ORDER BY name";
      return sidecar.sql(text);
    };
    await vi.waitFor(async () => {
      expect(await jobs()).toEqual([{ name: step, last_error: "nothing is to be deleted here" }]);
      const metrics = await sidecar.metrics();
      expect(metrics.get(`byo_collection_failures_total{step="${step}"}`)).toBeGreaterThan(0);
      expect(metrics.get(`byo_collection_age_seconds{step="${step}"}`)).toBeGreaterThan(39 * DAY_SECS);
      expect(metrics.get('byo_collection_age_seconds{step="delete_ended_sessions"}')).toBeLessThan(60);
    }, SOON);
    const lines = sidecar.logs().filter((line) => line.step === step);
    expect(lines[0]).toMatchObject({ msg: "a step of the garbage collection failed; it is tried again" });
    await vi.waitFor(() => {
      expect(sidecar.logText()).toMatch(/retention has not been applied: .*delete_audit_events since/);
    }, 15_000);
    await sidecar.sql("DROP TRIGGER keep_all ON byo.audit_events");
    await vi.waitFor(async () => {
      expect(await auditRows(sidecar, { sessionId })).toEqual([]);
      expect(await jobs()).toEqual([]);
    }, SOON);
  }, 40_000);

  it.runIf(inject("database").kind === "postgres")(
    "is left to the replica that is at it (the embedded database has one connection, so one collector)",
    async () => {
      const other = new pg.Client({ connectionString: sidecar.database.env.DATABASE_URL });
      await other.connect();
      await other.query("BEGIN");
      await other.query("SELECT pg_advisory_xact_lock($1)", [COLLECTOR_LOCK]);
      const { sessionId } = await logIn(sidecar, { tags: ["life:brief"] });
      await sidecar.advance(601);
      await new Promise((resolve) => setTimeout(resolve, 2500));
      expect(await endOf(sessionId)).toBeNull();
      await other.end();
      await isMarked(sessionId, "Expired");
    },
  );
});
