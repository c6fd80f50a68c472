import { safeReturnTo } from "@byo-session/core";
import fc from "fast-check";
import { expect, it } from "vitest";

/** The parts of addresses that lead elsewhere, and what browsers drop, convert or resolve in them. */
const PARTS = [
  ..."/\\.:@?#%&=\t\n\r \u0000\u00a0\u3002\uff0f\uff3c",
  ...["//", "/./", "/../", "..", "%2e", "%2E%2e", "%2f", "%5c", "%09", "\\\\", "/;/", "//user:pass@"],
  ...["http:", "https:", "HTTPS:", "javascript:", "data:", "ws:", "file:", "blob:", "about:"],
  ...["evil.example", "here.invalid", "app.example", "localhost", "[::1]", "1.2", ":80", ":443", "/me", "/app", "x"],
];
const hostile = fc
  .array(fc.constantFrom(...PARTS), { maxLength: 8 })
  .map((parts) => parts.join(""))
  .chain((text) => fc.constantFrom(text, `/${text}`, `/x/..${text}`, `/..//${text}`, `http://here.invalid/${text}`));
const anything = fc.oneof({ weight: 9, arbitrary: hostile }, fc.string({ unit: "binary" }), fc.webUrl(), fc.anything());

/** Where a page of the app may be, as a browser resolves a Location, including a base path and an unusual port. */
const PAGES = [
  "https://app.example/login",
  "https://app.example/a/b/../login?x=//evil.example",
  "https://here.invalid/login",
  "https://user@app.example:8443/base/login",
];

it("gives an address on this site, whatever it is given and wherever it is resolved", () => {
  const stays = (value: unknown) => {
    const address = safeReturnTo(value, "/fallback");
    expect(address).toMatch(/^\/(?![/\\])/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a header of an answer cannot hold them, and browsers drop some
    expect(address).not.toMatch(/[\u0000-\u0020\u007f-\uffff]/);
    for (const page of PAGES) {
      expect(new URL(address, page).origin).toBe(new URL(page).origin);
      // Frameworks prepend the base path, some apps the origin.
      expect(new URL(`/base${address}`, page).origin).toBe(new URL(page).origin);
      expect(new URL(new URL(page).origin + address).origin).toBe(new URL(page).origin);
    }
    expect(safeReturnTo(address, "/fallback")).toBe(address);
  };
  fc.assert(fc.property(anything, stays), { seed: 11, numRuns: 20_000 });
});

it.each([
  "/..//host",
  "/.//host",
  "/x/..//host",
  "/%2e%2e//host",
  "/.%2E//host",
  "/..\\/host",
  "/\t/host",
  "//here.invalid/x",
  "/..//here.invalid/x",
  "/.//user@here.invalid/x",
  "http://here.invalid//host",
  "http://here.invalid/..//here.invalid",
])("refuses %j, also where the host is the one that stands for this site", (value) => {
  expect(safeReturnTo(value, "/fallback")).toBe(value === "//here.invalid/x" ? "/x" : "/fallback");
});
