import { expect, it } from "vitest";
import { startTestSidecar } from "../../../harness/test-sidecar.ts";
import { comeAndGo } from "./come-and-go.ts";

it("sockets that come and go leave nothing behind", { timeout: 60_000 }, async () => {
  const sidecar = await startTestSidecar({ env: { SESSION_CACHE: "on" } });
  const { inMemory, watched } = await comeAndGo(sidecar, 500);
  expect(inMemory).toBeLessThanOrEqual(1);
  expect(watched).toBe(0);
});
