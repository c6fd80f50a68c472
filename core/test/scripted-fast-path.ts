import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import {
  commandDigest,
  createFrameBatch,
  createFrameReader,
  EXTENSIONS_HEADER,
  FRAMES,
  type Notice,
} from "@byo-session/core/frames";
import { afterAll } from "vitest";

export interface FrameCommand {
  id: number;
  json: string;
  data: Record<string, unknown>;
}

/** The sidecar's end of one connection, for behaviour that a real sidecar does not show on demand. */
export interface ScriptedConnection {
  readonly socket: Duplex;
  answer(command: FrameCommand, body: object, as?: { id?: number; digest?: string }): void;
  sayGoodbye(): void;
  notify(notice: Notice, content: unknown): void;
}

interface Script {
  onFrame: (command: FrameCommand, connection: ScriptedConnection) => void;
  /** Of `/run-command`. Default: 503. */
  onRequest?: (data: Record<string, unknown>, res: ServerResponse) => void;
  /** Takes what is asked of the connection itself; with it the sidecar says that it knows holds. */
  onConnectionRequest?: (request: { beat?: number }, connection: ScriptedConnection) => void;
}

/** Speaks the fast path by script, with `/run-command` beside it. */
export async function startScriptedFastPath({ onFrame, onRequest, onConnectionRequest }: Script) {
  const counts = { connections: 0, frames: 0, requests: 0, asked: 0 };
  const sockets = new Set<Duplex>();
  const server = createServer(async (req, res) => {
    counts.requests++;
    const data = await dataOf(req);
    if (onRequest) onRequest(data, res);
    else res.writeHead(503).end('{"type":"UnexpectedError","details":"by request"}');
  });
  server.on("upgrade", (_request, socket) => {
    counts.connections++;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("end", () => socket.end());
    socket.on("close", () => sockets.delete(socket));
    const extensions = onConnectionRequest ? `${EXTENSIONS_HEADER}: ${FRAMES.holds}\r\n` : "";
    const head = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${FRAMES.protocol}\r\n`;
    socket.write(`${head}${extensions}\r\n`);
    const connection = scriptedConnection(socket);
    const reader = createFrameReader(1 << 20, (id, payload) => {
      if (id === FRAMES.controlId) {
        counts.asked++;
        onConnectionRequest?.(JSON.parse(payload.toString()), connection);
        return;
      }
      counts.frames++;
      const json = payload.toString();
      onFrame({ id, json, data: JSON.parse(json).data }, connection);
    });
    socket.on("data", (chunk: Buffer) => reader.push(chunk));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  afterAll(() => {
    server.close();
    server.closeAllConnections();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, counts, sockets };
}

function scriptedConnection(socket: Duplex): ScriptedConnection {
  const batch = createFrameBatch();
  return {
    socket,
    answer({ id, json }, body, as = {}) {
      batch.addAnswer(as.id ?? id, 200, as.digest ?? commandDigest(json), JSON.stringify(body));
      socket.write(batch.take());
    },
    sayGoodbye() {
      batch.addNotice("goodbye", { reason: "stopping" });
      socket.write(batch.take());
    },
    notify(notice, content) {
      batch.addNotice(notice, content);
      socket.write(batch.take());
    },
  };
}

async function dataOf(req: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString()).data;
}
