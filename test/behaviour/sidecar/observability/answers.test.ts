import { once } from "node:events";
import { request as plainRequest } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { request } from "undici";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { openRawPeer } from "../../../harness/raw-peer.ts";
import { startTcpProxy } from "../../../harness/tcp-proxy.ts";
import { createTestDatabase } from "../../../harness/test-database.ts";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { growthOf } from "./growth.ts";

const embedded = inject("database").kind === "embedded";
const socketPath = join(tmpdir(), `byo-answers-${process.pid}.sock`);
let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar({ env: { DASHBOARD_PORT: "0", SOCKET_PATH: socketPath } });
});

/** What the work adds to the count of answers, without the scrape's own. */
async function counted(work: () => Promise<unknown>): Promise<Record<string, number>> {
  const grown = await growthOf(sidecar, work);
  return Object.fromEntries(
    Object.entries(grown).flatMap(([series, by]) => {
      const [, route, status] = /^byo_answers_total\{route="(.*)",status="(.*)"\}$/.exec(series) ?? [];
      return route === undefined || route === "metrics" ? [] : [[`${route} ${status}`, by]];
    }),
  );
}

/** Sends bytes and waits for the end of the connection. */
async function raw(bytes: string): Promise<void> {
  const socket = connect(Number(new URL(sidecar.url).port), "127.0.0.1");
  socket.resume().write(bytes);
  await once(socket, "close");
}

const get = (url: string) => async () => (await request(url)).body.dump();

const WRONG_KEY = { authorization: "Bearer api_wrong" };
const HANDSHAKE = "GET /fast-path HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: byo-frames\r\n\r\n";
const answers: Record<string, [work: () => Promise<unknown>, expected: Record<string, number>]> = {
  "a command": [() => sidecar.post('{"command":"Ping"}'), { "run-command 200": 1 }],
  "a broken command": [() => sidecar.post("{"), { "run-command 400": 1 }],
  "a refused key": [() => sidecar.command("Ping", {}, WRONG_KEY), { "run-command 401": 1 }],
  "a body that is too long": [() => sidecar.post("x".repeat(2 ** 21)), { "run-command 400": 1 }],
  "an address that does not exist": [() => sidecar.get("/no/such"), { "other 404": 1 }],
  "a probe with a query": [() => sidecar.get("/healthz?x"), { "healthz 200": 1 }],
  "the public keys": [() => sidecar.get("/.well-known/jwks.json"), { "jwks 200": 1 }],
  "what is not HTTP": [() => raw("nonsense\r\n\r\n"), { "broken 400": 1 }],
  "headers that are too long": [() => raw(`GET / HTTP/1.1\r\nX: ${"x".repeat(20_000)}\r\n\r\n`), { "broken 431": 1 }],
  "a refused handshake": [() => raw(HANDSHAKE), { "fast-path 401": 1 }],
  "the dashboard's own port": [() => get(`${sidecar.dashboardUrl}/no/such`)(), { "other 404": 1 }],
  "the Unix socket": [
    async () => {
      const sent = plainRequest({ socketPath, path: "/healthz" }).end();
      const [response] = await once(sent, "response");
      await once(response.resume(), "end");
    },
    { "healthz 200": 1 },
  ],
  "frames, good and bad": [
    async () => {
      const peer = await openRawPeer(sidecar);
      peer.send(1, { command: "Ping" });
      peer.send(2, "{");
      await Promise.all([peer.answerTo(1), peer.answerTo(2)]);
      peer.socket.destroy();
    },
    { "fast-path 101": 1, "frame 200": 1, "frame 400": 1 },
  ],
};

it.each(Object.entries(answers))("counts %s", async (_, [work, expected]) => {
  expect(await counted(work)).toEqual(expected);
});

it("counts an answer that the other end did not wait for", async () => {
  const grown = await counted(async () => {
    const socket = connect(Number(new URL(sidecar.url).port), "127.0.0.1");
    const head = "POST /run-command HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n";
    socket.write(`${head}Authorization: Bearer ${sidecar.integrationKey}\r\n\r\n{`);
    await new Promise((resolve) => setTimeout(resolve, 100));
    socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 100));
  });
  expect(grown).toMatchObject({ "run-command unsent": 1 });
});

describe.skipIf(embedded)("while the database is away (the embedded one cannot be)", () => {
  it("counts each 503, of requests and frames, whether the key or the command needed the database", async () => {
    const database = await createTestDatabase();
    const url = new URL(database.env.DATABASE_URL ?? "");
    const proxy = await startTcpProxy(Number(url.port));
    url.port = String(proxy.port);
    const replica = await startTestSidecar({ database, env: { DATABASE_URL: url.href } });
    const peer = await openRawPeer(replica);
    await proxy.cut();
    // By then the key has to be looked up again.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const grown = await growthOf(replica, async () => {
      peer.send(1, { command: "Ping" });
      const answered = [peer.answerTo(1), replica.get("/readyz"), replica.get("/.well-known/jwks.json")];
      await Promise.all([...answered, ...Array.from({ length: 40 }, () => replica.command("Ping", {}))]);
    });
    const count = (route: string) => grown[`byo_answers_total{route="${route}",status="503"}`];
    expect([count("run-command"), count("frame"), count("readyz"), count("jwks")]).toEqual([40, 1, 1, 1]);
    expect((await replica.metrics()).get("byo_database_up")).toBe(0);
    await proxy.restore();
    await expect.poll(async () => (await replica.metrics()).get("byo_database_up")).toBe(1);
  });
});
