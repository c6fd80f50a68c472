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

it("replicas at work together send nothing twice and lose nothing, though the receiver fails and one of them stops", {
  timeout: 60_000,
}, async () => {
  const [first, second, third] = await startTestReplicas(3, { env: ENV });
  if (!first || !second || !third) throw new Error("expected three replicas");
  const { owner } = await onSidecar(first);
  const receiver = await startWebhookReceiver();
  await addEndpoint(owner, receiver, { types: ["session.created"] });
  const failed = new Set<string>();
  receiver.answer = ({ id }) => {
    // Each fifth message fails at its first try.
    if (failed.has(id) || Number.parseInt(id.slice(-4), 16) % 5 > 0) return 200;
    failed.add(id);
    return 503;
  };
  const users = Array.from({ length: 150 }, (_, at) => `user-${at}`);
  const logins = Promise.all(users.map((userId) => first.run("CreateSession", { userId })));
  await expect.poll(() => receiver.received.length, { interval: 5 }).toBeGreaterThan(10);
  await third.stop();
  await logins;
  const waiting = async () => {
    await first.advance(70);
    return (await first.sql("SELECT 1 FROM byo.webhook_deliveries WHERE due_at IS NOT NULL")).length;
  };
  await expect.poll(waiting, { timeout: 30_000, interval: 500 }).toBe(0);
  expect(failed.size).toBeGreaterThan(0);
  const accepted = receiver.accepted();
  expect(accepted.map(({ data }) => String(data.userId)).sort()).toEqual(users.sort());
  expect(new Set(accepted.map(({ id }) => id)).size).toBe(users.length);
});
