import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** A parsed address with the length of its prefix. */
type Cidr = readonly [address: Address, prefixLength: number];

/**
 * The canonical spelling of an address, for storing and comparing: RFC 5952 for IPv6, and IPv4-mapped addresses become
 * IPv4. Undefined for anything else, and for zone ids, which have a meaning on one host only.
 */
export function canonicalIp(text: string): string | undefined {
  // ipaddr.js reads 010.0.0.1 as octal and 1.2 as 1.0.0.2; net.isIP accepts neither.
  const version = isIP(text);
  if (version === 4) return text;
  return version === 6 ? parseIpv6(text)?.toString() : undefined;
}

function parseIpv6(text: string): Address | undefined {
  if (text.includes("%")) return undefined;
  const address = ipaddr.IPv6.parse(hexTail(text));
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

/**
 * Writes a dotted tail in hexadecimal: ipaddr.js takes `::192.0.2.1` for `::ffff:192.0.2.1`, which is another address.
 */
function hexTail(text: string): string {
  return text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...octets: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = octets.slice(0, 4).map(Number);
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
}

/** The network that stands for an address where its last part may change: /24 for IPv4, /48 for IPv6. */
export function ipPrefix(canonical: string): string {
  return isIP(canonical) === 4
    ? `${canonical.slice(0, canonical.lastIndexOf("."))}.0/24`
    : `${ipaddr.IPv6.networkAddressFromCIDR(`${canonical}/48`)}/48`;
}

function parseCidr(text: string): Cidr | undefined {
  // The longest form of an IPv6 address with a prefix length has 49 characters.
  if (text.length > 64) return undefined;
  const [addressText = "", prefixText, ...rest] = text.split("/");
  const version = isIP(addressText);
  const address = version === 4 ? ipaddr.IPv4.parse(addressText) : version === 6 ? parseIpv6(addressText) : undefined;
  if (!address || rest.length > 0) return undefined;
  const bits = address.kind() === "ipv4" ? 32 : 128;
  if (prefixText === undefined) return [address, bits];
  if (!/^(0|[1-9]\d{0,2})$/.test(prefixText)) return undefined;
  // The first 96 bits of an IPv4-mapped address only mark its kind.
  const prefixLength = Number(prefixText) - (version === 6 && bits === 32 ? 96 : 0);
  return prefixLength >= 0 && prefixLength <= bits ? [address, prefixLength] : undefined;
}

/** The first and the last address of a network, and its text with the host bits cleared. */
function networkOf([address, prefixLength]: Cidr): { first: Address; last: Address; text: string } {
  const bytes = address.toByteArray();
  const hostBits = bytes.map((_, at) => 0xff >>> Math.min(8, Math.max(0, prefixLength - at * 8)));
  const first = ipaddr.fromByteArray(bytes.map((byte, at) => byte & ~(hostBits[at] ?? 0)));
  const last = ipaddr.fromByteArray(bytes.map((byte, at) => byte | (hostBits[at] ?? 0)));
  return { first, last, text: `${first}/${prefixLength}` };
}

/** Whether the text is an IPv4 or IPv6 address, with or without a prefix length (`203.0.113.0/24`). */
export function isCidr(text: string): boolean {
  return parseCidr(text) !== undefined;
}

/**
 * The network with its host bits cleared if the text has some (`10.0.0.1/8` becomes `10.0.0.0/8`), otherwise undefined.
 */
export function withoutHostBits(text: string): string | undefined {
  const cidr = parseCidr(text);
  if (!cidr) return undefined;
  const masked = networkOf(cidr).text;
  return masked === `${cidr[0]}/${cidr[1]}` ? undefined : masked;
}

/** The first and last address of a network; for an address, the same one twice. Undefined if `isCidr` is false. */
export function addressRange(text: string): { first: string; last: string } | undefined {
  const cidr = parseCidr(text);
  if (!cidr) return undefined;
  const { first, last } = networkOf(cidr);
  return { first: first.toString(), last: last.toString() };
}

/** A network as the `keyOf` of its first and last address. Two networks are nested or disjoint, never overlapping. */
interface Network {
  readonly first: string;
  readonly last: string;
  readonly text: string;
}

/** Addresses as texts that sort in the order of the addresses, IPv4 first. */
function keyOf(address: Address): string {
  return `${address.kind()} ${Buffer.from(address.toByteArray()).toString("hex")}`;
}

const byFirst = (a: Network, b: Network) => (a.first === b.first ? compare(b.last, a.last) : compare(a.first, b.first));

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** From networks sorted by `byFirst`, those that no earlier network contains. */
function widest(sorted: Iterable<Network>): Network[] {
  const kept: Network[] = [];
  for (const network of sorted) {
    const before = kept.at(-1);
    if (!before || before.last < network.last) kept.push(network);
  }
  return kept;
}

/**
 * A set of addresses, given as networks. They are kept sorted and disjoint: a lookup takes logarithmic time, comparing
 * two sets linear time.
 */
export class CidrSet {
  readonly #networks: readonly Network[];

  private constructor(networks: readonly Network[]) {
    this.#networks = networks;
  }

  /** Throws a `RangeError` if `isCidr` is false for a text. */
  static of(texts: readonly string[]): CidrSet {
    const networks = texts.map((text): Network => {
      const cidr = parseCidr(text);
      if (!cidr) throw new RangeError(`"${text}" is neither an address nor a CIDR`);
      const network = networkOf(cidr);
      return { first: keyOf(network.first), last: keyOf(network.last), text: network.text };
    });
    return new CidrSet(widest(networks.sort(byFirst)));
  }

  get isEmpty(): boolean {
    return this.#networks.length === 0;
  }

  /** The networks, without those inside others. */
  get size(): number {
    return this.#networks.length;
  }

  /** Whether a canonical address lies in one of the networks. */
  contains(canonical: string): boolean {
    const key = keyOf(ipaddr.parse(canonical));
    return this.#covers({ first: key, last: key });
  }

  /** Whether every network of this set lies in a network of the other. */
  isWithin(other: CidrSet): boolean {
    return this.#networks.every((network) => other.#covers(network));
  }

  /** The addresses in both sets: the narrower network of each nested pair. */
  intersect(other: CidrSet): CidrSet {
    const narrower = (set: CidrSet, of: CidrSet) => set.#networks.filter((network) => of.#covers(network));
    return new CidrSet(widest(merged(narrower(this, other), narrower(other, this))));
  }

  /** The addresses in either set. */
  unite(other: CidrSet): CidrSet {
    return new CidrSet(widest(merged(this.#networks, other.#networks)));
  }

  /** The networks as sorted texts with host bits cleared, without those inside others. */
  toStrings(): string[] {
    return this.#networks.map(({ text }) => text);
  }

  /** Only the last network that begins no later can cover it. */
  #covers({ first, last }: Pick<Network, "first" | "last">): boolean {
    let [low, high] = [0, this.#networks.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#networks[middle]?.first ?? "") <= first) low = middle + 1;
      else high = middle;
    }
    const candidate = this.#networks[low - 1];
    return candidate !== undefined && last <= candidate.last;
  }
}

/** Two sorted lists as one. */
function* merged(a: readonly Network[], b: readonly Network[]): Generator<Network> {
  let at = 0;
  for (const network of a) {
    for (let other = b[at]; other && byFirst(other, network) < 0; other = b[++at]) yield other;
    yield network;
  }
  yield* b.slice(at);
}

/**
 * Checks an address against a policy's lists; undefined if it passes. The blocklist beats the allowlist. `Missing`:
 * there is a list, but no address.
 */
export function checkIp(
  policy: { ip_allowlist?: CidrSet; ip_blocklist?: CidrSet },
  canonical: string | undefined,
): undefined | "NotAllowed" | "Blocked" | "Missing" {
  const { ip_allowlist: allowlist, ip_blocklist: blocklist } = policy;
  if (!allowlist && !blocklist) return undefined;
  if (canonical === undefined) return "Missing";
  if (blocklist?.contains(canonical)) return "Blocked";
  if (allowlist && !allowlist.contains(canonical)) return "NotAllowed";
  return undefined;
}
