import { expect, it } from "vitest";
import { clientAddress } from "../../src/dashboard/http/client-address.ts";
import type { SystemConfig } from "../../src/engine/config/system-config.ts";

type Where = SystemConfig["where_to_find_ip"];

const PROXIES: Where = {
  use_ip_directly: false,
  header_with_ip: "X-Forwarded-For",
  strategy_to_select_ip_from_header: "skip_trusted_proxies",
  trusted_proxies: ["10.0.0.0/8"],
};
const count = (trusted_count: number): Where => ({
  ...PROXIES,
  strategy_to_select_ip_from_header: "skip_count",
  trusted_count,
});

it.each<[string, Where, string, string | undefined, string]>([
  ["no header is believed by default", { use_ip_directly: true }, "192.0.2.1", "203.0.113.7", "192.0.2.1"],
  ["an IPv4-mapped peer is its IPv4 address", { use_ip_directly: true }, "::ffff:192.0.2.1", undefined, "192.0.2.1"],
  ["the right-most address that is no proxy", PROXIES, "10.0.0.1", "6.6.6.6, 203.0.113.7, 10.0.0.2", "203.0.113.7"],
  ["nothing of a peer that is no proxy", PROXIES, "192.0.2.1", "203.0.113.7", "192.0.2.1"],
  ["nothing left of what is no address", PROXIES, "10.0.0.1", "6.6.6.6, unknown, 10.0.0.2", "10.0.0.1"],
  ["an IPv4-mapped hop is its IPv4 address", PROXIES, "10.0.0.1", "::ffff:203.0.113.7", "203.0.113.7"],
  ["the peer where all hops are proxies", PROXIES, "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.1"],
  ["the peer where there is no header", PROXIES, "10.0.0.1", undefined, "10.0.0.1"],
  ["so many are skipped from the right", count(1), "10.0.0.1", "6.6.6.6, 203.0.113.7, 10.0.0.2", "203.0.113.7"],
  ["the peer where there are too few", count(3), "10.0.0.1", "203.0.113.7", "10.0.0.1"],
])("clientAddress: %s", (_name, where, peer, header, expected) => {
  expect(clientAddress(peer, header === undefined ? {} : { "x-forwarded-for": header }, where)).toBe(expected);
});
