import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { type SpawnedSidecar, spawnTestSidecar } from "../../harness/spawned-sidecar.ts";
import { processMemory } from "./process-memory.ts";
import { answersIn, commandHead, openRawConnection, rawExchange } from "./raw-http.ts";

const MIB = 2 ** 20;
const PING = '{"command":"Ping"}';
const BODY_LIMIT = 256 * 1024;

let sidecar: SpawnedSidecar;
/** What a well-formed command needs before its own headers. */
let head: (...headers: string[]) => string;

beforeAll(async () => {
  sidecar = await spawnTestSidecar();
  head = (...headers) => commandHead(sidecar.integrationKey, ...headers);
  // Memory that the first requests take for good is not what an attack takes.
  for (let i = 0; i < 200; i++) await sidecar.run("Ping", {});
});

const residentBytes = async () => (await processMemory(sidecar)).resident;

/** Runs the attack and gives by how much the process grew at its worst. */
async function growthDuring(attack: () => Promise<void>): Promise<number> {
  const before = await residentBytes();
  let worst = before;
  let over = false;
  const watch = (async () => {
    while (!over) {
      worst = Math.max(worst, await residentBytes());
      await sleep(50);
    }
  })();
  await attack();
  over = true;
  await watch;
  return Math.max(worst, await residentBytes()) - before;
}

describe("48 bodies and depth, on real bytes", () => {
  it.each([
    ["with the key", "POST /run-command", () => sidecar.integrationKey, 400],
    ["without the key", "POST /run-command", () => "api_guessed", 401],
    ["to no route", "POST /nothing", () => "api_guessed", 400],
    ["on a GET", "GET /healthz", () => "api_guessed", 200],
  ])("48 a chunked gigabyte %s is refused after little of it, in bounded memory", async (_case, line, key, status) => {
    let sent = 0;
    const growth = await growthDuring(async () => {
      const connection = await openRawConnection(sidecar.url);
      const chunked = commandHead(key(), "Transfer-Encoding: chunked");
      await connection.send(chunked.replace("POST /run-command", line));
      const chunk = Buffer.from(`10000\r\n${"x".repeat(0x10000)}\r\n`);
      while (sent < 1024 * MIB && (await connection.send(chunk))) sent += chunk.length;
      await connection.closed;
      // Who sends on while the connection is closed may see only the reset, and miss the answer.
      const received = connection.received();
      if (received !== "") expect(answersIn(received)[0]).toMatchObject({ status });
    });
    console.log(
      `48 chunked, ${_case}: closed after ${(sent / MIB).toFixed(1)} MiB, +${(growth / MIB).toFixed(1)} MiB of memory`,
    );
    expect(sent).toBeLessThan(64 * MIB);
    expect(growth).toBeLessThan(64 * MIB);
  });

  it("48 a Content-Length over the limit is refused before the body is sent", async () => {
    const [answer] = await rawExchange(sidecar.url, head("Content-Length: 1000000000"));
    expect(answer).toMatchObject({ status: 400 });
    expect(answer?.body).toContain(`at most ${BODY_LIMIT} bytes`);
  });

  it("48 the limit is exact: its last byte passes, the next one does not", async () => {
    const filled = (bytes: number) => `{"command":"Ping","data":"${"x".repeat(bytes - 28)}"}`.slice(0, bytes);
    const command = filled(BODY_LIMIT);
    expect(Buffer.byteLength(command)).toBe(BODY_LIMIT);
    expect((await sidecar.post(command)).status).toBe(200);
    expect((await sidecar.post(`${command} `)).status).toBe(400);
  });

  it("48 a Content-Length that is too small: the rest is no command, and the connection is closed", async () => {
    const answers = await rawExchange(sidecar.url, `${head("Content-Length: 18")}${PING}, "data": {}}`);
    expect(answers.at(-1)).toMatchObject({ status: 400 });
  });

  it("48 a Content-Length that is too large: what is there is not run", async () => {
    const { sessionId } = await sidecar.run("CreateSession", { userId: "ada" });
    const command = JSON.stringify({ command: "InvalidateSessionById", data: { sessionId } });
    const connection = await openRawConnection(sidecar.url);
    await connection.send(`${head(`Content-Length: ${command.length + 1}`)}${command}`);
    connection.socket.end();
    await connection.closed;
    expect(connection.received()).not.toContain("200 OK");
    expect((await sidecar.command("FetchSessionById", { sessionId })).status).toBe(200);
  });

  it.each([
    ["both lengths", ["Content-Length: 18", "Transfer-Encoding: chunked"]],
    ["two lengths", ["Content-Length: 18", "Content-Length: 5"]],
    ["a list of lengths", ["Content-Length: 18, 18"]],
    ["a negative length", ["Content-Length: -1"]],
    ["a length with a sign", ["Content-Length: +18"]],
    ["a length in hexadecimal", ["Content-Length: 0x12"]],
    ["an unknown coding", ["Transfer-Encoding: xchunked"]],
    ["a coding after chunked", ["Transfer-Encoding: chunked, identity"]],
    ["a space before the colon", ["Content-Length : 18"]],
    ["a folded line", ["X-A: b", " c: d", "Content-Length: 18"]],
    ["a NUL in a value", ["X-A: b\0c", "Content-Length: 18"]],
    ["a bare CR in a value", ["X-A: b\rContent-Length: 18"]],
  ])("48 request smuggling: %s is refused", async (_case, lines) => {
    const answers = await rawExchange(sidecar.url, `${head(...lines)}${PING}`);
    expect(answers.map(({ status }) => status)).toEqual([400]);
  });

  it.each([
    ["arrays that do not end", "[".repeat(100_000)],
    ["arrays", `${"[".repeat(100_000)}${"]".repeat(100_000)}`],
    ["objects", `${'{"a":'.repeat(40_000)}1${"}".repeat(40_000)}`],
    ["metadata", `{"command":"CreateSession","data":{"userId":"u","metadata":${"[".repeat(65)}${"]".repeat(65)}}}`],
    [
      "a patch",
      `{"command":"UpdateSession","data":{"sessionId":"u","patchMetadata":${'{"a":'.repeat(30_000)}1${"}".repeat(30_000)}}}`,
    ],
    ["a tag", `{"command":"CreateSession","data":{"userId":"u","tags":${"[".repeat(100_000)}${"]".repeat(100_000)}}}`],
  ])("48 nested 100,000 deep: %s", async (_case, body) => {
    const start = performance.now();
    expect(await sidecar.post(body)).toMatchObject({ status: 400, body: { type: "UnexpectedError" } });
    expect(performance.now() - start).toBeLessThan(2000);
  });

  it("48 heads that come a byte at a time are given up on, and nobody else waits", async () => {
    const SLOW_CONNECTIONS = 200;
    const connections = await Promise.all(
      Array.from({ length: SLOW_CONNECTIONS }, () => openRawConnection(sidecar.url)),
    );
    const start = performance.now();
    let slowest = 0;
    while (connections.some((connection) => !connection.isClosed()) && performance.now() - start < 15_000) {
      await Promise.all(connections.map((connection, at) => connection.send(at % 2 ? "" : "P")));
      const sentAt = performance.now();
      await sidecar.run("Ping", {});
      slowest = Math.max(slowest, performance.now() - sentAt);
      await sleep(500);
    }
    expect(performance.now() - start).toBeLessThan(10_000);
    const answers = connections.flatMap((connection) => answersIn(connection.received()));
    for (const { status } of answers) expect([400, 408, Number.NaN]).toContain(status);
    expect(slowest).toBeLessThan(1000);
  });

  it("48 a body that comes a byte at a time is given up on with 408", { timeout: 30_000 }, async () => {
    const connection = await openRawConnection(sidecar.url);
    const start = performance.now();
    await connection.send(head("Content-Length: 1000"));
    while (!connection.isClosed() && performance.now() - start < 20_000) {
      await connection.send("x");
      await sleep(250);
    }
    expect(performance.now() - start).toBeLessThan(13_000);
    expect(answersIn(connection.received()).map(({ status }) => status)).toEqual([408]);
  });

  it("48 a hundred pipelined commands are answered in their order", async () => {
    const commands = Array.from({ length: 100 }, (_, at) => {
      const command = at % 2 ? PING : '{"command":"Pong"}';
      return `${head(`Content-Length: ${command.length}`, ...(at === 99 ? ["Connection: close"] : []))}${command}`;
    });
    const answers = await rawExchange(sidecar.url, commands.join(""));
    expect(answers.map(({ status }) => status)).toEqual(commands.map((_, at) => (at % 2 ? 200 : 400)));
  });

  it("48 who sends commands and never reads the answers is closed, in bounded memory", async () => {
    const requests = `${head("Content-Length: 18")}${PING}`.repeat(1000);
    let accepted = 0;
    const growth = await growthDuring(async () => {
      const connections = await Promise.all(Array.from({ length: 10 }, () => openRawConnection(sidecar.url)));
      for (const { socket } of connections) socket.pause();
      const flood = connections.map(async ({ socket }) => {
        for (let round = 0; round < 100; round++) {
          if (socket.destroyed || !socket.writable) return;
          if (!socket.write(requests)) {
            const drained = new Promise((resolve) => socket.once("drain", () => resolve(true)));
            if (!(await Promise.race([drained, sleep(1500, false)]))) return;
          }
          accepted += requests.length;
        }
      });
      await Promise.all(flood);
      for (const { socket } of connections) socket.destroy();
    });
    console.log(
      `48 unread answers: ${(accepted / MIB).toFixed(1)} MiB accepted, +${(growth / MIB).toFixed(1)} MiB of memory`,
    );
    expect(growth).toBeLessThan(128 * MIB);
  });

  it.each([
    ["a whole request", () => `${head("Content-Length: 18")}${PING}`],
    ["half of one", () => "POST /run-command HTTP/1.1\r\nHost: side"],
  ])("48 half-closed after %s: the connection is let go, with an answer or without", async (_, bytes) => {
    const connection = await openRawConnection(sidecar.url);
    await connection.send(bytes());
    connection.socket.end();
    await connection.closed;
    expect(connection.received()).toMatch(/^$|^HTTP\/1\.1 (200|400) /);
  });

  it("48 after all of it the sidecar is the same process and serves", async () => {
    expect(await sidecar.run("Ping", {})).toMatchObject({ timestamp: expect.any(Number) });
    expect(sidecar.logs().filter(({ level }) => Number(level ?? 0) > 40)).toEqual([]);
  });
});
