import type { IncomingHttpHeaders } from "node:http";
import type { SystemConfig } from "../../engine/config/system-config.ts";
import { CidrSet, canonicalIp } from "../../engine/policy/ip-address.ts";

type WhereToFindIp = SystemConfig["where_to_find_ip"];

/**
 * The address of the person behind a request, canonical. Headers are believed only as far as the configuration says: a
 * visitor can put any address on the left of a list, so it is read from the right. What cannot be found out is the peer.
 */
export function clientAddress(peer: string, headers: IncomingHttpHeaders, where: WhereToFindIp): string {
  const peerAddress = canonicalIp(peer) ?? peer;
  if (where.use_ip_directly || where.header_with_ip === undefined) return peerAddress;
  const value = headers[where.header_with_ip.toLowerCase()];
  const hops = (Array.isArray(value) ? value.join(",") : (value ?? "")).split(",").map((hop) => hop.trim());
  const found =
    where.strategy_to_select_ip_from_header === "skip_count"
      ? canonicalIp(hops.at(-1 - (where.trusted_count ?? 0)) ?? "")
      : rightmostStranger(peerAddress, hops, CidrSet.of(where.trusted_proxies ?? []));
  return found ?? peerAddress;
}

/** Stops at the first hop that is no proxy of ours, or no address: what stands left of it was written by that one. */
function rightmostStranger(peer: string, hops: readonly string[], proxies: CidrSet): string | undefined {
  const isProxy = (address: string) => canonicalIp(address) === address && proxies.contains(address);
  if (!isProxy(peer)) return peer;
  for (const hop of hops.toReversed()) {
    const address = canonicalIp(hop);
    if (address === undefined) return undefined;
    if (!isProxy(address)) return address;
  }
  return undefined;
}
