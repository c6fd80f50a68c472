import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterAll } from "vitest";

export interface ReceivedCommand {
  command: string;
  data: Record<string, unknown>;
  authorization: string | undefined;
  url: string | undefined;
}

type Script = (received: ReceivedCommand, res: ServerResponse, socket: Socket) => void;

/**
 * Speaks the wire contract by script, to bring about what a real sidecar does not do on demand: resets, silence, broken
 * answers.
 */
export async function startScriptedServer(script: Script) {
  const received: ReceivedCommand[] = [];
  const server = createServer(async (req, res) => {
    if (!req.url?.endsWith("/run-command")) {
      answer(res, 404, { type: "UnexpectedError", details: "no such route" });
      return;
    }
    const { command, data } = JSON.parse(await textOf(req)) as Pick<ReceivedCommand, "command" | "data">;
    const one = { command, data, authorization: req.headers.authorization, url: req.url };
    received.push(one);
    script(one, res, req.socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, received };
}

export function answer(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function textOf(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
