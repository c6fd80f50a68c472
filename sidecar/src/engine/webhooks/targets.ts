import { type LookupAddress, type LookupOptions, lookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";
import { type CidrSet, canonicalIp } from "../policy/ip-address.ts";

/** The target is on an address to which nothing is sent. */
export class TargetRefused extends Error {
  override readonly name = "TargetRefused";
}

export interface Targets {
  /** Why a URL cannot be a target, whatever its name resolves to; undefined if it can. */
  problemOf(url: string): string | undefined;
  /** Throws a `TargetRefused` if the URL has an address, not a name, and it is refused: names go through `lookup`. */
  refuseAddress(url: URL): void;
  /** Resolves a name to connect to: what it returns is what is connected to, so a name cannot change in between. */
  lookupFor(url: URL): LookupFunction;
}

const EXPECTED = "expected a URL such as https://hooks.example.com/byo, without a user name, password or fragment";

/**
 * Which targets webhooks may have: public addresses by https, and those in `allowed` by https or http. Otherwise anyone who
 * may add an endpoint could reach what only the sidecar can reach, such as a cloud's metadata service.
 */
export function createTargets(allowed: CidrSet): Targets {
  function check(address: string, { protocol }: URL): void {
    const canonical = canonicalIp(address);
    if (canonical === undefined) throw new TargetRefused(`"${address}" is not an address to send webhooks to`);
    if (allowed.contains(canonical)) return;
    if (protocol !== "https:") {
      throw new TargetRefused("http is only for addresses in WEBHOOK_PRIVATE_TARGETS: use https");
    }
    if (!isPublic(canonical)) {
      throw new TargetRefused("the target is on a private or reserved address: add it to WEBHOOK_PRIVATE_TARGETS");
    }
  }

  function refuseAddress(url: URL): void {
    const host = url.hostname.replace(/^\[|\]$/g, "");
    if (isIP(host) !== 0) check(host, url);
  }

  return {
    refuseAddress,
    problemOf(text) {
      const url = URL.parse(text);
      if (!url || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "" || url.hash !== "")
        return EXPECTED;
      if (url.protocol === "http:" && allowed.isEmpty) return "expected https";
      try {
        refuseAddress(url);
      } catch (error) {
        if (error instanceof TargetRefused) return error.message;
        throw error;
      }
      return undefined;
    },
    lookupFor: (url) => (hostname: string, options: LookupOptions, callback) => {
      lookup(hostname, { ...options, all: true }, (error, addresses) => {
        if (error) return callback(error, "");
        const problem = problemOfAll(addresses, (address) => check(address, url));
        const [first] = addresses;
        if (problem || !first) return callback(problem ?? new TargetRefused("the name has no address"), "");
        if (options.all) callback(null, addresses);
        else callback(null, first.address, first.family);
      });
    },
  };
}

/** All public addresses of IPv6 so far (RFC 4291, section 2.4). Those outside may have an IPv4 address inside them. */
const PUBLIC_IPV6 = ipaddr.parseCIDR("2000::/3");

/** Everything that is reserved for some use has a range of its own. */
function isPublic(canonical: string): boolean {
  const address = ipaddr.parse(canonical);
  return address.range() === "unicast" && (address.kind() === "ipv4" || address.match(PUBLIC_IPV6));
}

/** One refused address refuses the name: which of them is connected to depends on the network. */
function problemOfAll(addresses: readonly LookupAddress[], check: (address: string) => void): Error | undefined {
  try {
    for (const { address } of addresses) check(address);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new TargetRefused("the name was refused");
  }
}
