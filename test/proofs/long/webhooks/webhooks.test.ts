import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { OWNER, onSidecar } from "../../../behaviour/dashboard/api/dashboard-client.ts";
import { addEndpoint, SENDER_ENV } from "../../../behaviour/sidecar/webhooks/sender.ts";
import { spawnTestSidecar } from "../../../harness/spawned-sidecar.ts";
import { createTestDatabase } from "../../../harness/test-database.ts";
import { startWebhookReceiver } from "../../../harness/webhook-receiver.ts";

const SESSIONS = 60;
const TYPES = ["session.created", "session.updated", "session.ended"];

it("delivers each event in the order of its session, while receiver and sidecars fail, hang and are killed", {
  timeout: 180_000,
}, async () => {
  const database = await createTestDatabase();
  const options = { database, env: { ...SENDER_ENV, INITIAL_OWNER_USERNAME: OWNER, LOG_LEVEL: "warn" } };
  const spawn = () => spawnTestSidecar(options);
  let [first, second] = await Promise.all([spawn(), spawn()]);
  const { owner } = await onSidecar(first);
  const receiver = await startWebhookReceiver();
  await addEndpoint(owner, receiver, { types: TYPES });
  let asked = 0;
  receiver.answer = () => {
    asked++;
    if (asked % 29 === 0) return "hang";
    return asked % 4 === 0 ? 503 : 200;
  };

  const lives = Array.from({ length: SESSIONS }, async (_, at) => {
    await sleep(at * 50);
    // Each call is tried until it is answered, on whichever replica there is.
    const run = async (name: string, data: object) => {
      for (;;) {
        const sidecar = at % 2 === 0 ? first : second;
        const answer = await sidecar.command(name, data).catch(() => undefined);
        if (answer?.status === 200) return answer.body;
        if (answer !== undefined && answer.status < 500) return {};
        await sleep(100);
      }
    };
    const { sessionId } = await run("CreateSession", { userId: `user-${at}` });
    await run("UpdateSession", { sessionId, tagsToAdd: ["seen:yes"] });
    await run("InvalidateSessionById", { sessionId });
  });

  await sleep(800);
  await first.kill("SIGKILL");
  await receiver.restart(300);
  first = await spawn();
  await second.kill("SIGKILL");
  second = await spawn();
  await receiver.restart(300);
  await Promise.all(lives);

  // What waits and what was leased by the killed becomes due with time.
  const open = async () => {
    await database.advance(70);
    return (await database.sql("SELECT 1 FROM byo.webhook_deliveries WHERE due_at IS NOT NULL")).length;
  };
  await expect.poll(open, { timeout: 120_000, interval: 1000 }).toBe(0);

  const recorded = await database.sql<{ session: string; event: string }>(
    `SELECT session_id::text AS session, event FROM byo.audit_events
     WHERE event IN ('SessionCreated', 'SessionUpdated', 'SessionEnded') ORDER BY id`,
  );
  const expected = Map.groupBy(recorded, ({ session }) => session);
  expect(expected.size).toBeGreaterThanOrEqual(SESSIONS);
  const all = receiver.accepted();
  const firstTimes = all.filter(({ id }, at) => all.findIndex((other) => other.id === id) === at);
  const accepted = Map.groupBy(firstTimes, ({ data }) => String(data.sessionId));
  const nameOf = (event: string) => event.replace("Session", "session.").toLowerCase();
  for (const [session, events] of expected) {
    expect(accepted.get(session)?.map(({ type }) => type)).toEqual(events.map(({ event }) => nameOf(event)));
  }
  expect([...accepted.keys()].sort()).toEqual([...expected.keys()].sort());
  expect(receiver.problems).toEqual([]);
  // A few were under way as their sidecar was killed.
  expect(all.length - firstTimes.length).toBeLessThan(SESSIONS / 2);
});
