import { createClient } from "@byo-session/core";
import { expect, test } from "vitest";
import { createCarrier } from "../src/sidecar/carrier-fetch.ts";
import { answer, startScriptedServer } from "./scripted-server.ts";

const integrationKey = "api_of_the_test";

test("the carrier for edge runtimes sends commands only with fetch", async () => {
  const server = await startScriptedServer((_received, res) => answer(res, 200, { timestamp: 7 }));
  const client = createClient({ url: server.url, integrationKey, carrier: createCarrier });
  expect(await client.ping(undefined)).toMatchObject({ ok: true, data: { timestamp: 7 } });
  expect(server.received[0]?.authorization).toBe(`Bearer ${integrationKey}`);
});

test("it does not send the key to a redirect's target", async () => {
  const elsewhere = await startScriptedServer((_received, res) => answer(res, 200, { timestamp: 7 }));
  const server = await startScriptedServer((_received, res) => res.writeHead(307, { location: elsewhere.url }).end());
  const client = createClient({ url: server.url, integrationKey, carrier: createCarrier, log: () => {} });
  expect(await client.ping(undefined)).toMatchObject({ ok: false });
  expect(elsewhere.received).toEqual([]);
});

test("validations of one tick share a call, and the deadline holds", async () => {
  const server = await startScriptedServer(() => {});
  const client = createClient({
    url: server.url,
    integrationKey,
    carrier: createCarrier,
    timeoutMs: 100,
    log: () => {},
  });
  const validate = () => client.session.validate({ sessionToken: "t" });
  const results = await Promise.all([validate(), validate()]);
  expect(results.map(({ ok }) => ok)).toEqual([false, false]);
  expect(server.received).toHaveLength(1);
});
