import { afterAll, expect, it, vi } from "vitest";

afterAll(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it("a proxy on the edge runtime does not look for Node's modules: Next makes that an error of the request", async () => {
  vi.stubGlobal("EdgeRuntime", "edge-runtime");
  vi.resetModules();
  const looked = vi.spyOn(process, "getBuiltinModule");
  const { readBuild } = await import("../../src/build.ts");
  expect([readBuild(), looked.mock.calls]).toEqual([undefined, []]);
});
