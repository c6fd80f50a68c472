import { describe, expect, test } from "vitest";
import { safeReturnTo } from "../src/paths/return-to.ts";

describe("safeReturnTo", () => {
  test.each([
    ["/me?tab=1#top", "/me?tab=1#top"],
    ["me", "/me"],
    ["//evil.example/x", "/"],
    ["/\\evil.example", "/"],
    ["/\t/evil.example", "/"],
    ["\\\\evil.example", "/"],
    ["https://evil.example/", "/"],
    ["@evil.example", "/@evil.example"],
    [".evil.example", "/.evil.example"],
    ["//ada@evil.example", "/"],
    ["/.//evil.example", "/"],
    ["/x/..//evil.example", "/"],
    ["javascript:alert(1)", "/"],
    ["http:evil.example", "/evil.example"],
    [undefined, "/"],
    [["/a", "/b"], "/"],
  ])("%j becomes %j", (given, expected) => {
    expect(safeReturnTo(given)).toBe(expected);
  });
});
