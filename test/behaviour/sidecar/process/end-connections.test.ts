import { once } from "node:events";
import { type RequestListener, request, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectSecurely } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { endConnections } from "../../../../sidecar/src/engine/listening/end-connections.ts";
import { createHttpServer, type TlsFiles } from "../../../../sidecar/src/engine/listening/http-server.ts";
import { createAuthority } from "../../../harness/certificates.ts";

let server: Server;
afterEach(() => server.closeAllConnections());

async function listen(answer: RequestListener, tls?: TlsFiles): Promise<number> {
  server = createHttpServer(answer, { tls, fastPath: undefined, countAnswer() {} }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

const LARGE = 16 * 1024 * 1024;

/** Reads slowly what a server, which closes meanwhile, has answered. */
async function readSlowly(socket: Socket): Promise<{ bytes: number; tookMs: number }> {
  socket.write("GET / HTTP/1.1\r\nHost: sidecar\r\n\r\n");
  let bytes = 0;
  await once(socket, "readable");
  socket.on("error", () => {});
  const took = closing();
  for (let step = 0; step < 10; step++) {
    await sleep(50);
    bytes += socket.read()?.length ?? 0;
  }
  socket.on("data", (chunk) => {
    bytes += chunk.length;
  });
  const tookMs = await took;
  if (!socket.closed) await once(socket, "close");
  return { bytes, tookMs };
}

/** How long the server takes to close, in milliseconds. */
async function closing(): Promise<number> {
  const start = performance.now();
  const closed = once(server, "close");
  endConnections(server);
  server.close();
  await closed;
  return performance.now() - start;
}

describe("a server that closes", () => {
  it("ends a kept connection as soon as the answer that was on its way is sent", async () => {
    let finish = () => {};
    const port = await listen((_request, response) => {
      response.write("begun");
      finish = () => response.end("done");
    });
    const sent = request({ port, headers: { connection: "keep-alive" } }).end();
    const [answer] = await once(sent, "response");
    const text = answer.setEncoding("utf8").toArray();
    setTimeout(() => finish(), 300);
    const tookMs = await closing();
    expect((await text).join("")).toBe("begundone");
    expect(tookMs).toBeGreaterThan(250);
    expect(tookMs).toBeLessThan(5_000);
  });

  it("sends all of an answer that was ended before, however slowly it is read", async () => {
    const port = await listen((_request, response) => void response.end(Buffer.alloc(LARGE)));
    const { bytes, tookMs } = await readSlowly(connect(port, "127.0.0.1"));
    expect(bytes).toBeGreaterThan(LARGE);
    expect(tookMs).toBeLessThan(5_000);
  });

  it("does so over TLS", async () => {
    const { cert, key } = await (await createAuthority()).issue("localhost");
    const tls = { cert: Buffer.from(cert), key: Buffer.from(key) };
    const port = await listen((_request, response) => void response.end(Buffer.alloc(LARGE)), tls);
    const socket = connectSecurely({ port, host: "127.0.0.1", rejectUnauthorized: false });
    await once(socket, "secureConnect");
    const { bytes, tookMs } = await readSlowly(socket);
    expect(bytes).toBeGreaterThan(LARGE);
    expect(tookMs).toBeLessThan(5_000);
  });

  it("does not wait for a client that has stopped reading", { timeout: 30_000 }, async () => {
    const port = await listen((_request, response) => void response.write(Buffer.alloc(64 * 1024 * 1024)));
    const socket = connect(port, "127.0.0.1").on("error", () => {});
    await once(socket, "connect");
    socket.pause().write("GET / HTTP/1.1\r\nHost: sidecar\r\n\r\n");
    await once(server, "request");
    expect(await closing()).toBeLessThan(9_000);
    socket.destroy();
  });
});
