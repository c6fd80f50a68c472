import { execFile } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createTestDatabase } from "../../harness/test-database.ts";
import { startTestSidecar } from "../../harness/test-sidecar.ts";
import { commandHead, rawExchange } from "../../proofs/security/raw-http.ts";
import { clientOf, commandsOverFastPath, connectedClient } from "./connected-client.ts";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
/** Earlier versions of Node pass every upgrade request to the upgrade listener, which answers 400. */
const canLeaveUpgrades = major > 24 || (major === 24 && minor >= 9);

describe("the fast path", () => {
  it("is found by itself, and what is sent in one tick is answered in few writes", async () => {
    const sidecar = await startTestSidecar();
    const client = await connectedClient(sidecar);
    const before = await sidecar.metrics();
    // Answered without the database, so all in the tick in which they arrive.
    const invented = Array.from({ length: 50 }, (_, index) => `invented-${index}`);
    const answers = await Promise.all(invented.map((sessionToken) => client.session.validate({ sessionToken })));
    expect(answers.map((answer) => !answer.ok && answer.error.type)).toEqual(invented.map(() => "InvalidSessionToken"));
    const after = await sidecar.metrics();
    const grown = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0);
    expect(grown("byo_fast_path_commands_total")).toBe(50);
    // Sixteen answers each, so that this end works on the first while the sidecar answers the rest.
    expect(grown("byo_fast_path_writes_total")).toBe(4);
    expect(after.get("byo_fast_path_connections")).toBe(1);
    expect(client.lines).toEqual([]);
  });

  it("is done without where the sidecar has none, and nobody notices", async () => {
    const database = await createTestDatabase();
    const old = await startTestSidecar({ database, env: { FAST_PATH: "off" } });
    const client = clientOf(old);
    const { sessionToken } = (await client.session.create({ userId: "ada" })).getOrThrow();
    for (let i = 0; i < 5; i++) expect(await client.session.validate({ sessionToken })).toMatchObject({ ok: true });
    expect((await old.metrics()).get("byo_fast_path_commands_total")).toBe(0);
    expect(client.lines).toEqual([]);
  });

  it.skipIf(!canLeaveUpgrades)(
    "leaves alone a request that offers HTTP/2 by an upgrade, as curl and Java do (from Node 24.9 on)",
    async () => {
      const sidecar = await startTestSidecar();
      const body = '{"command":"Ping"}';
      const offer = ["Connection: Upgrade, HTTP2-Settings, close", "Upgrade: h2c", `Content-Length: ${body.length}`];
      const [answer] = await rawExchange(sidecar.url, commandHead(sidecar.integrationKey, ...offer) + body);
      expect(answer).toMatchObject({ status: 200, body: expect.stringContaining("timestamp") });
    },
  );

  it("ends with the sidecar at once: an idle connection does not hold up the stop", async () => {
    const sidecar = await startTestSidecar();
    const client = await connectedClient(sidecar);
    const start = performance.now();
    await sidecar.stop();
    expect(performance.now() - start).toBeLessThan(2000);
    expect(await client.ping(undefined)).toMatchObject({ ok: false });
  });

  it.each(["close", "leave"])("does not keep a program from its end, nor end it early (%s)", async (end) => {
    const sidecar = await startTestSidecar();
    const program = join(import.meta.dirname, "idle-process.ts");
    const argv = ["--conditions=@byo-session/source", program, sidecar.url, sidecar.integrationKey, end];
    const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
      execFile(process.execPath, argv, { timeout: 15_000 }, (error, _stdout, stderr) =>
        resolve({ code: error?.code ?? error?.signal ?? 0, stderr }),
      );
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(await commandsOverFastPath(sidecar)).toBeGreaterThan(0);
  });

  it("keeps nothing of a peer that leaves while its key is looked up", async () => {
    const sidecar = await startTestSidecar();
    const { hostname, port } = new URL(sidecar.url);
    const head = `GET /fast-path HTTP/1.1\r\nHost: s\r\nConnection: Upgrade\r\nUpgrade: byo-frames\r\nAuthorization: Bearer ${sidecar.integrationKey}\r\n\r\n`;
    for (let i = 0; i < 20; i++) {
      const socket = connect(Number(port), hostname);
      socket.on("error", () => {});
      await once(socket, "connect");
      await new Promise<void>((resolve) => socket.write(head, () => resolve()));
      socket.resetAndDestroy();
    }
    await expect.poll(async () => (await sidecar.metrics()).get("byo_fast_path_connections")).toBe(0);
    await sidecar.stop();
  });

  it("counts what it does", async () => {
    const sidecar = await startTestSidecar();
    const client = await connectedClient(sidecar);
    expect(await commandsOverFastPath(sidecar)).toBeGreaterThan(0);
    await client.close();
    const ended = 'byo_fast_path_connections_ended_total{reason="peer"}';
    await expect.poll(async () => (await sidecar.metrics()).get(ended)).toBe(1);
    expect((await sidecar.metrics()).get("byo_fast_path_connections")).toBe(0);
  });
});
