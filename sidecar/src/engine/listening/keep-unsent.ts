import type { Server } from "node:http";
import type { Socket } from "node:net";

/**
 * Leaves connections open whose answer is still being sent. Node counts a connection as idle as soon as it has been given
 * the last byte: a client that reads slowly would get only the beginning of a large answer. `server.close()` ends idle
 * connections too, so the server itself is changed. `closeAllConnections()` still ends all of them.
 */
export function keepUnsent(server: Server, connectionEvent: "connection" | "secureConnection"): void {
  const open = new Set<Socket>();
  server.on(connectionEvent, (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });

  const closeIdle = server.closeIdleConnections;
  server.closeIdleConnections = () => {
    const sending = [...open].filter(({ writableLength }) => writableLength > 0);
    // Node has no list of idle connections to choose from, and ends each by this function.
    for (const socket of sending) Object.defineProperty(socket, "destroy", { configurable: true, value: () => socket });
    closeIdle.call(server);
    for (const socket of sending) Reflect.deleteProperty(socket, "destroy");
  };
}
