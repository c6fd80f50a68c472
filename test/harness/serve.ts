import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { stopAfterFile } from "./leftovers.ts";

export interface Served {
  readonly url: string;
  readonly server: Server;
  stop(): Promise<void>;
}

/** Serves an Express app, or any request listener, over real HTTP on a free loopback port until the file ends. */
export async function serve(listener: RequestListener): Promise<Served> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const stop = stopAfterFile(async () => {
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  });
  return { url: `http://127.0.0.1:${port}`, server, stop };
}
