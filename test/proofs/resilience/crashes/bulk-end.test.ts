import { expect, it } from "vitest";
import { OWNER, onSidecar } from "../../../behaviour/dashboard/api/dashboard-client.ts";
import { spawnTestSidecar } from "../../../harness/spawned-sidecar.ts";
import { createTestDatabase } from "../../../harness/test-database.ts";

const SESSIONS = 8_000;

it("a bulk end whose replica is killed is finished by another, and its number is right", {
  timeout: 90_000,
}, async () => {
  const database = await createTestDatabase();
  const start = () => spawnTestSidecar({ database, env: { LOG_LEVEL: "warn", INITIAL_OWNER_USERNAME: OWNER } });
  const [first] = await Promise.all([start(), start()]);
  const { owner } = await onSidecar(first);
  await database.sql(
    `INSERT INTO byo.sessions (id, user_id, tags, created_at, expires_at, last_activity_at, salt, gen, cur_hash, since)
     SELECT gen_random_uuid(), 'u' || i, '{org:crash}', now(), now() + interval '1 day', now(), 'x', 1, 'x', now()
     FROM generate_series(1, $1::integer) AS i`,
    [SESSIONS],
  );
  const target = { filter: { tag: ["org:crash"] } };
  const { count } = await owner.get("sessions/end-count", { target });
  expect(count).toBe(SESSIONS);

  const asked = owner
    .call("sessions/end-many", { target, confirmed: { count, isCapped: false } })
    .catch(() => undefined);
  const ended = async () => (await database.sql<{ ended: number }>("SELECT ended FROM byo.bulk_ends"))[0]?.ended ?? 0;
  await expect.poll(ended, { interval: 5 }).toBeGreaterThan(0);
  await first.kill("SIGKILL");
  await asked;
  const atCrash = await ended();
  expect(atCrash).toBeLessThan(SESSIONS);

  const finished = async () => (await database.sql("SELECT FROM byo.bulk_ends WHERE finished_at IS NOT NULL")).length;
  await expect.poll(finished, { timeout: 30_000 }).toBe(1);
  const [numbers] = await database.sql(
    `SELECT (SELECT ended FROM byo.bulk_ends) AS shown,
      (SELECT count(*)::integer FROM byo.sessions WHERE end_reason = 'Revoked') AS sessions,
      (SELECT count(*)::integer FROM byo.audit_events WHERE event = 'SessionEnded') AS events,
      (SELECT count(*)::integer FROM byo.audit_events WHERE event = 'SessionsEnded') AS entries,
      (SELECT count FROM byo.audit_events WHERE event = 'SessionsEnded') AS logged`,
  );
  expect(numbers).toEqual({ shown: SESSIONS, sessions: SESSIONS, events: SESSIONS, entries: 1, logged: SESSIONS });
});
