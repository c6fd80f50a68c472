import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, it } from "vitest";
import {
  addressRange,
  CidrSet,
  canonicalIp,
  checkIp,
  ipPrefix,
  isCidr,
  withoutHostBits,
} from "../../src/engine/policy/ip-address.ts";

describe("canonicalIp", () => {
  it.each([
    ["203.0.113.7", "203.0.113.7"],
    ["0.0.0.0", "0.0.0.0"],
    ["::ffff:10.0.0.1", "10.0.0.1"],
    ["::FFFF:10.0.0.1", "10.0.0.1"],
    ["::ffff:a00:1", "10.0.0.1"],
    ["0:0:0:0:0:ffff:10.0.0.1", "10.0.0.1"],
    ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:0db8::0001", "2001:db8::1"],
    ["::1", "::1"],
    ["::", "::"],
    // IPv4-compatible and NAT64 addresses are not the IPv4 address that they hold.
    ["::10.0.0.1", "::a00:1"],
    ["64:ff9b::10.0.0.1", "64:ff9b::a00:1"],
  ])("spells %s as %s", (text, canonical) => expect(canonicalIp(text)).toBe(canonical));

  it.each([
    "",
    "010.0.0.1",
    "10.0.0.01",
    "10.0.0",
    "10.1",
    "167772161",
    "0x0a.0.0.1",
    "10.0.0.256",
    "10.0.0.1 ",
    " 10.0.0.1",
    "10.0.0.1/32",
    "10.0.0.1:80",
    "[::1]",
    "fe80::1%eth0",
    "::ffff:010.0.0.1",
    "::ffff:10.0.0.1%1",
    "1::2::3",
    "example.com",
    "10.0.0.1, 10.0.0.2",
    "\0",
    "1".repeat(64 * 1024),
  ])("refuses %j", (text) => expect(canonicalIp(text)).toBeUndefined());
});

describe("ipPrefix", () => {
  it.each([
    ["203.0.113.7", "203.0.113.0/24"],
    ["203.0.113.255", "203.0.113.0/24"],
    ["2001:db8:1:2::3", "2001:db8:1::/48"],
    ["::1", "::/48"],
  ])("of %s is %s", (address, prefix) => expect(ipPrefix(address)).toBe(prefix));
});

describe("isCidr", () => {
  it.each(["10.0.0.1", "10.0.0.0/8", "0.0.0.0/0", "::/0", "2001:db8::/32", "::1/128", "::ffff:10.0.0.0/104"])(
    "takes %s",
    (text) => expect(isCidr(text)).toBe(true),
  );
  it.each([
    "",
    "/8",
    "10.0.0.0/",
    "10.0.0.0/33",
    "10.0.0.0/-1",
    "10.0.0.0/08",
    "10.0.0.0/8/8",
    "10.0.0.0/255.0.0.0",
    "10.0.0.0/ 8",
    "010.0.0.0/8",
    "::/129",
    "fe80::1%eth0/64",
    // Shorter than the mark of an IPv4-mapped address.
    "::ffff:10.0.0.0/95",
  ])("refuses %j", (text) => expect(isCidr(text)).toBe(false));
});

describe("withoutHostBits", () => {
  it.each([
    ["10.0.0.1/8", "10.0.0.0/8"],
    ["203.0.113.77/24", "203.0.113.0/24"],
    ["2001:db8::1/32", "2001:db8::/32"],
    ["::ffff:10.0.0.1/104", "10.0.0.0/8"],
  ])("of %s is %s", (text, masked) => expect(withoutHostBits(text)).toBe(masked));
  it.each(["10.0.0.0/8", "10.0.0.1", "10.0.0.1/32", "::/0", "no address"])("of %s is nothing", (text) =>
    expect(withoutHostBits(text)).toBeUndefined(),
  );
});

describe("CidrSet", () => {
  it.each([
    ["10.0.0.0/8", "10.255.255.255", true],
    ["10.0.0.0/8", "11.0.0.0", false],
    ["10.0.0.9/8", "10.1.2.3", true],
    ["10.0.0.1", "10.0.0.1", true],
    ["10.0.0.1", "10.0.0.2", false],
    ["203.0.113.128/25", "203.0.113.127", false],
    ["203.0.113.128/25", "203.0.113.128", true],
    ["2001:db8::/33", "2001:db8:7fff::1", true],
    ["2001:db8::/33", "2001:db8:8000::1", false],
    ["0.0.0.0/0", "192.0.2.1", true],
    ["0.0.0.0/0", "::1", false],
    ["::/0", "2001:db8::1", true],
    ["::/0", "192.0.2.1", false],
    ["::ffff:10.0.0.0/104", "10.1.2.3", true],
    ["::ffff:0:0/96", "192.0.2.1", true],
  ])("of %s contains %s: %s", (cidr, address, expected) => expect(CidrSet.of([cidr]).contains(address)).toBe(expected));

  it("of several contains what one of them contains", () => {
    const set = CidrSet.of(["192.0.2.0/24", "2001:db8::/32", "198.51.100.7"]);
    expect(["192.0.2.9", "2001:db8::9", "198.51.100.7"].every((ip) => set.contains(ip))).toBe(true);
    expect(set.contains("198.51.100.8")).toBe(false);
  });

  it("intersects to what is in both", () => {
    const set = CidrSet.of(["10.0.0.0/8", "192.0.2.1", "2001:db8::/32"]).intersect(
      CidrSet.of(["10.1.0.0/16", "192.0.2.0/24", "2001:db8:1::/48", "172.16.0.0/12"]),
    );
    expect(set.toStrings()).toEqual(["10.1.0.0/16", "192.0.2.1/32", "2001:db8:1::/48"]);
  });

  it("intersects to nothing if nothing is in both", () => {
    const set = CidrSet.of(["10.0.0.0/8"]).intersect(CidrSet.of(["192.0.2.0/24", "::/0"]));
    expect(set.isEmpty).toBe(true);
    expect(set.contains("10.0.0.1")).toBe(false);
  });

  it("unites", () => {
    const set = CidrSet.of(["10.0.0.5/8"]).unite(CidrSet.of(["192.0.2.1", "10.0.0.0/8"]));
    expect(set.toStrings()).toEqual(["10.0.0.0/8", "192.0.2.1/32"]);
  });

  it("drops networks that are inside another, and sorts the rest", () => {
    const set = CidrSet.of(["2001:db8:1::/48", "10.1.0.0/16", "9.0.0.0/8", "10.0.0.0/8", "2001:db8::/32", "10.0.0.7"]);
    expect(set.toStrings()).toEqual(["9.0.0.0/8", "10.0.0.0/8", "2001:db8::/32"]);
  });

  it("says of every address what its networks say, also after sets were united and intersected", () => {
    const cidr = fc
      .tuple(
        fc.constantFrom("10.0.0.", "10.0.1.", "255.255.255."),
        fc.integer({ min: 0, max: 255 }),
        fc.integer({ min: 0, max: 32 }),
      )
      .map(([start, last, length]) => `${start}${last}/${length}`);
    const cidr6 = fc
      .tuple(
        fc.constantFrom("::", "2001:db8::", "ffff:ffff::"),
        fc.integer({ min: 0, max: 0xffff }),
        fc.integer({ min: 0, max: 128 }),
      )
      .map(([start, last, length]) => `${start}${last.toString(16)}/${length}`);
    const cidrs = fc.array(fc.oneof(cidr, cidr6), { maxLength: 8 });
    const inOne = (texts: readonly string[], address: string) =>
      texts.some((text) => {
        const [network, length] = ipaddr.parseCIDR(text);
        const parsed = ipaddr.parse(address);
        return parsed.kind() === network.kind() && parsed.match([network, length]);
      });
    fc.assert(
      fc.property(cidrs, cidrs, (a, b) => {
        const [one, other] = [CidrSet.of(a), CidrSet.of(b)];
        const [both, either] = [one.intersect(other), one.unite(other)];
        const ends = [...a, ...b].flatMap((text) => Object.values(addressRange(text) ?? {}));
        for (const address of [...ends, "10.0.0.128", "11.1.1.1", "2001:db8::7"]) {
          const [inA, inB] = [inOne(a, address), inOne(b, address)];
          expect(one.contains(address)).toBe(inA);
          expect(both.contains(address)).toBe(inA && inB);
          expect(either.contains(address)).toBe(inA || inB);
        }
        expect(both.isWithin(one) && both.isWithin(other) && one.isWithin(either) && other.isWithin(either)).toBe(true);
        expect(CidrSet.of(either.toStrings()).toStrings()).toEqual(either.toStrings());
        expect(one.isWithin(other)).toBe(
          a.every(
            (text) => CidrSet.of([text]).intersect(other).toStrings().join() === CidrSet.of([text]).toStrings().join(),
          ),
        );
      }),
      { numRuns: 1000, seed: 3 },
    );
  });

  it("refuses an invalid address", () => {
    expect(() => CidrSet.of(["10.0.0.0/8", "office"])).toThrow('"office"');
  });
});

describe("checkIp", () => {
  const allow = CidrSet.of(["10.0.0.0/8"]);
  const block = CidrSet.of(["10.6.6.6"]);
  it.each([
    [{}, undefined, undefined],
    [{}, "192.0.2.1", undefined],
    [{ ip_allowlist: allow }, "10.1.2.3", undefined],
    [{ ip_allowlist: allow }, "192.0.2.1", "NotAllowed"],
    [{ ip_allowlist: allow }, undefined, "Missing"],
    [{ ip_blocklist: block }, "192.0.2.1", undefined],
    [{ ip_blocklist: block }, "10.6.6.6", "Blocked"],
    [{ ip_blocklist: block }, undefined, "Missing"],
    [{ ip_allowlist: allow, ip_blocklist: block }, "10.6.6.6", "Blocked"],
    [{ ip_allowlist: allow, ip_blocklist: block }, "10.6.6.7", undefined],
    [{ ip_allowlist: allow, ip_blocklist: CidrSet.of(["192.0.2.0/24"]) }, "192.0.2.1", "Blocked"],
    [{ ip_allowlist: CidrSet.of([]) }, "10.1.2.3", "NotAllowed"],
  ] as const)("case %#", (policy, address, expected) => expect(checkIp(policy, address)).toBe(expected));
});
