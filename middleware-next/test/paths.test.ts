import { expect, it } from "vitest";
import { addressOf } from "../src/paths.ts";

// Below a `basePath`, which only a build can set: test/next/guards.test.ts.

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
