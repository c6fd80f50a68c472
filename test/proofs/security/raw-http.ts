import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** One connection with raw bytes, for what no HTTP client would send. */
export interface RawConnection {
  readonly socket: Socket;
  /** Sends bytes; false when the other end has closed. Waits while the other end does not read. */
  send(bytes: string | Buffer): Promise<boolean>;
  /** Everything received so far, as latin1. */
  received(): string;
  readonly closed: Promise<void>;
  isClosed(): boolean;
}

export async function openRawConnection(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  let received = "";
  let isClosed = false;
  socket.on("data", (chunk: Buffer) => {
    received += chunk.toString("latin1");
  });
  // A refused sender sees a reset; what counts is the answer before it.
  socket.on("error", () => {});
  const closed = new Promise<void>((resolve) => {
    const end = () => {
      isClosed = true;
      socket.destroy();
      resolve();
    };
    socket.once("end", end);
    socket.once("close", end);
  });
  await once(socket, "connect");
  return {
    socket,
    async send(bytes) {
      if (isClosed) return false;
      if (!socket.write(bytes)) await Promise.race([once(socket, "drain").catch(() => {}), closed]);
      return !isClosed;
    },
    received: () => received,
    closed,
    isClosed: () => isClosed,
  };
}

export interface RawAnswer {
  status: number;
  head: string;
  body: string;
}

/** The answers on a connection, in order. By their first lines: the answer to HEAD announces a length and has no body. */
export function answersIn(received: string): RawAnswer[] {
  return received.split(/(?=HTTP\/1\.1 \d{3} )/).map((answer) => {
    const [head = "", ...body] = answer.split("\r\n\r\n");
    return { status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]), head, body: body.join("\r\n\r\n") };
  });
}

/** Sends a request as it is and returns the answers once the connection is closed. */
export async function rawExchange(url: string, request: string | Buffer): Promise<RawAnswer[]> {
  const connection = await openRawConnection(url);
  await connection.send(request);
  await connection.closed;
  return answersIn(connection.received());
}

/** The head of a command's request; what is passed goes between the fixed headers and the empty line. */
export function commandHead(integrationKey: string, ...headers: string[]): string {
  const lines = ["POST /run-command HTTP/1.1", "Host: sidecar", `Authorization: Bearer ${integrationKey}`, ...headers];
  return `${lines.join("\r\n")}\r\n\r\n`;
}
