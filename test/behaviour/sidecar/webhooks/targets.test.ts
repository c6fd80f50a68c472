import { beforeAll, describe, expect, it } from "vitest";
import { CidrSet } from "../../../../sidecar/src/engine/policy/ip-address.ts";
import { createPost } from "../../../../sidecar/src/engine/webhooks/post.ts";
import { createTargets } from "../../../../sidecar/src/engine/webhooks/targets.ts";
import { serve } from "../../../harness/serve.ts";
import { startWebhookReceiver } from "../../../harness/webhook-receiver.ts";
import type { TestDashboard } from "../../dashboard/api/dashboard-client.ts";
import { addEndpoint, startSender } from "./sender.ts";

let strict: TestDashboard;
let sender: TestDashboard;

beforeAll(async () => {
  [strict, sender] = await Promise.all([startSender({ env: { WEBHOOK_PRIVATE_TARGETS: "" } }), startSender()]);
});

describe("a target is refused when it is entered", () => {
  it.each([
    "http://hooks.example.com/",
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://10.1.2.3/",
    "https://169.254.169.254/latest/meta-data",
    "https://100.64.0.1/",
    "https://0.0.0.0/",
    "https://[::1]/",
    "https://[::ffff:10.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b:1::7f00:1]/",
    "https://[2002:7f00:1::1]/",
    "https://[fec0::1]/",
    "https://[5f00::1]/",
    "https://[100:0:0:1::1]/",
    "https://[4000::1]/",
    "https://[fd00::1]/",
    "https://[fe80::1]/",
    "https://user:secret@hooks.example.com/",
    "https://hooks.example.com/#a",
    "ftp://hooks.example.com/",
    "hooks.example.com",
  ])("%s", async (url) => {
    const { status, body } = await strict.owner.call("webhooks/create", { name: "x", url });
    expect([status, body.problems]).toEqual([400, [{ field: "url", message: expect.any(String) }]]);
  });
});

it("resolves names and checks what it connects to, whatever the name was when it was entered", async () => {
  const { status } = await strict.owner.call("webhooks/create", { name: "local", url: "https://localhost:1/" });
  expect(status).toBe(200);
  const [endpoint] = (await strict.owner.get("webhooks/list", {})).items;
  expect(await strict.owner.get("webhooks/test", { id: endpoint?.id ?? "" })).toEqual({
    isDelivered: false,
    status: null,
    error: expect.stringContaining("WEBHOOK_PRIVATE_TARGETS"),
  });
});

it("allows only the private addresses that are listed, and http to no other", async () => {
  const receiver = await startWebhookReceiver();
  const { port } = new URL(receiver.url);
  const post = createPost(createTargets(CidrSet.of(["127.0.0.2"])));
  const attempt = await post(`http://127.0.0.1:${port}/`, {}, "{}");
  const toPublic = await post("http://192.88.99.1:1/", {}, "{}");
  post.close();
  for (const made of [attempt, toPublic]) expect(made).toMatchObject({ isDelivered: false, status: null });
  expect([attempt, toPublic].map(({ error }) => error)).toEqual([
    expect.stringContaining("use https"),
    expect.stringContaining("use https"),
  ]);
  expect(receiver.received.length + receiver.problems.length).toBe(0);
});

it("does not follow redirects, and reads no more than it needs of an answer", async () => {
  const inside = await serve((_request, response) => void response.end("secret"));
  const hostile = await serve((request, response) => {
    if (request.url === "/redirect") response.writeHead(307, { location: inside.url }).end();
    else {
      response.writeHead(200);
      const more = () => {
        while (!response.destroyed && response.write("x".repeat(65_536)));
      };
      response.on("drain", more);
      more();
    }
  });
  let asked = 0;
  inside.server.on("request", () => asked++);
  const post = createPost(createTargets(CidrSet.of(["127.0.0.1"])));
  expect(await post(`${hostile.url}/redirect`, {}, "{}")).toMatchObject({ isDelivered: false, status: 307 });
  expect(asked).toBe(0);
  const startMs = performance.now();
  expect(await post(`${hostile.url}/endless`, {}, "{}")).toMatchObject({ isDelivered: true, status: 200 });
  expect(performance.now() - startMs).toBeLessThan(5000);
  post.close();
});

it("ends an attempt that is not answered", { timeout: 40_000 }, async () => {
  const stuck = await serve(() => {});
  const post = createPost(createTargets(CidrSet.of(["127.0.0.1"])));
  expect(await post(stuck.url, {}, "{}")).toEqual({
    isDelivered: false,
    status: null,
    error: "no answer within 15 seconds",
    retryAfterSecs: null,
  });
  post.close();
});

it("needs ENCRYPTION_KEY, a free name, and the password; a URL is not in the log", async () => {
  const receiver = await startWebhookReceiver();
  const url = `${receiver.url}?token=in-the-url`;
  const plain = await startSender({ env: { ENCRYPTION_KEY: undefined } });
  expect(await plain.owner.call("webhooks/create", { name: "x", url })).toMatchObject({ status: 409 });
  const { owner, sidecar } = sender;
  await addEndpoint(owner, receiver, { name: "siem", url });
  expect((await owner.call("webhooks/create", { name: "siem", url })).status).toBe(409);
  const { items } = await owner.get("log/list", {});
  expect(items[0]?.event).toBe("WebhookCreated");
  expect(JSON.stringify(items) + sidecar.logText()).not.toContain("in-the-url");
  expect(sidecar.logText()).not.toContain(receiver.secret);
  await sidecar.sql("UPDATE byo.dashboard_sessions SET password_confirmed_until = NULL");
  const refused = await owner.call("webhooks/create", { name: "y", url });
  expect(refused.body.type).toBe("PasswordRequired");
});

it("deletes an endpoint with what waits for it, and the collection deletes the rest", async () => {
  const often = { job_run_intervals: { session_garbage_collection: 1 } };
  const { owner, sidecar } = await startSender({ configFiles: { "system_config.jsonc": often } });
  const receiver = await startWebhookReceiver();
  receiver.answer = () => 500;
  const id = await addEndpoint(owner, receiver, { types: ["session.created"] });
  await sidecar.run("CreateSession", { userId: "ada" });
  await expect.poll(() => receiver.received.length).toBe(1);
  await owner.get("webhooks/delete", { id });
  await sidecar.run("CreateSession", { userId: "bob" });
  await sidecar.advance(3601);
  const left = async () =>
    (await sidecar.sql("SELECT 1 FROM byo.webhook_endpoints UNION ALL SELECT 2 FROM byo.webhook_deliveries")).length;
  await expect.poll(left, { timeout: 15_000 }).toBe(0);
  expect(receiver.received.length).toBe(1);
});
