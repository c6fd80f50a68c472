import type { RequestListener } from "node:http";
import type { Socket } from "node:net";

/**
 * HTTP/1.1 lets a client send more requests before the first is answered (RFC 9112, section 9.3.2). Clients that do
 * this keep a handful in flight; each takes tens of kilobytes until it is answered.
 */
const MAX_UNDER_WAY = 100;

/** Closes a connection with more requests in flight than any honest client has. */
export function boundPipelining(handler: RequestListener): RequestListener {
  const underWay = new WeakMap<Socket, number>();

  return (request, response) => {
    const { socket } = request;
    // Requests that were read together with the one over the limit are still parsed.
    if (socket.destroyed) return;
    const count = (underWay.get(socket) ?? 0) + 1;
    if (count > MAX_UNDER_WAY) {
      socket.destroy();
      return;
    }
    underWay.set(socket, count);
    response.once("close", () => underWay.set(socket, (underWay.get(socket) ?? 1) - 1));
    handler(request, response);
  };
}
