import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { SIDECAR_CONFIG, SIDECAR_OPTIONS } from "../conformance/suites.ts";
import { EVERY_DOOR, PATIENCE, RUNS, SEED } from "./parameters.ts";
import { explore } from "./refusals.ts";
import { createRawClient } from "./send.ts";
import { STATES } from "./states.ts";
import { WEAKNESSES } from "./weaknesses.ts";

let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar({ config: SIDECAR_CONFIG, ...SIDECAR_OPTIONS });
});
afterAll(() => vi.resetModules());

for (const { bug, from, path, replace } of WEAKNESSES) {
  test(`is found: ${bug}`, PATIENCE, async () => {
    vi.resetModules();
    vi.doMock(path, async (original) => {
      const module = await original<never>();
      return { ...Object(module), ...replace(module) };
    });
    const { express5Host } = await import("../conformance/hosts/express.ts");
    vi.doUnmock(path);
    const { url: sidecarUrl, integrationKey } = sidecar;
    const { url, stop } = await express5Host.start({ sidecarUrl, integrationKey, options: EVERY_DOOR.options });
    const state = STATES.find(({ name }) => name === from);
    const attacked = { stage: { url, sidecar }, client: createRawClient(url) };
    expect(state && (await explore(state, attacked, { seed: SEED, runs: RUNS }))).toEqual(expect.any(String));
    await stop();
  });
}
