import { Agent, type IncomingMessage, request } from "node:http";
import { text as readText } from "node:stream/consumers";
import type { Header } from "./headers.ts";

export interface RawRequest {
  readonly method: string;
  /** Sent as it is: no URL parser tidies it up. */
  readonly target: string;
  readonly headers: readonly Header[];
  readonly body?: string | undefined;
}

export interface RawAnswer {
  readonly status: number;
  /** Of an upgrade: its first line. */
  readonly text: string;
}

export interface RawClient {
  /** Undefined: the connection was closed without an answer, or nothing came. */
  send(request: RawRequest): Promise<RawAnswer | undefined>;
}

const PATIENCE_MS = 3000;

/** Sends any method, target and headers, in the order that they have. */
export function createRawClient(url: string): RawClient {
  const { hostname, port, host } = new URL(url);
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  return {
    send: ({ method, target, headers, body }) =>
      new Promise((resolve) => {
        const lines: Header[] = [...(headers.some(([name]) => name === "host") ? [] : [["host", host] as const])];
        lines.push(...headers);
        if (body !== undefined) lines.push(["content-length", String(Buffer.byteLength(body))]);
        const sent = request({
          hostname,
          port,
          method,
          path: target,
          agent,
          headers: lines.flat(),
          timeout: PATIENCE_MS,
        });
        const settle = (answer?: RawAnswer) => {
          resolve(answer);
          if (answer === undefined) sent.destroy();
        };
        sent.on("response", (answer) =>
          readText(answer).then(
            (text) => settle({ status: statusOf(answer), text }),
            () => settle(),
          ),
        );
        sent.on("upgrade", (answer, socket, head) => {
          const finish = (text: string) => {
            socket.destroy();
            settle({ status: statusOf(answer), text });
          };
          if (head.length > 0) return finish(String(head));
          socket.once("data", (chunk) => finish(String(chunk))).once("close", () => finish(""));
        });
        sent.on("connect", (answer, socket) => {
          socket.destroy();
          settle({ status: statusOf(answer), text: "" });
        });
        sent.on("timeout", () => settle()).on("error", () => settle());
        sent.end(body);
      }),
  };
}

function statusOf({ statusCode }: IncomingMessage): number {
  return statusCode ?? 0;
}
