import { expect, it } from "vitest";
import { startWebhookReceiver, type WebhookReceiver } from "../../../harness/webhook-receiver.ts";
import { CHROME_ON_MAC } from "../user-agents.ts";
import { addEndpoint, startSender } from "./sender.ts";

const HOME = { ipAddress: "203.0.113.9", userAgent: CHROME_ON_MAC };
const typesOf = (receiver: WebhookReceiver) => receiver.accepted().map(({ type }) => type);

it("tells what happened to a session, in order, signed, and without addresses", async () => {
  const { sidecar, owner } = await startSender();
  const receiver = await startWebhookReceiver();
  await addEndpoint(owner, receiver);
  const { sessionId } = await sidecar.run("CreateSession", { userId: "ada", tags: ["org:1"], ...HOME });
  await sidecar.run("UpdateSession", { sessionId, tagsToAdd: ["org:2"] });
  await sidecar.run("InvalidateSessionById", { sessionId });
  await expect
    .poll(() => typesOf(receiver))
    .toEqual(["webhook.created", "session.created", "session.updated", "session.ended"]);
  const [, created, , ended] = receiver.accepted();
  expect(created?.data).toEqual({
    sessionId,
    userId: "ada",
    tags: ["org:1"],
    actor: expect.stringMatching(/^key:/),
    device: { browser: "Chrome", os: "macOS", type: "Desktop" },
  });
  expect(ended?.data).toMatchObject({ sessionId, userId: "ada", reason: "Revoked" });
  expect(receiver.received.map(({ body }) => body).join()).not.toContain(HOME.ipAddress);
  expect(created?.id).toMatch(/^msg_[0-9a-f]{32}$/);
  expect(receiver.problems).toEqual([]);
});

it("sends each endpoint what it asked for", async () => {
  const { sidecar, owner } = await startSender();
  const [ends, ofOrg, withClient] = await Promise.all([
    startWebhookReceiver(),
    startWebhookReceiver(),
    startWebhookReceiver(),
  ]);
  await addEndpoint(owner, ends, { types: ["session.ended"], endReasons: ["Revoked"] });
  await addEndpoint(owner, ofOrg, { tags: ["org:1"] });
  await addEndpoint(owner, withClient, { types: ["session.created"], sendsClient: true });
  for (const tags of [["org:1"], ["org:2"]]) {
    const { sessionId, sessionToken } = await sidecar.run("CreateSession", { userId: "ada", tags, ...HOME });
    if (tags[0] === "org:1") await sidecar.run("InvalidateSessionById", { sessionId });
    else await sidecar.run("InvalidateSessionByToken", { sessionToken });
  }
  await expect
    .poll(() => [typesOf(ends), typesOf(ofOrg), typesOf(withClient)])
    .toEqual([["session.ended"], ["session.created", "session.ended"], ["session.created", "session.created"]]);
  expect(ends.accepted()[0]?.data.tags).toEqual(["org:1"]);
  expect(withClient.accepted()[0]?.data).toMatchObject(HOME);
});

it("tries again, keeps the order of each session meanwhile, and others go on", async () => {
  const { sidecar, owner } = await startSender();
  const receiver = await startWebhookReceiver();
  await addEndpoint(owner, receiver, { types: ["session.created", "session.ended"] });
  receiver.answer = ({ data }) => (data.userId === "ada" ? 503 : 200);
  const { sessionId } = await sidecar.run("CreateSession", { userId: "ada" });
  await sidecar.run("InvalidateSessionById", { sessionId });
  const bob = await sidecar.run("CreateSession", { userId: "bob" });
  await sidecar.run("InvalidateSessionById", { sessionId: bob.sessionId });
  await expect.poll(() => typesOf(receiver)).toEqual(["session.created", "session.ended"]);
  const ofAda = () => receiver.received.filter(({ data }) => data.userId === "ada");
  await expect.poll(() => ofAda().length).toBe(1);
  receiver.answer = () => 200;
  await sidecar.advance(10);
  await expect
    .poll(() => ofAda().map(({ type, status }) => [type, status]))
    .toEqual([
      ["session.created", 503],
      ["session.created", 200],
      ["session.ended", 200],
    ]);
  expect(ofAda()[0]?.id).toBe(ofAda()[1]?.id);
  expect(ofAda()[1]?.headers["webhook-signature"]).toMatch(/^v1,/);
});

it("gives up in the end; the dashboard shows why, and sends again", async () => {
  const { sidecar, owner } = await startSender();
  const receiver = await startWebhookReceiver();
  const id = await addEndpoint(owner, receiver, { types: ["session.created"] });
  receiver.answer = () => 500;
  await sidecar.run("CreateSession", { userId: "ada" });
  await expect.poll(async () => (await owner.get("webhooks/deliveries", { id })).items[0]?.status).toBe(500);
  // As after two days of failures.
  await sidecar.sql("UPDATE byo.webhook_deliveries SET due_at = byo.now(), attempts = 10");
  await expect
    .poll(async () => (await owner.get("webhooks/deliveries", { id, onlyGivenUp: true })).items)
    .toMatchObject([
      {
        type: "session.created",
        state: "given-up",
        attempts: 11,
        status: 500,
        error: expect.stringContaining("200 to 299"),
      },
    ]);
  expect((await owner.get("webhooks/list", {})).items).toMatchObject([{ givenUp: 1, waiting: 0 }]);
  receiver.answer = () => 200;
  expect(await owner.get("webhooks/replay", { id })).toEqual({ replayed: 1, hasMore: false });
  await expect.poll(() => typesOf(receiver)).toEqual(["session.created"]);
  expect(new Set(receiver.received.map((message) => message.id)).size).toBe(1);
});

it("signs with both secrets for a while after a rotation", async () => {
  const { sidecar, owner } = await startSender();
  const [old, fresh] = [await startWebhookReceiver(), await startWebhookReceiver()];
  const id = await addEndpoint(owner, old, { types: ["session.created"] });
  const rotated = await owner.get("webhooks/rotate-secret", { id, keepPreviousSecs: 3600 });
  fresh.secret = rotated.secret;
  await sidecar.run("CreateSession", { userId: "ada" });
  await expect.poll(() => typesOf(old)).toEqual(["session.created"]);
  const [message] = old.received;
  const forward = () =>
    fetch(fresh.url, { method: "POST", headers: message?.headers ?? {}, body: message?.body ?? "" });
  expect((await forward()).status).toBe(200);
  await sidecar.advance(3700);
  await sidecar.run("CreateSession", { userId: "bob" });
  await expect.poll(() => old.problems.length).toBe(1);
  const stored = await sidecar.sql("SELECT * FROM byo.webhook_endpoints");
  const bytes = Buffer.from(rotated.secret.slice("whsec_".length), "base64");
  const columns = stored.flatMap((row) => Object.values(row)).filter((value) => Buffer.isBuffer(value));
  expect(columns.length).toBeGreaterThan(0);
  expect(columns.some((value) => value.includes(bytes))).toBe(false);
});
