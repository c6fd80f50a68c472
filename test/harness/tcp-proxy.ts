import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { freePort } from "./free-port.ts";
import { stopAfterFile } from "./leftovers.ts";
import { heardByApplications } from "./session-cache.ts";

export interface TcpProxy {
  readonly port: number;
  /** Silence: connections stay open and are accepted, but nothing passes, like a frozen server. */
  freeze(): void;
  /** Passes on everything that was held back. */
  thaw(): void;
  /** Silence on the connections that are open now, until the end; new ones pass: as behind a NAT that has forgotten them. */
  mute(): void;
  /** Passes everything on so many milliseconds later, as over a slow way; 0: at once. */
  delay(ms: number): void;
  /** Breaks every connection and refuses new ones, like a server that is gone. */
  cut(): Promise<void>;
  /** Accepts connections again, on the same port. */
  restore(): Promise<void>;
  stop(): Promise<void>;
}

/** A proxy between a program and a server on loopback, which can take the server away without touching it. */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const mute = new WeakSet<Socket>();
  let frozen = false;
  let delayMs = 0;

  function join(from: Socket, to: Socket): void {
    sockets.add(from);
    const pass = (chunk: Buffer) => {
      if (!to.write(chunk)) from.pause();
    };
    from.on("data", (chunk: Buffer) => {
      if (delayMs > 0) setTimeout(pass, delayMs, chunk);
      else pass(chunk);
    });
    to.on("drain", () => {
      if (!frozen && !mute.has(from)) from.resume();
    });
    from.on("error", () => {});
    from.on("close", () => {
      sockets.delete(from);
      to.destroy();
    });
    if (frozen) from.pause();
  }

  const server = createServer((client) => {
    const upstream = connect(targetPort, "127.0.0.1");
    join(client, upstream);
    join(upstream, client);
  });
  // Not one of those that the system gives away: while it is cut, a connection of another test could get it.
  const port = await freePort();
  const restore = async () => {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  };
  const cut = async () => {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
    await heardByApplications();
  };
  await restore();
  return {
    port,
    freeze() {
      frozen = true;
      for (const socket of sockets) socket.pause();
    },
    thaw() {
      frozen = false;
      for (const socket of sockets) if (!mute.has(socket)) socket.resume();
    },
    delay(ms) {
      delayMs = ms;
    },
    mute() {
      for (const socket of sockets) mute.add(socket.pause());
    },
    cut,
    restore,
    stop: stopAfterFile(cut),
  };
}
