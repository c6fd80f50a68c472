import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { stopAfterFile } from "../../../harness/leftovers.ts";

export interface Failover {
  readonly url: string;
  /** New connections go there from now on; those that are open stay where they are. */
  leadTo(url: string): void;
}

/** What stands in front of replicas and has noticed which of them to use. */
export async function startFailover(url: string): Promise<Failover> {
  const sockets = new Set<Socket>();
  let target = url;

  const server = createServer((client) => {
    const upstream = connect(Number(new URL(target).port), "127.0.0.1");
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on("error", () => {});
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  stopAfterFile(async () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    leadTo(next) {
      target = next;
    },
  };
}
