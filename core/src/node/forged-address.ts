import { IncomingMessage } from "node:http";
import { Socket } from "node:net";

/** More proxies than any request passes: a setting that trusts so many hops trusts what the client writes. */
const HOPS = 31;

/**
 * Addresses of both IP versions from the documentation networks (RFC 5737, 3849 and 9637). No proxy has them, so only
 * a setting that trusts all addresses of a version trusts them.
 */
const NETWORKS: readonly ((hop: number) => string)[][] = [
  [(hop) => `192.0.2.${hop}`, (hop) => `198.51.100.${hop}`, (hop) => `203.0.113.${hop}`],
  [(hop) => `2001:db8::${hop}`, (hop) => `3fff::${hop}`],
];

/**
 * Whether the framework, as configured, would accept any address that a client writes into the header. There are many
 * ways to configure trust (true, a list of everything, a function, a very high hop count), so it is tried out.
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
