import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import type { ConformanceHost, RunningHost } from "../conformance/host.ts";
import { SIDECAR_CONFIG, SIDECAR_OPTIONS } from "../conformance/suites.ts";
import { passesWithHarmless } from "./genuine.ts";
import { EVERY_DOOR, OF_PAGES, PATIENCE, RUNS, SEED, sharesOf } from "./parameters.ts";
import { explore } from "./refusals.ts";
import { createRawClient } from "./send.ts";
import { STATES, statesAtPages } from "./states.ts";

const APPS = [
  { ...EVERY_DOOR, states: STATES },
  { ...OF_PAGES, states: statesAtPages() },
];

/** No input of a client turns a refusal into a pass, on a framework. A test file is this one call. */
export function defineClientInputs(host: ConformanceHost): void {
  let sidecar: TestSidecar;
  beforeAll(async () => {
    sidecar = await startTestSidecar({ config: SIDECAR_CONFIG, ...SIDECAR_OPTIONS });
  });

  for (const { title, options, states } of APPS) {
    describe(title, PATIENCE, () => {
      let running: RunningHost;
      beforeAll(async () => {
        const { url: sidecarUrl, integrationKey } = sidecar;
        running = await host.start({ sidecarUrl, integrationKey, options });
      });
      afterAll(() => running?.stop());

      for (const state of states) {
        test(`${state.name}: no input makes it pass`, async () => {
          const { url } = running;
          const attacked = { stage: { url, sidecar }, client: createRawClient(url) };
          const extent = { seed: SEED, runs: RUNS, isSwept: sharesOf(host.name) };
          expect(await explore(state, attacked, extent)).toBeUndefined();
        });
      }

      test("a genuine request passes, whatever else it says of itself", async () => {
        const { url } = running;
        await passesWithHarmless({ url, sidecar }, createRawClient(url), { seed: SEED, numRuns: RUNS });
      });
    });
  }
}
