import { describe, expect, it } from "vitest";
import { canonicalDomain, canonicalEmail } from "../../src/engine/impersonation/employee-email.ts";

describe("canonicalEmail", () => {
  it.each(["joe@example.com", "JOE@Example.COM"])("has one spelling: %s", (text) =>
    expect(canonicalEmail(text)).toBe("joe@example.com"),
  );

  it.each(["o'hara+desk@mail.example.com", "a@b.c", "joe@xn--bcher-kva.example", `${"a".repeat(242)}@example.com`])(
    "accepts %s",
    (text) => expect(canonicalEmail(text)).toBe(text),
  );

  it.each([
    ["nothing", ""],
    ["no address", "joe"],
    ["no local part", "@example.com"],
    ["no domain", "joe@"],
    ["two domains", "joe@example.com@evil.test"],
    ["a display name", "Joe <joe@example.com>"],
    ["angle brackets", "<joe@example.com>"],
    ["a comment", "joe@example.com(evil)"],
    ["a quoted local part", '"joe@evil.test"@example.com'],
    ["a mailto URL", "mailto:joe@example.com"],
    ["two addresses", "joe@example.com,ann@example.com"],
    ["a trailing dot", "joe@example.com."],
    ["an empty label", "joe@example..com"],
    ["a hyphen at the end of a label", "joe@example-.com"],
    ["a literal", "joe@[192.0.2.1]"],
    ["a space before", " joe@example.com"],
    ["a space behind", "joe@example.com "],
    ["a line break", "joe@example.com\n"],
    ["a header", "joe@example.com\r\nBcc: x@evil.test"],
    ["an escaped @", "joe%40example.com"],
    ["the Kelvin sign, which is k in lower case", "joe@\u212aexample.com"],
    ["a long s, which is s in upper case", "joe@\u017fexample.com"],
    ["a dotted capital I", "\u0130oe@example.com"],
    ["Cyrillic letters that look the same", "j\u043ee@example.com"],
    ["full width letters", "joe@\uff45xample.com"],
    ["a full width @", "joe\uff20example.com"],
    ["an ideographic full stop", "joe@example\u3002com"],
    ["a zero width space", "joe\u200b@example.com"],
    ["a soft hyphen", "joe\u00ad@example.com"],
    ["an accent that is a letter of its own", "joe\u0301@example.com"],
    ["NUL", "joe@example.com\0"],
    ["255 characters", `${"a".repeat(243)}@example.com`],
  ])("refuses %s", (_, text) => expect(canonicalEmail(text)).toBeUndefined());
});

describe("canonicalDomain", () => {
  it("has one spelling", () => expect(canonicalDomain("Example.COM")).toBe("example.com"));

  it.each([
    "",
    "@example.com",
    "joe@example.com",
    "*.example.com",
    ".example.com",
    "example.com.",
    "example .com",
    "b\u00fccher.example",
    "\u212aexample.com",
    "https://example.com",
  ])("refuses %j", (text) => expect(canonicalDomain(text)).toBeUndefined());
});
