import { once } from "node:events";
import { connect, type Socket } from "node:net";
import {
  type AnswerFrame,
  createFrameBatch,
  createFrameReader,
  EXTENSIONS_HEADER,
  FRAMES,
  readAnswer,
} from "@byo-session/core/frames";
import { stopAfterFile } from "./leftovers.ts";

/** An application's end of the fast path without core: for what core never sends. */
export interface RawPeer {
  readonly socket: Socket;
  /** Sends one command; text is sent as it is. */
  send(id: number, command: object | string): void;
  /** Waits for the answer to a command. */
  answerTo(id: number): Promise<AnswerFrame>;
  /** What the sidecar said about the connection, once it has closed it. */
  reason(): Promise<string | undefined>;
  isClosed(): boolean;
}

/** Opens a connection with the sidecar's own key, or another `Authorization`, and perhaps with extensions. */
export async function openRawPeer(
  sidecar: { url: string; integrationKey: string },
  authorization = `Bearer ${sidecar.integrationKey}`,
  extensions?: string,
): Promise<RawPeer> {
  const { hostname, port } = new URL(sidecar.url);
  const socket = connect(Number(port), hostname);
  stopAfterFile(async () => void socket.destroy());
  socket.on("error", () => {});
  await once(socket, "connect");
  const lines = [`GET ${FRAMES.path} HTTP/1.1`, "Host: sidecar", "Connection: Upgrade", `Upgrade: ${FRAMES.protocol}`];
  if (extensions !== undefined) lines.push(`${EXTENSIONS_HEADER}: ${extensions}`);
  socket.write(`${[...lines, `Authorization: ${authorization}`].join("\r\n")}\r\n\r\n`);
  const [head] = (await once(socket, "data")) as [Buffer];
  if (!head.toString().startsWith("HTTP/1.1 101 ")) throw new Error(`expected a fast path, got ${head}`);
  return frames(socket);
}

function frames(socket: Socket): RawPeer {
  const batch = createFrameBatch();
  const answers = new Map<number, AnswerFrame>();
  const waiting = new Map<number, () => void>();
  let isClosed = false;
  const reader = createFrameReader(2 ** 26, (id, payload) => {
    answers.set(id, readAnswer(payload));
    waiting.get(id)?.();
  });
  socket.on("data", (chunk: Buffer) => reader.push(chunk));
  const closed = new Promise<void>((resolve) => {
    socket.on("close", () => {
      isClosed = true;
      for (const stop of waiting.values()) stop();
      resolve();
    });
  });
  return {
    socket,
    send(id, command) {
      batch.addCommand(id, typeof command === "string" ? command : JSON.stringify(command));
      socket.write(batch.take());
    },
    async answerTo(id) {
      if (!answers.has(id) && !isClosed) await new Promise<void>((resolve) => waiting.set(id, resolve));
      waiting.delete(id);
      const answer = answers.get(id);
      if (!answer) throw new Error(`the connection was closed without an answer to ${id}`);
      return answer;
    },
    async reason() {
      await closed;
      const said = answers.get(FRAMES.controlId);
      return said && String(JSON.parse(said.json).reason);
    },
    isClosed: () => isClosed,
  };
}
