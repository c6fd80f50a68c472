import { canonicalIp } from "./policy/ip-address.ts";

/** Whether only this machine can reach a listening address. */
export function isLoopback(host: string): boolean {
  const address = canonicalIp(host);
  return address === undefined ? host.toLowerCase() === "localhost" : address === "::1" || address.startsWith("127.");
}
