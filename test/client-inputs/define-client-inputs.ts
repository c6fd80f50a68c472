import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ConformanceHost, RunningHost } from "../conformance/host.ts";
import { SIDECAR_CONFIG } from "../conformance/suites.ts";
import { startTestSidecar, type TestSidecar } from "../harness/test-sidecar.ts";
import { passesWithHarmless } from "./genuine.ts";
import { OPTIONS, RUNS, SEED } from "./parameters.ts";
import { explore } from "./refusals.ts";
import { createRawClient } from "./send.ts";
import { STATES } from "./states.ts";

/** No input of a client turns a refusal into a pass, on a framework. A test file is this one call. */
export function defineClientInputs(host: ConformanceHost): void {
  describe(host.name, () => {
    let sidecar: TestSidecar;
    let running: RunningHost;

    beforeAll(async () => {
      sidecar = await startTestSidecar({ config: SIDECAR_CONFIG });
      const { url: sidecarUrl, integrationKey } = sidecar;
      running = await host.start({ sidecarUrl, integrationKey, options: OPTIONS });
    });
    afterAll(() => running?.stop());

    for (const state of STATES) {
      test(`${state.name}: no input makes it pass`, async () => {
        const { url } = running;
        const attacked = { stage: { url, sidecar }, client: createRawClient(url) };
        expect(await explore(state, attacked, { seed: SEED, runs: RUNS })).toBeUndefined();
      });
    }

    test("a genuine request passes, whatever else it says of itself", async () => {
      const { url } = running;
      await passesWithHarmless({ url, sidecar }, createRawClient(url), { seed: SEED, numRuns: RUNS });
    });
  });
}
