import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { createClient } from "../../src/index.ts";
import { type ScriptedConnection, startScriptedFastPath } from "../scripted-fast-path.ts";

const QUESTION = { sessionToken: "token", ipAddress: "203.0.113.7", userAgent: "Firefox" };
const SESSION = { sessionId: "one", userId: "ada", createdAt: 1, expiresAt: 2, hasDeviceRegistered: false };

/** A sidecar by script that grants everything, and a client of it that has a connection. */
async function startGranting({
  onConnectionRequest = (request: { beat?: number }, connection: ScriptedConnection) =>
    connection.notify("beat", request.beat),
  knowsHolds = true,
} = {}) {
  const connections = new Set<ScriptedConnection>();
  const scripted = await startScriptedFastPath({
    onFrame(command, connection) {
      connections.add(connection);
      connection.answer(command, { ...SESSION, holdMs: 10_000 });
    },
    onRequest: (_data, res) => res.end(JSON.stringify({ ...SESSION, holdMs: 10_000 })),
    ...(knowsHolds && { onConnectionRequest }),
  });
  const lines: string[] = [];
  const client = createClient({ url: scripted.url, integrationKey: "api_test", log: (line) => lines.push(line) });
  onTestFinished(() => client.close());
  const validate = () => client.session.validate(QUESTION);
  const isServed = () => client.holds?.find(QUESTION.sessionToken, QUESTION) !== undefined;
  async function untilServed(): Promise<void> {
    await expect
      .poll(async () => {
        if (!isServed()) await validate();
        await sleep(5);
        return isServed();
      })
      .toBe(true);
  }
  const notify: ScriptedConnection["notify"] = (notice, content) => {
    for (const connection of connections) connection.notify(notice, content);
  };
  return { ...scripted, client, lines, validate, isServed, untilServed, notify, connections };
}

describe("a client that holds answers", () => {
  it("serves them while its beats are answered, and beats only while it holds any", async () => {
    const { isServed, untilServed, counts, client } = await startGranting();
    expect(counts.asked).toBe(0);
    await untilServed();
    await sleep(700);
    expect(isServed()).toBe(true);
    expect(counts.asked).toBeGreaterThanOrEqual(3);
    expect(client.holds?.counts).toMatchObject({ held: 1, forgotten: 0 });
  });

  it("serves nothing half a second after a sidecar has gone silent, and again when it is back", async () => {
    let silent = false;
    const { isServed, untilServed, lines } = await startGranting({
      onConnectionRequest(request, connection) {
        if (!silent) connection.notify("beat", request.beat);
      },
    });
    await untilServed();
    silent = true;
    await sleep(510);
    expect(isServed()).toBe(false);
    silent = false;
    await untilServed();
    expect(lines).toEqual([]);
  });

  it("serves nothing where a beat never comes, or another than was asked", async () => {
    for (const lie of [undefined, 0, 1e9, "1", null, { beat: 1 }]) {
      const { isServed, validate } = await startGranting({
        onConnectionRequest(_request, connection) {
          if (lie !== undefined) connection.notify("beat", lie);
        },
      });
      for (let i = 0; i < 10; i++) {
        await validate();
        await sleep(5);
      }
      expect(isServed()).toBe(false);
    }
  });

  it("forgets what the sidecar says, all of it by `*`, and is not disturbed by ids that it does not know", async () => {
    const { isServed, untilServed, notify, lines } = await startGranting();
    await untilServed();
    for (const id of ["unknown", "", 7, null, {}]) notify("forget", id);
    await sleep(20);
    expect(isServed()).toBe(true);
    notify("forget", "one");
    await expect.poll(isServed).toBe(false);
    await untilServed();
    notify("forget", "*");
    await expect.poll(isServed).toBe(false);
    expect(lines).toEqual([]);
  });

  it("loses everything with the connection, by a goodbye or without one", async () => {
    const { isServed, untilServed, connections, sockets } = await startGranting();
    await untilServed();
    for (const connection of connections) connection.sayGoodbye();
    await expect.poll(isServed).toBe(false);
    await sleep(200);
    await untilServed();
    for (const socket of sockets) socket.destroy();
    await expect.poll(isServed).toBe(false);
  });

  it("closes the connection at an empty notice, and says so in one line", async () => {
    const { untilServed, connections, lines, isServed } = await startGranting();
    await untilServed();
    for (const { socket } of connections) {
      // A frame of 26 bytes with the id 0, the status 1 and a digest, and nothing behind it.
      socket.write(Buffer.concat([Buffer.from([0, 0, 0, 22, 0, 0, 0, 0, 0, 1]), Buffer.alloc(16, "-")]));
    }
    await expect.poll(isServed).toBe(false);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("the fast path");
  });

  it("holds nothing, and asks nothing, where the sidecar does not say that it knows holds", async () => {
    const { validate, isServed, counts, client } = await startGranting({ knowsHolds: false });
    for (let i = 0; i < 10; i++) {
      await validate();
      await sleep(5);
    }
    expect([isServed(), counts.asked, client.holds?.counts.granted]).toEqual([false, 0, 0]);
    expect(counts.frames).toBeGreaterThan(0);
  });

  it("forgets what it changes itself, also when another client in the process asks for it", async () => {
    const { isServed, untilServed, client, url } = await startGranting();
    const other = createClient({ url, integrationKey: "api_test", log: () => {} });
    onTestFinished(() => other.close());
    const changes = [
      () => client.session.invalidateById({ sessionId: "one" }),
      () => other.session.invalidateById({ sessionId: "one" }),
      () => client.session.invalidateByToken({ sessionToken: "token" }),
      () => client.session.update({ sessionId: "one", tagsToAdd: ["plan:free"] }),
      () => client.session.updateMany({ filter: { userId: "ada" }, tagsToAdd: ["plan:free"] }),
      () => client.session.invalidateAllForUser({ userId: "ada" }),
      () => client.session.invalidateAllForUserExceptOne({ userId: "ada", sessionTokenToKeep: "token" }),
      () => client.session.create({ userId: "ada" }),
      () => client.session.device.register({ sessionId: "one", signedDeviceChallenge: "proof" }),
    ];
    for (const change of changes) {
      await untilServed();
      const answer = change();
      // Before it is sent, so in the same turn.
      expect(isServed()).toBe(false);
      await answer;
      expect(isServed()).toBe(false);
    }
    await untilServed();
    await client.session.fetchById({ sessionId: "one" });
    await client.session.invalidateById({ sessionId: "another" });
    expect(isServed()).toBe(true);
  });

  it("holds nothing with `hold: false`", async () => {
    const { url } = await startGranting();
    const client = createClient({ url, integrationKey: "api_test", hold: false, log: () => {} });
    onTestFinished(() => client.close());
    for (let i = 0; i < 5; i++) await client.session.validate(QUESTION);
    expect(client.holds).toBeUndefined();
  });
});
