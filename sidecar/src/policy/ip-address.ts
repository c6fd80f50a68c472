import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Network = readonly [address: Address, prefixLength: number];

/**
 * The one spelling of an address that is stored and compared: RFC 5952 for IPv6, and an IPv4-mapped address is its IPv4
 * address. Undefined for what is no address, and for zone ids, which mean something on one host only.
 */
export function canonicalIp(text: string): string | undefined {
  // ipaddr.js reads 010.0.0.1 as octal and 1.2 as 1.0.0.2; net.isIP takes neither.
  const version = isIP(text);
  if (version === 4) return text;
  return version === 6 ? parseIpv6(text)?.toString() : undefined;
}

function parseIpv6(text: string): Address | undefined {
  if (text.includes("%")) return undefined;
  const address = ipaddr.IPv6.parse(hexTail(text));
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

/** Writes a dotted tail in hexadecimal: ipaddr.js takes `::192.0.2.1` for `::ffff:192.0.2.1`, which is another address. */
function hexTail(text: string): string {
  return text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...octets: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = octets.slice(0, 4).map(Number);
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
}

/** The network that an address is compared by where its last part may change: /24 for IPv4, /48 for IPv6. */
export function ipPrefix(canonical: string): string {
  return isIP(canonical) === 4
    ? `${canonical.slice(0, canonical.lastIndexOf("."))}.0/24`
    : `${ipaddr.IPv6.networkAddressFromCIDR(`${canonical}/48`)}/48`;
}

function parseCidr(text: string): Network | undefined {
  const [addressText = "", prefixText, ...rest] = text.split("/");
  const version = isIP(addressText);
  const address = version === 4 ? ipaddr.IPv4.parse(addressText) : version === 6 ? parseIpv6(addressText) : undefined;
  if (!address || rest.length > 0) return undefined;
  const bits = address.kind() === "ipv4" ? 32 : 128;
  if (prefixText === undefined) return [address, bits];
  if (!/^(0|[1-9]\d{0,2})$/.test(prefixText)) return undefined;
  // The first 96 bits of an IPv4-mapped address are the mark of its kind, not a part of it.
  const prefixLength = Number(prefixText) - (version === 6 && bits === 32 ? 96 : 0);
  return prefixLength >= 0 && prefixLength <= bits ? [address, prefixLength] : undefined;
}

function networkText([address, prefixLength]: Network): string {
  const cidr = `${address}/${prefixLength}`;
  const network =
    address.kind() === "ipv4" ? ipaddr.IPv4.networkAddressFromCIDR(cidr) : ipaddr.IPv6.networkAddressFromCIDR(cidr);
  return `${network}/${prefixLength}`;
}

function covers([wide, wideLength]: Network, [narrow, narrowLength]: Network): boolean {
  return wide.kind() === narrow.kind() && wideLength <= narrowLength && narrow.match([wide, wideLength]);
}

/** Whether the text is an IPv4 or IPv6 address, or one with a prefix length (`203.0.113.0/24`). */
export function isCidr(text: string): boolean {
  return parseCidr(text) !== undefined;
}

/** The same network with its host bits cleared where the text has some (`10.0.0.1/8`: `10.0.0.0/8`), else undefined. */
export function withoutHostBits(text: string): string | undefined {
  const network = parseCidr(text);
  if (!network) return undefined;
  const masked = networkText(network);
  return masked === `${network[0]}/${network[1]}` ? undefined : masked;
}

/** The first and the last address of a network, or the one address twice. Undefined for a text that `isCidr` refuses. */
export function addressRange(text: string): { first: string; last: string } | undefined {
  const network = parseCidr(text);
  if (!network) return undefined;
  const masked = networkText(network);
  const kind = network[0].kind() === "ipv4" ? ipaddr.IPv4 : ipaddr.IPv6;
  return {
    first: kind.networkAddressFromCIDR(masked).toString(),
    last: kind.broadcastAddressFromCIDR(masked).toString(),
  };
}

/** A set of addresses, given as networks. */
export class CidrSet {
  readonly #networks: readonly Network[];

  private constructor(networks: readonly Network[]) {
    this.#networks = networks;
  }

  /** Throws a `RangeError` for a text that `isCidr` refuses. */
  static of(texts: readonly string[]): CidrSet {
    return new CidrSet(
      texts.map((text) => {
        const network = parseCidr(text);
        if (!network) throw new RangeError(`"${text}" is neither an address nor a CIDR`);
        return network;
      }),
    );
  }

  get isEmpty(): boolean {
    return this.#networks.length === 0;
  }

  /** Whether the address, as `canonicalIp` gives it, lies in one of the networks. */
  contains(canonical: string): boolean {
    const address = ipaddr.parse(canonical);
    const bits = address.kind() === "ipv4" ? 32 : 128;
    return this.#networks.some((network) => covers(network, [address, bits]));
  }

  /** The addresses that are in both: two networks are nested or apart, so the narrower of each nested pair. */
  intersect(other: CidrSet): CidrSet {
    const shared = this.#networks.flatMap((a) =>
      other.#networks.flatMap((b) => (covers(a, b) ? [b] : covers(b, a) ? [a] : [])),
    );
    return new CidrSet(shared);
  }

  /** The addresses that are in either. */
  unite(other: CidrSet): CidrSet {
    return new CidrSet([...this.#networks, ...other.#networks]);
  }

  /** The networks as text, host bits cleared, each once. */
  toStrings(): string[] {
    return [...new Set(this.#networks.map(networkText))];
  }
}

/**
 * Judges an address by the lists of a policy: undefined when it passes. A block beats an allow. `Missing` means that a
 * list needs an address and none was given.
 */
export function checkIp(
  policy: { ipAllowlist?: CidrSet; ipBlocklist?: CidrSet },
  canonical: string | undefined,
): undefined | "NotAllowed" | "Blocked" | "Missing" {
  const { ipAllowlist, ipBlocklist } = policy;
  if (!ipAllowlist && !ipBlocklist) return undefined;
  if (canonical === undefined) return "Missing";
  if (ipBlocklist?.contains(canonical)) return "Blocked";
  if (ipAllowlist && !ipAllowlist.contains(canonical)) return "NotAllowed";
  return undefined;
}
