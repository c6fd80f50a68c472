import { request as httpRequest } from "node:http";
import { networkInterfaces } from "node:os";
import { isLoopback } from "../../../../sidecar/src/engine/loopback.ts";

/** One way over which a request comes to a port or a socket of this machine. */
export interface WayIn {
  name: string;
  /** Whether both ends of the connection are loopback. */
  isLocal: boolean;
  isSocket?: boolean;
  connect: { host: string; localAddress: string } | { socketPath: string };
}

type Family = "IPv4" | "IPv6";

const LOOPBACK = { IPv4: "127.0.0.1", IPv6: "::1" };

/** An address of this machine that others could reach: to what it is sent from there, the sender is another machine. */
function outsideAddresses(family: Family): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const isOutside = (address: string) => !isLoopback(address) && !address.startsWith("fe80:");
  return all.filter((one) => one.family === family && isOutside(one.address)).map(({ address }) => address);
}

export const HAS_IPV6 = outsideAddresses("IPv6").length > 0;

export function outsideAddress(family: Family): string {
  const [first] = outsideAddresses(family);
  if (first === undefined) {
    throw new Error(`Expected an ${family} address that is not loopback. Make one: ip address add 192.0.2.1/32 dev lo`);
  }
  return first;
}

/** Every pair of ends that one machine can make. */
export function waysOver(family: Family): WayIn[] {
  const ends = { loopback: LOOPBACK[family], "another address": outsideAddress(family) };
  return Object.entries(ends).flatMap(([from, localAddress]) =>
    Object.entries(ends).map(([to, host]) => ({
      name: `${family}, from ${from} to ${to}`,
      isLocal: from === "loopback" && to === "loopback",
      connect: { host, localAddress },
    })),
  );
}

export interface Probe {
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

/** Sends one request over a connection of its own, with exactly these headers beside `Host`, and gives the status. */
export function statusOf(
  { connect }: Pick<WayIn, "connect">,
  port: number,
  host: string,
  { method, path, headers, body }: Probe,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { ...connect, port, method, path, headers: { ...headers, host }, agent: false };
    const sent = httpRequest(options, (answer) => {
      answer.resume();
      answer.on("end", () => resolve(answer.statusCode ?? 0));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
