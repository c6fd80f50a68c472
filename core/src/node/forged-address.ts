import { IncomingMessage } from "node:http";
import { Socket } from "node:net";

/** More proxies than any request passes: who believes so many hops believes the client's own words. */
const HOPS = 31;

/**
 * Addresses of both kinds, from networks that are for documentation (RFC 5737, 3849 and 9637): nobody's proxies, so that
 * only who trusts all of a kind trusts these.
 */
const NETWORKS: readonly ((hop: number) => string)[][] = [
  [(hop) => `192.0.2.${hop}`, (hop) => `198.51.100.${hop}`, (hop) => `203.0.113.${hop}`],
  [(hop) => `2001:db8::${hop}`, (hop) => `3fff::${hop}`],
];

/**
 * Whether a framework, set as it is, would take whatever address a client writes into the header. What is trusted may be
 * said in many ways (true, a list that holds everything, a function, a very high count of hops), so it is tried.
 *
 * @param ipOf The client's address in the framework's view.
 */
export function believesForgedAddress(
  ipOf: (request: IncomingMessage) => string | undefined,
  header = "X-Forwarded-For",
): boolean {
  const name = header.toLowerCase();
  return NETWORKS.some((networks) => {
    const addresses = Array.from({ length: HOPS + 1 }, (_, hop) => networks[hop % networks.length]?.(hop + 1));
    const [nearest, ...forwarded] = addresses;
    const socket = Object.defineProperty(new Socket(), "remoteAddress", { value: nearest });
    const request = new IncomingMessage(socket);
    request.headers[name] = forwarded.reverse().join(", ");
    return ipOf(request) === forwarded[0];
  });
}
