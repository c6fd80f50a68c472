import { setTimeout as sleep } from "node:timers/promises";
import { createClient, type SidecarClient } from "@byo-session/core";
import { afterAll, describe, expect, test } from "vitest";
import { type FrameCommand, type ScriptedConnection, startScriptedFastPath } from "./scripted-fast-path.ts";

type Server = Awaited<ReturnType<typeof startScriptedFastPath>>;

/** Opens the connection with commands that do not count. */
async function connect(server: Server, options: { timeoutMs?: number; connections?: number } = {}) {
  const lines: string[] = [];
  const client = createClient({
    url: server.url,
    integrationKey: "api_of_the_test",
    log: (line) => lines.push(line),
    ...options,
  });
  afterAll(() => client.close());
  await expect.poll(() => pinged(client, server)).toBe(true);
  Object.assign(server.counts, { frames: 0, requests: 0 });
  return { ...client, lines };
}

async function pinged(client: SidecarClient, { counts }: Server): Promise<boolean> {
  await client.ping(undefined);
  return counts.frames > 0;
}

function session({ data }: FrameCommand) {
  return {
    sessionId: String(data.sessionToken),
    userId: String(data.sessionToken),
    createdAt: 1,
    expiresAt: 2,
    hasDeviceRegistered: false,
  };
}

/** Answers everything by the token that was presented. */
const answering = (command: FrameCommand, connection: ScriptedConnection) =>
  connection.answer(command, session(command));

describe("a connection of the fast path", () => {
  test("sends the commands of one tick in one write, and accepts answers in any order", async () => {
    const waiting: FrameCommand[] = [];
    const server = await startScriptedFastPath({
      onFrame(command, connection) {
        if (command.json.includes('"Ping"')) return connection.answer(command, { timestamp: 1 });
        waiting.push(command);
        if (waiting.length === 3) for (const last of waiting.reverse()) connection.answer(last, session(last));
      },
    });
    const client = await connect(server);
    const answers = await Promise.all(["a", "b", "c"].map((sessionToken) => client.session.validate({ sessionToken })));
    expect(answers.map((answer) => answer.getOrThrow().userId)).toEqual(["a", "b", "c"]);
    expect(server.counts).toMatchObject({ connections: 1, frames: 3, requests: 0 });
  });

  test("gives nobody another user's answer: if the sidecar mixes them up, it is closed and logged", async () => {
    let held: FrameCommand | undefined;
    const server = await startScriptedFastPath({
      onFrame(command, connection) {
        if (command.json.includes('"Ping"')) return connection.answer(command, { timestamp: 1 });
        if (!held) held = command;
        else {
          connection.answer(held, session(command), { id: command.id });
          connection.answer(command, session(held), { id: held.id });
        }
      },
    });
    const client = await connect(server);
    const create = (userId: string) => client.session.create({ userId });
    const answers = await Promise.all([create("a"), create("b")]);
    expect(answers.map(({ ok }) => ok)).toEqual([false, false]);
    expect(client.lines.join("\n")).toContain("an answer came that belongs to another command");
    await expect.poll(() => server.sockets.size).toBe(0);
  });

  test("is closed by an answer to a command that was never sent", async () => {
    const server = await startScriptedFastPath({
      onFrame(command, connection) {
        if (command.json.includes('"Ping"')) connection.answer(command, { timestamp: 1 });
        else connection.answer(command, session(command), { id: command.id + 1 });
      },
    });
    const client = await connect(server);
    expect(await client.session.create({ userId: "a" })).toMatchObject({ ok: false });
    expect(client.lines.join("\n")).toContain("an answer came to a command that was not sent");
  });

  test("is closed by an answer that claims 1 GB", async () => {
    const server = await startScriptedFastPath({
      onFrame(command, connection) {
        if (command.json.includes('"Ping"')) connection.answer(command, { timestamp: 1 });
        else connection.socket.write(Buffer.from([0x40, 0, 0, 0]));
      },
    });
    const client = await connect(server);
    expect(await client.session.create({ userId: "a" })).toMatchObject({ ok: false });
    await expect.poll(() => server.sockets.size).toBe(0);
  });

  test("ignores a late answer, and continues", async () => {
    const late: FrameCommand[] = [];
    let holds = true;
    const server = await startScriptedFastPath({
      onFrame(command, connection) {
        if (command.json.includes('"Ping"')) connection.answer(command, { timestamp: 1 });
        else if (holds) late.push(command);
        else for (const one of [...late.splice(0), command]) connection.answer(one, session(one));
      },
    });
    const client = await connect(server, { timeoutMs: 1000 });
    // Something else arrives meanwhile, so the connection is known to be alive.
    const [first] = await Promise.all([
      client.session.validate({ sessionToken: "slow" }),
      sleep(200).then(() => client.ping(undefined)),
    ]);
    expect(first).toMatchObject({ ok: false, error: { details: "no answer within 1000 ms" } });
    holds = false;
    expect((await client.session.validate({ sessionToken: "next" })).getOrThrow().userId).toBe("next");
    expect(server.counts.connections).toBe(1);
  });

  test("that has gone silent is replaced by another one, at the cost of part of the deadline", async () => {
    let silent = true;
    const server = await startScriptedFastPath({
      onFrame(command, connection) {
        if (command.json.includes('"Ping"') || !silent) connection.answer(command, session(command));
      },
      onRequest: (data, res) => res.end(JSON.stringify({ ...session({ id: 0, json: "", data }), timestamp: 1 })),
    });
    const client = await connect(server, { timeoutMs: 1000 });
    const startedAt = performance.now();
    const answers = await Promise.all(["a", "b", "c"].map((sessionToken) => client.session.validate({ sessionToken })));
    expect(answers.map((answer) => answer.getOrThrow().userId)).toEqual(["a", "b", "c"]);
    expect(performance.now() - startedAt).toBeLessThan(700);
    silent = false;
    await expect.poll(() => pinged(client, server).then(() => server.counts.connections)).toBe(2);
    await expect.poll(() => server.sockets.size).toBe(1);
  });

  test("that is only slow is kept: its answer counts", async () => {
    const server = await startScriptedFastPath({
      onFrame(command, connection) {
        setTimeout(() => connection.answer(command, session(command)), command.json.includes('"Ping"') ? 0 : 600);
      },
      onRequest: (data, res) => {
        if (Object.hasOwn(data, "sessionToken")) setTimeout(() => res.destroy(), 100);
        else res.end('{"timestamp":1}');
      },
    });
    const client = await connect(server, { timeoutMs: 1000 });
    expect((await client.session.validate({ sessionToken: "slow" })).getOrThrow().userId).toBe("slow");
  });

  test("does not seem silent to a process that was busy itself", async () => {
    const server = await startScriptedFastPath({
      onFrame(command, connection) {
        connection.answer(command, session(command));
        if (command.json.includes('"Ping"')) return;
        // Before this process reads the answer, which has arrived.
        setImmediate(() => {
          const until = performance.now() + 200;
          while (performance.now() < until);
        });
      },
      onRequest: (_data, res) => res.end('{"timestamp":1}'),
    });
    const client = await connect(server, { timeoutMs: 400 });
    const before = { ...server.counts };
    expect((await client.session.validate({ sessionToken: "busy" })).getOrThrow().userId).toBe("busy");
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.counts).toEqual({ ...before, frames: before.frames + 1 });
  });

  test("that has been silent for long is not used for what can be sent only once", async () => {
    const seen: string[] = [];
    const server = await startScriptedFastPath({
      onFrame(command, connection) {
        seen.push(`frame ${JSON.parse(command.json).command}`);
        connection.answer(command, session(command));
      },
      onRequest: (data, res) => {
        seen.push("request");
        res.end(JSON.stringify({ ...session({ id: 0, json: "", data }), timestamp: 1 }));
      },
    });
    const client = await connect(server);
    seen.length = 0;
    await client.session.create({ userId: "at once" });
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await client.session.create({ userId: "later" });
    await client.session.validate({ sessionToken: "t" });
    expect(seen).toEqual(["frame CreateSession", "request", "frame ValidateSession"]);
  });

  test("that has been silent for long is used for a burst, after 128 commands with sockets of their own", async () => {
    const server = await startScriptedFastPath({
      onFrame: (command, connection) => connection.answer(command, session(command)),
      onRequest: (data, res) => res.end(JSON.stringify({ ...session({ id: 0, json: "", data }), timestamp: 1 })),
    });
    const client = await connect(server);
    await client.session.create({ userId: "at once" });
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const before = { ...server.counts };
    const burst = Array.from({ length: 300 }, (_, index) => client.session.create({ userId: `u${index}` }));
    expect((await Promise.all(burst)).every(({ ok }) => ok)).toBe(true);
    expect(server.counts.requests - before.requests).toBe(128);
    expect(server.counts.frames - before.frames).toBe(172);
  });

  test("that breaks loses no validation: each is sent again, as a request", async () => {
    const server = await startScriptedFastPath({
      onFrame(command, connection) {
        if (command.json.includes('"Ping"')) connection.answer(command, { timestamp: 1 });
        else connection.socket.destroy();
      },
      onRequest: (data, res) => res.end(JSON.stringify(session({ id: 0, json: "", data }))),
    });
    const client = await connect(server);
    // More of them than failures in a row that have the sidecar left alone: a broken connection is one.
    const tokens = Array.from({ length: 40 }, (_, index) => `t${index}`);
    const answers = await Promise.all(tokens.map((sessionToken) => client.session.validate({ sessionToken })));
    expect(answers.map((answer) => answer.getOrThrow().userId)).toEqual(tokens);
    expect(server.counts.requests).toBe(40);
    expect(client.lines).toEqual([]);
  });

  test("that breaks during a proof: it is repeated with the same attempt id", async () => {
    const attempts: unknown[] = [];
    const server = await startScriptedFastPath({
      onFrame(command, connection) {
        if (command.json.includes('"Ping"')) return connection.answer(command, { timestamp: 1 });
        attempts.push(command.data.attemptId);
        connection.socket.destroy();
      },
      onRequest(data, res) {
        attempts.push(data.attemptId);
        res.end(JSON.stringify(session({ id: 0, json: "", data })));
      },
    });
    const client = await connect(server);
    attempts.length = 0;
    const proof = { sessionToken: "a", deviceVerification: { signedDeviceChallenge: "p" } };
    expect(await client.session.validate(proof)).toMatchObject({ ok: true });
    expect(attempts).toEqual([expect.stringMatching(/^[\da-f-]{36}$/), attempts[0]]);
  });

  test("that says goodbye still gets its answers, and the next command uses another one", async () => {
    let leaving: ScriptedConnection | undefined;
    const server = await startScriptedFastPath({
      onFrame(command, connection) {
        if (command.json.includes('"Ping"') || connection !== leaving) answering(command, connection);
        if (command.data.sessionToken !== "last") return;
        leaving = connection;
        connection.sayGoodbye();
        setTimeout(answering, 50, command, connection);
      },
      onRequest: (data, res) => res.end(JSON.stringify(session({ id: 0, json: "", data }))),
    });
    const client = await connect(server);
    const last = client.session.validate({ sessionToken: "last" });
    await expect.poll(() => leaving).toBeDefined();
    expect((await last).getOrThrow().userId).toBe("last");
    expect((await client.session.validate({ sessionToken: "next" })).getOrThrow().userId).toBe("next");
    await expect.poll(() => pinged(client, server).then(() => server.counts.connections)).toBe(2);
    await expect.poll(() => server.sockets.size).toBe(1);
  });

  test("is not used for a command that is too long for a frame", async () => {
    const server = await startScriptedFastPath({
      onFrame: (command, connection) => connection.answer(command, { timestamp: 1 }),
      onRequest: (_data, res) => res.writeHead(400).end('{"type":"UnexpectedError","details":"body: expected less"}'),
    });
    const client = await connect(server);
    expect(await client.session.create({ userId: "a", metadata: "ü".repeat(140_000) })).toMatchObject({ status: 400 });
    expect(server.counts).toMatchObject({ frames: 0, requests: 1 });
  });

  test("does not queue a flood forever: beyond a bound, calls fail at once", async () => {
    const server = await startScriptedFastPath({
      onFrame(command, connection) {
        if (command.json.includes('"Ping"')) connection.answer(command, { timestamp: 1 });
      },
    });
    const client = await connect(server, { timeoutMs: 2000 });
    const calls = Array.from({ length: 20_100 }, (_, index) => client.session.create({ userId: `u${index}` }));
    const told = await Promise.race(calls.slice(20_000));
    expect(told).toMatchObject({
      ok: false,
      error: { details: "too many commands are already waiting for the sidecar" },
    });
    await Promise.all(calls);
  });
});

describe("several connections", () => {
  test("take turns by tick", async () => {
    const used = new Set<ScriptedConnection>();
    const server = await startScriptedFastPath({
      onFrame(command, connection) {
        used.add(connection);
        connection.answer(command, { timestamp: 1 });
      },
      onRequest: (_data, res) => res.end('{"timestamp":1}'),
    });
    const client = await connect(server, { connections: 3 });
    await expect.poll(() => client.ping(undefined).then(() => used.size)).toBe(3);
    expect(server.counts.connections).toBe(3);
  });

  test.each([0, 1.5, 65])("are a small whole number: %j stops the start", (connections) => {
    expect(() => createClient({ url: "http://127.0.0.1", integrationKey: "api_x", connections })).toThrow(
      /`connections`/,
    );
  });
});
