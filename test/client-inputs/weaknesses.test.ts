import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { SIDECAR_CONFIG } from "../conformance/suites.ts";
import { startTestSidecar, type TestSidecar } from "../harness/test-sidecar.ts";
import { EVERY_DOOR, RUNS, SEED } from "./parameters.ts";
import { explore } from "./refusals.ts";
import { createRawClient } from "./send.ts";
import { STATES } from "./states.ts";
import { WEAKNESSES } from "./weaknesses.ts";

let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar({ config: SIDECAR_CONFIG });
});
afterAll(() => vi.resetModules());

for (const { bug, path, replace } of WEAKNESSES) {
  test(`is found: ${bug}`, async () => {
    vi.resetModules();
    vi.doMock(path, async (original) => {
      const module = await original<never>();
      return { ...Object(module), ...replace(module) };
    });
    const { express5Host } = await import("../conformance/hosts/express.ts");
    vi.doUnmock(path);
    const { url: sidecarUrl, integrationKey } = sidecar;
    const { url, stop } = await express5Host.start({ sidecarUrl, integrationKey, options: EVERY_DOOR.options });
    expect(await findings(url)).not.toEqual([]);
    await stop();
  });
}

/** The first state from which something is let in. */
async function findings(url: string): Promise<string[]> {
  const attacked = { stage: { url, sidecar }, client: createRawClient(url) };
  for (const state of STATES) {
    if (await explore(state, attacked, { seed: SEED, runs: RUNS })) return [state.name];
  }
  return [];
}
