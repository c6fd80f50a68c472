import { once } from "node:events";
import { createServer, request, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { endConnections } from "../../../../sidecar/src/engine/listening/end-connections.ts";

let server: Server;
afterEach(() => server.closeAllConnections());

async function listen(answer: Parameters<typeof createServer>[1]): Promise<number> {
  server = createServer({ keepAliveTimeout: 60_000 }, answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
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
