import { LRUCache } from "lru-cache";

/** Strict: `010.0.0.1` is octal to some readers and decimal to others. */
const OCTET = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);
const MAPPED_PREFIX = "::ffff:";
/** In the canonical form of a URL's host (RFC 5952) the mapped address is two groups of hexadecimal digits. */
const MAPPED_GROUPS = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;
/** The longest form with brackets, zone and port; a longer value is a list and identifies no single client. */
const MAX_CHARS = 128;

/** Parsing an IPv6 address costs as much as a held answer. Few, because each may keep the header in memory that it was cut from. */
const parsed = new LRUCache<string, string>({ max: 500 });

/**
 * The client's address in one canonical form, from the value of a framework, a proxy's header or `clientIp`: without
 * port, brackets, quotes and zone, and an IPv4 address inside IPv6 as plain IPv4. Undefined if the value identifies
 * nobody: nothing, a Unix socket, `unknown` or `_hidden` (RFC 7239, section 6), or a list, because it is unclear which
 * entry to trust.
 */
export function canonicalAddress(address: unknown): string | undefined {
  if (typeof address !== "string" || address.length > MAX_CHARS) return undefined;
  if (IPV4.test(address)) return address;
  const known = parsed.get(address);
  if (known !== undefined) return known;
  const canonical = parse(address);
  if (canonical !== undefined) parsed.set(address, canonical);
  return canonical;
}

function parse(address: string): string | undefined {
  const bare = withoutPort(unquoted(address));
  if (bare === undefined) return undefined;
  return IPV4.test(bare) ? bare : canonicalIpv6(bare);
}

/** A node of the header `Forwarded` may be quoted, after `for=` (RFC 7239, section 4). */
function unquoted(text: string): string {
  const [, quoted, plain] = /^\s*(?:for\s*=\s*)?(?:"([^"]*)"|([^",;\s]*))\s*$/i.exec(text) ?? [];
  return quoted ?? plain ?? "";
}

function withoutPort(text: string): string | undefined {
  const [, bracketed] = /^\[([^\]]*)\](?::[\w.-]+)?$/.exec(text) ?? [];
  if (bracketed !== undefined) return bracketed.includes(":") ? bracketed : undefined;
  const [, beforePort] = /^([\d.]+):\d{1,5}$/.exec(text) ?? [];
  return beforePort ?? text;
}

function canonicalIpv6(text: string): string | undefined {
  // A zone is only meaningful on one host and is not part of the address (RFC 4007, section 11.2).
  const [address = ""] = text.split("%", 1);
  if (!/^[\da-f:.]+$/i.test(address) || !address.includes(":")) return undefined;
  if (address.startsWith(MAPPED_PREFIX) && IPV4.test(address.slice(MAPPED_PREFIX.length))) {
    return address.slice(MAPPED_PREFIX.length);
  }
  const host = URL.parse(`http://[${address}]/`)?.hostname.slice(1, -1);
  const [, high, low] = MAPPED_GROUPS.exec(host ?? "") ?? [];
  return high === undefined || low === undefined ? host : dotted(high, low);
}

function dotted(high: string, low: string): string {
  const groups = [high, low].map((group) => Number.parseInt(group, 16));
  return groups.flatMap((group) => [group >> 8, group & 0xff]).join(".");
}
