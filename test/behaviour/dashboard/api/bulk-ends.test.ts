import { beforeAll, describe, expect, it } from "vitest";
import { logSentence } from "../../../../sidecar/src/dashboard/sentences/log-sentence.ts";
import { type DashboardClient, endMatching, startDashboard, type TestDashboard } from "./dashboard-client.ts";

const CHROME =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36";

let dashboard: TestDashboard;
let owner: DashboardClient;

beforeAll(async () => {
  dashboard = await startDashboard();
  owner = dashboard.owner;
});

const logIn = (userId: string, more: { tags?: string[]; ipAddress?: string; userAgent?: string } = {}) =>
  dashboard.sidecar.run("CreateSession", { userId, ...more });

/** Sessions as they are after a login, straight in the database. */
function crowd(tag: string, count: number): Promise<unknown> {
  return dashboard.sidecar.sql(
    `INSERT INTO byo.sessions (id, user_id, tags, created_at, expires_at, last_activity_at, salt, gen, cur_hash, since)
     SELECT gen_random_uuid(), 'crowd-' || i, ARRAY[$1], now(), now() + interval '1 day', now(), 'x', 1, 'x', now()
     FROM generate_series(1, $2::integer) AS i`,
    [tag, count],
  );
}

const living = async (filter: object) => (await owner.get("sessions/count", { ...filter, state: "active" })).count;

describe("ends of many sessions", () => {
  it("are those of a selection", async () => {
    const [one, two, three] = [await logIn("sel"), await logIn("sel"), await logIn("sel")];
    const target = { sessionIds: [one.sessionId, three.sessionId] };
    expect(await owner.get("sessions/end-count", { target })).toEqual({ count: 2, isCapped: false });
    expect(await owner.get("sessions/end-many", { target, confirmed: { count: 2, isCapped: false } })).toMatchObject({
      target: "a selection",
      ended: 2,
      finishedAt: expect.any(Number),
    });
    const left = await owner.get("sessions/list", { userId: "sel", state: "active" });
    expect(left.items.map(({ sessionId }) => sessionId)).toEqual([two.sessionId]);
  });

  it.each([
    { name: "an address that touched them", filter: { ip: "203.0.113.0/24" }, target: "the filter ip 203.0.113.0/24" },
    { name: "a browser", filter: { browser: "Chrome" }, target: "the filter browser Chrome" },
    { name: "two tags", filter: { tag: ["a:one", "b:two"] }, target: "the filter tag a:one, tag b:two" },
  ])("are those of a filter: $name", async ({ filter, target }) => {
    await logIn("match", { tags: ["a:one", "b:two"], ipAddress: "203.0.113.9", userAgent: CHROME });
    const other = await logIn("other", { tags: ["a:one"], ipAddress: "198.51.100.1" });
    expect(await endMatching(owner, filter, "leaked")).toMatchObject({ target, ended: 1, note: "leaked" });
    const { items } = await owner.get("log/list", { event: "SessionsEnded" });
    expect(items[0] && logSentence(items[0])).toBe(
      `1 session of ${target} was ended by owner, with the note "leaked".`,
    );
    expect(items[0]?.details).toMatchObject({ filter });
    expect(await living({ userId: "other" })).toBeGreaterThan(0);
    await owner.get("sessions/end-one", { sessionId: other.sessionId });
  });

  it("are counted again: a number that was not confirmed is refused, and nothing ends", async () => {
    await crowd("org:sure", 20);
    const target = { filter: { tag: ["org:sure"] } };
    const few = await owner.call("sessions/end-many", { target, confirmed: { count: 5, isCapped: false } });
    expect([few.status, few.body]).toMatchObject([409, { type: "ConfirmationNeeded", count: 20, isCapped: false }]);
    expect((await owner.call("sessions/end-many", { target })).status).toBe(400);
    expect(await living({ tag: ["org:sure"] })).toBe(20);
  });

  it("are not confirmed by a number where only a lower bound is known", async () => {
    await crowd("org:huge", 10_001);
    const target = { filter: { tag: ["org:huge"] } };
    const counted = { count: 10_000, isCapped: true };
    expect(await owner.get("sessions/end-count", { target })).toEqual(counted);
    const confirmed = { count: 10_000, isCapped: false };
    const refused = await owner.call("sessions/end-many", { target, confirmed });
    expect([refused.status, refused.body]).toMatchObject([409, { type: "ConfirmationNeeded", ...counted }]);
    expect(await living({ tag: ["org:huge"] })).toBe(10_000);
    const { id } = await owner.get("sessions/end-many", { target, confirmed: counted });
    expect(await owner.get("sessions/end-progress", { id })).toMatchObject({ expected: counted });
    await owner.call("sessions/stop-ending", { id });
  });

  it("take several batches, have one entry in the log, and leave later logins alone", async () => {
    await crowd("org:large", 1_700);
    await dashboard.sidecar.sql(
      `CREATE FUNCTION pg_temp_slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.5); RETURN NULL; END $$`,
    );
    await dashboard.sidecar.sql(
      "CREATE TRIGGER slow AFTER UPDATE ON byo.bulk_ends FOR EACH ROW EXECUTE FUNCTION pg_temp_slow()",
    );
    const started = await endMatching(owner, { tag: ["org:large"] });
    expect(started).toMatchObject({ finishedAt: null, expected: { count: 1_700, isCapped: false } });
    await logIn("late", { tags: ["org:large"] });
    const progress = () => owner.get("sessions/end-progress", { id: started.id });
    await expect.poll(async () => (await progress()).finishedAt, { timeout: 15_000 }).not.toBeNull();
    await dashboard.sidecar.sql("DROP TRIGGER slow ON byo.bulk_ends");
    expect(await progress()).toMatchObject({ ended: 1_700, stoppedBy: null });
    expect((await owner.get("sessions/ends", {})).items[0]).toMatchObject({ id: started.id, ended: 1_700 });
    const left = await owner.get("sessions/list", { tag: ["org:large"], state: "active" });
    expect(left.items.map(({ userId }) => userId)).toEqual(["late"]);
    const { items } = await owner.get("log/list", { event: "SessionsEnded" });
    const entries = items.filter(({ details }) => details?.target === "tag org:large");
    expect(entries.map(({ details }) => details?.ended)).toEqual([1_700]);
    const [trail] = await dashboard.sidecar.sql<{ count: number; revisions: number }>(
      `SELECT count(*)::integer AS count, count(s.end_revision)::integer AS revisions FROM byo.audit_events e
       JOIN byo.sessions s ON s.id = e.session_id WHERE e.event = 'SessionEnded' AND e.tags @> '{org:large}'`,
    );
    expect(trail).toEqual({ count: 1_700, revisions: 1_700 });
  });

  it("can be stopped: the rest stays active", async () => {
    await crowd("org:stop", 1_700);
    await dashboard.sidecar.sql(
      "CREATE TRIGGER slow AFTER UPDATE ON byo.bulk_ends FOR EACH ROW EXECUTE FUNCTION pg_temp_slow()",
    );
    const { id } = await endMatching(owner, { tag: ["org:stop"] });
    const reader = await dashboard.person("ReadOnly");
    expect((await reader.call("sessions/stop-ending", { id })).status).toBe(403);
    const stopped = await owner.get("sessions/stop-ending", { id });
    await dashboard.sidecar.sql("DROP TRIGGER slow ON byo.bulk_ends");
    expect(stopped).toMatchObject({ stoppedBy: "owner", finishedAt: expect.any(Number) });
    expect(stopped.ended).toBeGreaterThan(0);
    expect(stopped.ended).toBeLessThan(1_700);
    await expect.poll(() => living({ tag: ["org:stop"] })).toBe(1_700 - stopped.ended);
    expect((await owner.call("sessions/stop-ending", { id })).status).toBe(404);
    const { items } = await owner.get("log/list", { event: "BulkEndStopped" });
    expect(items.map(logSentence)).toContain(
      `owner stopped ending the sessions of tag org:stop, after ${stopped.ended} had ended.`,
    );
  });
});
