import { setTimeout as sleep } from "node:timers/promises";
import { createFrameBatch } from "@byo-session/core/frames";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRawPeer, type RawPeer } from "../../harness/raw-peer.ts";
import { type SpawnedSidecar, spawnTestSidecar } from "../../harness/spawned-sidecar.ts";
import { processMemory } from "../../proofs/security/process-memory.ts";
import { type ConnectedClient, connectedClient } from "./connected-client.ts";

const MIB = 2 ** 20;
/** More than a busy process needs for garbage, far less than any of these peers wants it to hold. */
const MAX_GROWTH = 512 * MIB;

let sidecar: SpawnedSidecar;
let bystander: ConnectedClient;
let sessionToken: string;
const refused: unknown[] = [];
const waits: number[] = [];
let over = false;
let watch: Promise<void>;
let residentBefore: number;
let residentMost = 0;

beforeAll(async () => {
  sidecar = await spawnTestSidecar({ env: { LOG_LEVEL: "warn" } });
  // A deadline for a machine that is busy with other things too; how long it took is told at the end.
  bystander = await connectedClient(sidecar, { timeoutMs: 15_000 });
  ({ sessionToken } = await sidecar.run("CreateSession", { userId: "bystander" }));
  residentBefore = (await processMemory(sidecar)).resident;
  watch = (async () => {
    while (!over) {
      const start = performance.now();
      const answer = await bystander.session.validate({ sessionToken });
      waits.push(performance.now() - start);
      if (!answer.ok) refused.push(answer.error);
      residentMost = Math.max(residentMost, (await processMemory(sidecar)).resident);
      await sleep(20);
    }
  })();
});

afterAll(async () => {
  over = true;
  await watch;
});

async function endedBy(reason: string): Promise<number> {
  return (await sidecar.metrics()).get(`byo_fast_path_connections_ended_total{reason="${reason}"}`) ?? 0;
}

async function servesOn(peer: RawPeer, id: number): Promise<void> {
  peer.send(id, { command: "Ping" });
  expect(await peer.answerTo(id)).toMatchObject({ status: 200 });
}

/** Sends while the other end accepts it, for at most this long. */
async function sendFor(peer: RawPeer, durationMs: number, next: () => Buffer): Promise<void> {
  const until = performance.now() + durationMs;
  while (performance.now() < until && !peer.isClosed()) {
    const isTaken = !peer.socket.writableNeedDrain && peer.socket.write(next());
    await (isTaken ? new Promise(setImmediate) : sleep(20));
  }
}

describe.concurrent("a peer with a good key that", { timeout: 60_000 }, () => {
  it("announces a frame of 1 GB is closed at once, with the reason", async () => {
    const peer = await openRawPeer(sidecar);
    peer.socket.write(Buffer.from([0x40, 0, 0, 0, 0, 0, 0, 1]));
    await sendFor(peer, 500, () => Buffer.alloc(64 * 1024));
    expect(await peer.reason()).toMatch(/^expected a frame of at most 262144 bytes/);
  });

  it("sends half a frame is given up on, with the reason", async ({ expect }) => {
    const peer = await openRawPeer(sidecar);
    peer.socket.write(Buffer.from([0, 0, 0, 100, 0, 0, 0, 1, 0x7b]));
    expect(await peer.reason()).toBe("a frame did not arrive in time");
    await expect.poll(() => endedBy("incomplete")).toBeGreaterThanOrEqual(1);
  });

  it("sends a frame byte by byte is given up on too, and one that is slow but not that slow is served", async () => {
    const peer = await openRawPeer(sidecar);
    const batch = createFrameBatch();
    batch.addCommand(1, '{"command":"Ping"}');
    for (const byte of batch.take()) {
      peer.socket.write(Buffer.from([byte]));
      await sleep(20);
    }
    expect(await peer.answerTo(1)).toMatchObject({ status: 200 });
    peer.socket.write(Buffer.from([0, 0, 0, 200, 0, 0, 0, 2]));
    while (!peer.isClosed()) {
      peer.socket.write(" ");
      await sleep(200);
    }
    expect(await peer.reason()).toBe("a frame did not arrive in time");
  });

  it.each([
    ["an unknown command", { command: "Nothing", data: {} }, "command: unknown name: Nothing"],
    ["no JSON", "{", "body: expected JSON in UTF-8"],
    ["another type", { command: "CreateSession", data: { userId: 1 } }, "userId: expected a string"],
    ["nothing", "", "body: expected JSON in UTF-8"],
  ])("sends %s gets the error that a request gets, and goes on", async (_name, command, details) => {
    const peer = await openRawPeer(sidecar);
    peer.send(1, command);
    const { status, json } = await peer.answerTo(1);
    expect({ status, ...JSON.parse(json) }).toEqual({ status: 400, type: "UnexpectedError", details });
    await servesOn(peer, 2);
    peer.socket.destroy();
  });

  it.each([
    ["an id twice", [1, 1]],
    ["an id that falls", [5, 4]],
    ["the id of the connection itself", [0]],
  ])("sends %s is closed, with the reason", async (_name, ids) => {
    const peer = await openRawPeer(sidecar);
    for (const id of ids) peer.send(id, { command: "Ping" });
    expect(await peer.reason()).toMatch(/^expected ids that rise/);
  });

  it("floods is answered as fast as it can be, and no faster", async () => {
    const peer = await openRawPeer(sidecar);
    const validation = JSON.stringify({ command: "ValidateSession", data: { sessionToken } });
    let lastId = 0;
    await sendFor(peer, 700, () => {
      const batch = createFrameBatch();
      for (let i = 0; i < 200; i++) batch.addCommand(++lastId, validation);
      return batch.take();
    });
    expect(await peer.answerTo(lastId)).toMatchObject({ status: expect.toBeOneOf([200, 503]) });
    peer.socket.destroy();
  });

  it("does not read its answers is not read from either, and closed", async ({ expect }) => {
    const userId = "hoarder";
    const metadata = "m".repeat(20_000);
    await Promise.all(Array.from({ length: 8 }, () => sidecar.run("CreateSession", { userId, metadata })));
    const peer = await openRawPeer(sidecar);
    peer.socket.pause();
    const listing = JSON.stringify({ command: "FetchAllSessionsForUser", data: { userId } });
    let lastId = 0;
    await sendFor(peer, 2000, () => {
      const batch = createFrameBatch();
      for (let i = 0; i < 20; i++) batch.addCommand(++lastId, listing);
      return batch.take();
    });
    await expect.poll(() => endedBy("unread"), { timeout: 20_000 }).toBeGreaterThanOrEqual(1);
    peer.socket.resume();
  });
});

describe("meanwhile", () => {
  it("the others are served, and memory is bounded", () => {
    const medianMs = waits.toSorted((a, b) => a - b)[waits.length >> 1] ?? 0;
    const growth = `+${((residentMost - residentBefore) / MIB).toFixed(0)} MiB of memory at most`;
    console.log(`hostile peers: ${growth}; a bystander waited ${medianMs.toFixed(1)} ms (median)`);
    expect(refused).toEqual([]);
    expect(residentMost - residentBefore).toBeLessThan(MAX_GROWTH);
  });
});

describe("a peer without a good key", () => {
  it.each([
    ["Bearer api_unknown", "401 Unauthorized", "IntegrationKeyNotFound"],
    ["Bearer sk_live", "401 Unauthorized", "InvalidPrefix"],
    ["", "401 Unauthorized", "NoIntegrationKeyFoundInHeader"],
  ])("(%j) is answered as by /run-command, and none of its frames is read", async (authorization, status, type) => {
    const error = await openRawPeer(sidecar, authorization).catch(String);
    expect(error).toContain(status);
    expect(error).toContain(`"type":"${type}"`);
  });
});
