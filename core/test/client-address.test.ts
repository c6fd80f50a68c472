import { describe, expect, test } from "vitest";
import { canonicalAddress } from "../src/request/client-address.ts";

describe("the client's address is written in one way", () => {
  test.each([
    ["203.0.113.7", "203.0.113.7"],
    [" 203.0.113.7 ", "203.0.113.7"],
    ["203.0.113.7:51234", "203.0.113.7"],
    ["2001:DB8:0:0::1", "2001:db8::1"],
    ["2001:db8::1:443", "2001:db8::1:443"],
    ["[2001:db8::1]", "2001:db8::1"],
    ["[2001:db8::1]:443", "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
    ["[fe80::1%25eth0]:443", "fe80::1"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["::FFFF:cb00:7107", "203.0.113.7"],
    ["0:0:0:0:0:ffff:203.0.113.7", "203.0.113.7"],
    ["[::ffff:203.0.113.7]:51234", "203.0.113.7"],
    ["::203.0.113.7", "::cb00:7107"],
    ['"[2001:db8::1]:4711"', "2001:db8::1"],
    ['for="[2001:db8::1]"', "2001:db8::1"],
    ["For=192.0.2.43", "192.0.2.43"],
    ["::1", "::1"],
  ])("%s", (text, address) => {
    expect(canonicalAddress(text)).toBe(address);
    // It is remembered by now.
    expect(canonicalAddress(text)).toBe(address);
  });
});

describe("a value that identifies nobody is dropped", () => {
  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["an empty text, from a Unix socket", ""],
    ["a header that came twice", ["203.0.113.7", "203.0.113.8"]],
    ["a promise", Promise.resolve("203.0.113.7")],
    ["unknown", "unknown"],
    ["a hidden one", "_hidden"],
    ["a hidden one with a port", "_SEVKISEK:51234"],
    ["a list, which anyone may have begun", "203.0.113.7, 10.0.0.1"],
    ["a path of a socket", "unix:/run/app.sock"],
    ["octal to some", "010.0.0.1"],
    ["octal in IPv6", "::ffff:010.0.0.1"],
    ["too few parts", "10.1"],
    ["too large parts", "256.1.1.1"],
    ["hexadecimal", "0x7f.0.0.1"],
    ["two gaps", "1::2::3"],
    ["IPv4 in brackets", "[203.0.113.7]"],
    ["IPv4 with a zone", "203.0.113.7%eth0"],
    ["a name", "localhost"],
    ["a network", "203.0.113.0/24"],
    ["more than any address has", "1".repeat(100_000)],
  ])("%s", (_case, value) => expect(canonicalAddress(value)).toBeUndefined());
});
