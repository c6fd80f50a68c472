import { afterEach, expect, it, vi } from "vitest";

/** As the build writes `basePath` into the application. */
async function pathsBelow(basePath: string) {
  vi.resetModules();
  vi.stubEnv("__NEXT_ROUTER_BASEPATH", basePath);
  return import("../src/paths.ts");
}

afterEach(() => vi.unstubAllEnvs());

it.each([
  ["", "/account", "?a=1", "/account?a=1", "/account?a=1"],
  ["/shop", "/shop/account", "?a=1", "/shop/account?a=1", "/account?a=1"],
  ["/shop", "/account/", "", "/shop/account/", "/account/"],
  ["/shop", "/shop", "", "/shop", "/"],
  ["/shop", "/", "", "/shop", "/"],
  ["/shop", "/shopping", "", "/shop/shopping", "/shopping"],
  ["", "/a", "?_rsc=1abc", "/a", "/a"],
  ["", "/a", "?x=1&_rsc=1abc&y=_rsc", "/a?x=1&y=_rsc", "/a?x=1&y=_rsc"],
])("below %j the path %s%s is %s to browsers and %s to routes", async (basePath, pathname, search, target, routed) => {
  const { addressOf } = await pathsBelow(basePath);
  expect(addressOf({ pathname, search })).toEqual({ target, routedTarget: routed });
});

it("leaves addresses of other sites alone, and a public address in front of the path", async () => {
  const { beforeBasePath, withBasePath } = await pathsBelow("/shop");
  expect(["/login", "//evil.example", "https://id.example/"].map(withBasePath)).toEqual([
    ...["/shop/login", "//evil.example", "https://id.example/"],
  ]);
  expect(["https://a.example", "https://a.example/shop", "https://a.example/shop/"].map(beforeBasePath)).toEqual(
    Array.from({ length: 3 }, () => "https://a.example"),
  );
});
