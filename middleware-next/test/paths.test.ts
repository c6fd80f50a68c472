import { expect, it } from "vitest";
import { addressOf, addressOfPage, localized, placeOf } from "../src/paths.ts";

// Below a `basePath`, which only a build can set: test/frameworks/next/guards.test.ts.

it.each([
  ["/account", "?a=1", "/account?a=1"],
  ["/account/", "", "/account/"],
  ["/", "", "/"],
  ["/a", "?_rsc=1abc", "/a"],
  ["/a", "?_rsc", "/a"],
  ["/a", "?x=1&_rsc=1abc&y=_rsc", "/a?x=1&y=_rsc"],
  ["/a", "?x_rsc=1", "/a?x_rsc=1"],
])("what is asked for by %s%s is %s, without what Next's router adds", (pathname, search, target) => {
  expect(addressOf({ pathname, search })).toEqual({ target, routedTarget: target, basePath: "" });
});

it.each([
  ["/order/5", "/order/5"],
  ["/order/5/", "/order/5/"],
  ["/order/5?of=a%20b", "/order/5?of=a%20b"],
  ["/de/order/5", "/order/5"],
  ["/_next/data/Bu1ld/order/5.json", "/order/5"],
  ["/_next/data/Bu1ld/de/order/5.json?id=5", "/order/5?id=5"],
  ["/_next/data/Bu1ld/de/index.json", "/"],
  ["/_next/data/Bu1ld/index.json", "/"],
  ["/detail", "/detail"],
])("a page that is asked for as %s is the page %s, where the proxy knows it too", (asked, page) => {
  const address = addressOfPage(`http://app.example${asked}`, "de");
  expect(address).toEqual({ target: asked, routedTarget: page, basePath: "", place: placeOf(page) });
});

it("a page is at the same place with a slash at its end, and in another spelling of its query", () => {
  expect(placeOf("/order/5/?of=a%20b")).toBe(placeOf("/order/5?of=a+b"));
});

it.each([
  ["/order/5", "/order/6"],
  ["/order/5?of=1", "/order/5?of=2"],
  ["/order/5?of=1", "/order/5"],
  ["/", "/order"],
])("%s and %s are two places", (one, other) => {
  expect(placeOf(one)).not.toBe(placeOf(other));
});

it("a path is written in the language of the request, unless that is the default one", () => {
  const german = { locale: "de", defaultLocale: "en" };
  expect(["/login", "/", "//evil.example", "https://id.example/"].map((path) => localized(path, german))).toEqual([
    "/de/login",
    "/de",
    "//evil.example",
    "https://id.example/",
  ]);
  for (const plain of [{ locale: "en", defaultLocale: "en" }, {}, { locale: "" }]) {
    expect(localized("/login", plain)).toBe("/login");
  }
});
