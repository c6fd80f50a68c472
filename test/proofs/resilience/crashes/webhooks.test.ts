import { expect, it } from "vitest";
import { OWNER, onSidecar } from "../../../behaviour/dashboard/api/dashboard-client.ts";
import { addEndpoint, SENDER_ENV } from "../../../behaviour/sidecar/webhooks/sender.ts";
import { spawnTestSidecar } from "../../../harness/spawned-sidecar.ts";
import { createTestDatabase } from "../../../harness/test-database.ts";
import { startTestReplicas, startTestSidecar } from "../../../harness/test-sidecar.ts";
import { startWebhookReceiver } from "../../../harness/webhook-receiver.ts";

const ENV = { ...SENDER_ENV, INITIAL_OWNER_USERNAME: OWNER };

it("another sidecar sends what one was killed with", { timeout: 60_000 }, async () => {
  const database = await createTestDatabase();
  const killed = await spawnTestSidecar({ database, env: ENV });
  const { owner } = await onSidecar(killed);
  const receiver = await startWebhookReceiver();
  await addEndpoint(owner, receiver, { types: ["session.created", "session.ended"] });
  let asked = 0;
  receiver.answer = () => {
    asked++;
    return "hang";
  };
  const { sessionId } = await killed.run("CreateSession", { userId: "ada" });
  await killed.run("InvalidateSessionById", { sessionId });
  await expect.poll(() => asked).toBe(1);
  await killed.kill("SIGKILL");
  receiver.answer = () => 200;
  await startTestSidecar({ database, env: ENV });
  await database.advance(70);
  await expect.poll(() => receiver.accepted().map(({ type }) => type)).toEqual(["session.created", "session.ended"]);
});

it("replicas at work together send nothing twice", { timeout: 60_000 }, async () => {
  const [first, ...others] = await startTestReplicas(3, { env: ENV });
  if (!first) throw new Error("no replica");
  const { owner } = await onSidecar(first);
  const receiver = await startWebhookReceiver();
  await addEndpoint(owner, receiver, { types: ["session.created"] });
  const users = Array.from({ length: 150 }, (_, at) => `user-${at}`);
  await Promise.all(users.map((userId) => first.run("CreateSession", { userId })));
  await expect.poll(() => receiver.received.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(users.length);
  const waiting = () => first.sql("SELECT 1 FROM byo.webhook_deliveries WHERE due_at IS NOT NULL");
  await expect.poll(async () => (await waiting()).length).toBe(0);
  expect(receiver.received.map(({ data }) => String(data.userId)).sort()).toEqual(users.sort());
  const sent = await Promise.all(
    [first, ...others].map(
      async (replica) => (await replica.metrics()).get('byo_webhook_attempts_total{outcome="delivered"}') ?? 0,
    ),
  );
  expect(sent.reduce((total, count) => total + count, 0)).toBe(users.length);
});
