import { describe, expect, it } from "vitest";
import { type ClientPairs, isShared, nextPairs, pairOf } from "../../src/engine/sessions/client-pairs.ts";

const A = { ipAddress: "203.0.113.9", userAgent: "Chrome" };
const B = { ipAddress: "198.51.100.7", userAgent: "Chrome" };
const C = { ipAddress: "203.0.113.9", userAgent: "Firefox" };

/** Whether the last of these uses shows that the session is shared. */
function sharedAfter(...clients: { ipAddress?: string; userAgent?: string }[]): boolean {
  let pairs: ClientPairs = { clientPair: null, otherPair: null };
  let shared = false;
  for (const { ipAddress, userAgent } of clients) {
    const pair = pairOf({ ipAddress, userAgent });
    shared = isShared(pairs, pair);
    pairs = nextPairs(pairs, pair) ?? pairs;
  }
  return shared;
}

describe("two clients that use a session in turn", () => {
  it.each([
    ["A B A", [A, B, A], true],
    ["A A B B A", [A, A, B, B, A], true],
    ["A B", [A, B], false],
    ["A B B", [A, B, B], false],
    ["A A A", [A, A, A], false],
    ["A B C", [A, B, C], false],
    ["A C A: another browser at one address", [A, C, A], true],
    ["A B C A: the last two clients are looked at", [A, B, C, A], false],
    ["A, nobody known, A", [A, {}, A], false],
    ["A, B without an address, A", [A, { userAgent: "Chrome" }, A], false],
  ])("are seen when the first is back: %s", (_, clients, shared) => {
    expect(sharedAfter(...clients)).toBe(shared);
  });

  it("are told apart by network, not by address", () => {
    const pair = (ipAddress: string) => pairOf({ ipAddress, userAgent: "Chrome" });
    expect(pair("203.0.113.200")).toEqual(pair(A.ipAddress));
    expect(pair("203.0.114.9")).not.toEqual(pair(A.ipAddress));
    expect(pair("2001:db8:1:2::3")).toEqual(pair("2001:db8:1:ffff::1"));
    expect(pair("2001:db8:2::3")).not.toEqual(pair("2001:db8:1::3"));
  });

  it("are remembered as a hash that does not reveal who they are", () => {
    expect(pairOf(A)).toHaveLength(16);
    expect(pairOf({ ipAddress: A.ipAddress, userAgent: undefined })).toBeUndefined();
    expect(pairOf({ ipAddress: undefined, userAgent: "Chrome" })).toBeUndefined();
  });
});
