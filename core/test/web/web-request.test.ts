import { expect, it } from "vitest";
import { targetOf, viewOfRequest } from "../../src/web/index.ts";

it.each([
  ["http://a.example/", "/"],
  ["http://a.example", "/"],
  ["https://a.example:8443/b/c?d=/e#f", "/b/c?d=/e"],
  ["http://a.example//evil.example/x", "//evil.example/x"],
  ["http://[::1]:3000/x", "/x"],
])("the target of %s is %s", (url, target) => {
  expect(targetOf(url)).toBe(target);
});

it("reads a Request, and takes the host from its URL if no header names one", () => {
  const request = new Request("https://a.example:8443/b?c", { method: "PUT", headers: { "X-One": "1" } });
  const context = { routedTarget: "/c", clientIp: () => "203.0.113.9" };
  const view = viewOfRequest(request, context);
  expect(view).toMatchObject({ method: "PUT", target: "/b?c", routedTarget: "/c", clientIp: "203.0.113.9" });
  expect([view.header("x-one"), view.header("x-two"), view.header("host"), view.isEncrypted]).toEqual([
    "1",
    undefined,
    "a.example:8443",
    true,
  ]);
  expect(viewOfRequest(request, { ...context, target: "/d" }).target).toBe("/d");
  request.headers.set("host", "b.example");
  expect(viewOfRequest(request, context).header("host")).toBe("b.example");
});
