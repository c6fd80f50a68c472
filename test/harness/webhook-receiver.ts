import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";
import { stopAfterFile } from "./leftovers.ts";

/** A message whose signature the library has verified. */
export interface ReceivedMessage {
  id: string;
  type: string;
  timestamp: string;
  data: Record<string, unknown>;
  headers: Record<string, string>;
  body: string;
  /** What it was answered with. */
  status: number;
}

export interface WebhookReceiver {
  readonly url: string;
  /** With this secret, as the dashboard has shown it, messages are verified. */
  secret: string;
  /** What to answer; `hang`: nothing. */
  answer: (message: Omit<ReceivedMessage, "status">) => number | "hang";
  headers: Record<string, string>;
  /** In the order of their arrival, also those that were refused. */
  readonly received: readonly ReceivedMessage[];
  /** Those that were answered with 200. */
  accepted(): ReceivedMessage[];
  /** Why messages could not be verified. */
  readonly problems: readonly unknown[];
  /** Breaks all connections and listens again, after this time, on the same port. */
  restart(afterMs: number): Promise<void>;
}

/** A receiver as an application would write it, with a library that is not ours. */
export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const received: ReceivedMessage[] = [];
  const problems: unknown[] = [];

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    try {
      const verified: unknown = new Webhook(receiver.secret).verify(body, headers);
      const { type, timestamp, data } = verified as Pick<ReceivedMessage, "type" | "timestamp" | "data">;
      const message = { id: headers["webhook-id"] ?? "", type, timestamp, data, headers, body };
      const status = receiver.answer(message);
      if (status === "hang") return;
      received.push({ ...message, status });
      response.writeHead(status, receiver.headers).end();
    } catch (error) {
      problems.push(error);
      response.writeHead(401).end();
    }
  }

  async function open(port: number): Promise<Server> {
    const opened = createServer((request, response) => {
      handle(request, response).catch(() => response.destroy());
    }).listen(port, "127.0.0.1");
    await once(opened, "listening");
    return opened;
  }

  async function close(): Promise<void> {
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  }

  let server = await open(0);
  const { port } = server.address() as AddressInfo;
  stopAfterFile(close);
  const receiver: WebhookReceiver = {
    url: `http://127.0.0.1:${port}/hook`,
    secret: "",
    answer: () => 200,
    headers: {},
    received,
    accepted: () => received.filter(({ status }) => status === 200),
    problems,
    async restart(afterMs) {
      await close();
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      server = await open(port);
    },
  };
  return receiver;
}
