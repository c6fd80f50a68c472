import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import type { UpgradeResult } from "@byo-session/core";

/** Opens sockets as the suite expects it: the session in a line of JSON, then the session again for each chunk. */
export function answerUpgrades(server: Server, authenticate: (req: IncomingMessage) => Promise<UpgradeResult>): void {
  server.on("upgrade", async (req: IncomingMessage, socket: Duplex) => {
    // Node leaves its half of an upgraded socket open, and a server waits for it when it closes.
    socket.on("end", () => socket.end());
    const opened = await authenticate(req);
    if (!opened.ok) return void socket.end(opened.response);
    const { session, expiresAt } = opened;
    socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
    socket.write(`${JSON.stringify({ session, expiresAt })}\n`);
    socket.on("data", async () => socket.write(`${JSON.stringify(await opened.revalidate())}\n`));
  });
}
