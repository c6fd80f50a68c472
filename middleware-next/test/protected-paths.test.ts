import { expect, it } from "vitest";
import { createPathMatcher } from "../src/protected-paths.ts";

const isProtected = createPathMatcher([
  "/account",
  "/orders/:id",
  "/admin/:path*",
  "/team/:path+",
  "/caf%C3%A9",
  "/a.b",
]);

it.each([
  "/account",
  "/account/",
  "//account",
  "/Account",
  "/orders/7",
  "/admin",
  "/admin/",
  "/admin/a/b",
  "/team/a",
  "/a.b",
])("%s is protected", (path) => expect(isProtected(path)).toBe(true));

it.each(["/", "/accounts", "/account/x", "/orders", "/orders/7/8", "/administrator", "/team", "/x/admin", "/aXb"])(
  "%s is not",
  (path) => expect(isProtected(path)).toBe(false),
);

it.each([
  ["percent-encoded", "/%61ccount"],
  ["with an encoded slash", "/admin%2fa"],
  ["decoded", "/café"],
  ["as Next's router asks for it", "/account.rsc"],
  ["as Next's router prefetches its parts", "/account.segments/_tree.segment.rsc"],
  ["that cannot be decoded", "/admin/%"],
  ["with an encoded question mark", "/admin/%3fa"],
  ["with a line break", "/admin/a%0ab"],
])("another spelling is no bypass: %s", (_name, path) => expect(isProtected(path)).toBe(true));

it("knows what Next's own matcher knows", () => {
  const known = createPathMatcher(["/a/:path*/b", "/((?!open).*)/c", "/:language(de|fr)/d"]);
  expect(["/a/b", "/a/1/2/b", "/x/c", "/de/d"].map(known)).toEqual([true, true, true, true]);
  expect(["/a/x", "/open/c", "/en/d"].map(known)).toEqual([false, false, false]);
});

it.each(["account", "/:", "/a/(b", "/a b", "/a{", ""])("the pattern %j stops the start", (pattern) => {
  expect(() => createPathMatcher([pattern])).toThrow(/`protect`: expected paths such as/);
});

it("protects the root when it is named, and only that", () => {
  const root = createPathMatcher(["/"]);
  expect([root("/"), root("/a")]).toEqual([true, false]);
});
