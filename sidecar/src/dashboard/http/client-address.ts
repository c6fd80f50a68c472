import type { IncomingHttpHeaders } from "node:http";
import type { SystemConfig } from "../../engine/config/system-config.ts";
import { CidrSet, canonicalIp } from "../../engine/policy/ip-address.ts";

type WhereToFindIp = SystemConfig["where_to_find_ip"];

/**
 * The canonical address of the person behind a request. Headers count only as far as the configuration trusts them: a
 * visitor can put any address at the left of a list, so it is read from the right. The fallback is the peer's address.
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

/** Stops at the first hop that is not one of our proxies: that hop wrote everything to its left. */
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
