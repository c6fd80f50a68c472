import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { fileURLToPath } from "node:url";
import { commandDigest, createFrameBatch, createFrameReader, readAnswer } from "@byo-session/core/frames";
import { Pool } from "undici";

/**
 * `node --conditions=@byo-session/source bench/src/framing.ts`: the cost of sending one command with each framing,
 * without rules or a database behind it. Both ends parse and write the JSON of a validation.
 */
const COMMANDS = 60_000;
const CONCURRENCY = 32;
const COMMAND = {
  command: "ValidateAndRefreshSession",
  data: {
    sessionToken: `byo_sess_${"i".repeat(22)}.00000001.${"t".repeat(22)}.${"s".repeat(43)}`,
    userAgent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
    ipAddress: "203.0.113.7",
  },
};
const SESSION = {
  sessionId: "i".repeat(22),
  userId: "u".repeat(36),
  createdAt: 1,
  expiresAt: 2,
  hasDeviceRegistered: false,
};
const AUTHORIZATION = `Bearer api_${"k".repeat(43)}`;

type Send = (json: string) => Promise<string>;
type Carrying = (port: number) => Promise<{ send: Send; close(): Promise<void> | void }>;

const FRAMINGS: Record<string, { serve(): Server; carry: Carrying }> = {
  "length-prefixed frames": { serve: serveFrames, carry: carryFrames },
  "HTTP/2, one connection": { serve: serveHttp2, carry: carryHttp2 },
  "HTTP/1.1, a pool": { serve: serveHttp, carry: carryHttp },
};

function answerTo(json: string): string {
  return JSON.parse(json).data.sessionToken === "" ? "{}" : JSON.stringify(SESSION);
}

function serveFrames(): Server {
  return createServer((socket) => {
    const batch = createFrameBatch();
    const reader = createFrameReader(1 << 18, (id, payload) => {
      if (batch.isEmpty) setImmediate(() => socket.write(batch.take()));
      batch.addAnswer(id, 200, commandDigest(payload), answerTo(payload.toString()));
    });
    socket.setNoDelay().on("data", (chunk: Buffer) => reader.push(chunk));
  });
}

async function carryFrames(port: number) {
  const socket = connect(port, "127.0.0.1").setNoDelay();
  await once(socket, "connect");
  const batch = createFrameBatch();
  const pending = new Map<number, { json: string; resolve: (json: string) => void }>();
  const reader = createFrameReader(1 << 18, (id, payload) => {
    const answer = readAnswer(payload);
    const command = pending.get(id);
    if (!command || answer.digest !== commandDigest(command.json)) throw new Error("another command's answer");
    pending.delete(id);
    command.resolve(answer.json);
  });
  socket.on("data", (chunk: Buffer) => reader.push(chunk));
  let lastId = 0;
  const send: Send = (json) =>
    new Promise((resolve) => {
      if (batch.isEmpty) setImmediate(() => socket.write(batch.take()));
      const id = ++lastId;
      pending.set(id, { json, resolve });
      batch.addCommand(id, json);
    });
  return { send, close: () => void socket.destroy() };
}

function serveHttp2(): Server {
  return createHttp2Server().on("stream", async (stream) => {
    const body = answerTo(await textOf(stream));
    stream.respond({ ":status": 200, "content-type": "application/json", "content-length": body.length });
    stream.end(body);
  });
}

async function carryHttp2(port: number) {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  await once(session, "connect");
  const headers = { ":method": "POST", ":path": "/run-command", authorization: AUTHORIZATION };
  const send: Send = (json) => {
    const stream = session.request({ ...headers, "content-length": json.length });
    stream.end(json);
    return textOf(stream);
  };
  return { send, close: () => session.close() };
}

function serveHttp(): Server {
  return createHttpServer(async (request, response) => {
    const body = answerTo(await textOf(request));
    response.writeHead(200, { "content-type": "application/json", "content-length": body.length }).end(body);
  });
}

async function carryHttp(port: number) {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: CONCURRENCY });
  const headers = { authorization: AUTHORIZATION, "content-type": "application/json" };
  const send: Send = async (body) =>
    (await pool.request({ method: "POST", path: "/run-command", headers, body })).body.text();
  return { send, close: () => pool.close() };
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function run(send: Send, commands: number): Promise<void> {
  let left = commands;
  const worker = async () => {
    while (left-- > 0) JSON.parse(await send(JSON.stringify(COMMAND)));
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}

function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

async function measure(name: string): Promise<string> {
  const { carry } = FRAMINGS[name] ?? {};
  const server = fork(fileURLToPath(import.meta.url), [name], { execArgv: process.execArgv });
  const [port] = await once(server, "message");
  const serverCpuUs = async () => {
    server.send("cpu");
    return Number((await once(server, "message"))[0]);
  };
  if (!carry) throw new Error(`unknown framing: ${name}`);
  const { send, close } = await carry(port);
  await run(send, COMMANDS / 4);
  const [client, other, start] = [cpuUs(), await serverCpuUs(), performance.now()];
  await run(send, COMMANDS);
  const perCommand = (us: number) => (us / COMMANDS).toFixed(1);
  const rate = (COMMANDS / ((performance.now() - start) / 1000)).toFixed(0);
  const line = `| ${name} | ${perCommand(cpuUs() - client)} | ${perCommand((await serverCpuUs()) - other)} | ${rate} |`;
  await close();
  server.kill();
  return line;
}

const serving = FRAMINGS[process.argv[2] ?? ""];
if (serving) {
  const server = serving.serve().listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
  process.on("message", () => process.send?.(cpuUs()));
} else {
  console.log("| framing | client, CPU us/command | server, CPU us/command | commands/s |\n| --- | --- | --- | --- |");
  for (const name of Object.keys(FRAMINGS)) console.log(await measure(name));
}
