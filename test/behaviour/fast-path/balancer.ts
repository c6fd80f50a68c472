import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { stopAfterFile } from "../../harness/leftovers.ts";

export interface Balancer {
  readonly url: string;
}

const PROBE_MS = 50;

/** A layer 4 load balancer in front of replicas: round robin over those that report ready. */
export async function startBalancer(urls: readonly string[]): Promise<Balancer> {
  const ready = new Map(urls.map((url) => [url, true]));
  const sockets = new Set<Socket>();
  let turn = 0;
  let over = false;

  async function probe(): Promise<void> {
    while (!over) {
      for (const url of urls) {
        const answer = await fetch(`${url}/readyz`, { headers: { connection: "close" } }).catch(() => undefined);
        ready.set(url, answer?.ok === true);
      }
      await sleep(PROBE_MS);
    }
  }

  function next(): string | undefined {
    const candidates = urls.filter((url) => ready.get(url));
    return candidates[turn++ % candidates.length];
  }

  /** Over to another replica where one does not accept: what every balancer of connections does. */
  function join(client: Socket, triesLeft: number): void {
    const url = next();
    if (url === undefined || triesLeft === 0) {
      client.destroy();
      return;
    }
    const upstream = connect(Number(new URL(url).port), "127.0.0.1");
    sockets.add(upstream);
    upstream.once("error", () => {
      if (upstream.connecting || upstream.bytesRead === 0) join(client, triesLeft - 1);
      else client.destroy();
    });
    upstream.once("connect", () => {
      upstream.removeAllListeners("error");
      upstream.on("error", () => client.destroy());
      client.pipe(upstream);
      upstream.pipe(client);
    });
    upstream.on("close", () => sockets.delete(upstream));
    client.on("close", () => upstream.destroy());
  }

  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
    sockets.add(client);
    client.on("error", () => {});
    client.on("close", () => sockets.delete(client));
    join(client, urls.length * 2);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const probing = probe();
  stopAfterFile(async () => {
    over = true;
    server.close();
    for (const socket of sockets) socket.destroy();
    await probing;
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}` };
}
