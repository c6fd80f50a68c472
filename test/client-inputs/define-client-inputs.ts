import fc from "fast-check";
import { afterAll, beforeAll, describe, test } from "vitest";
import { PUBLIC_URL } from "../conformance/device-browser.ts";
import type { ConformanceHost, HostOptions, RunningHost } from "../conformance/host.ts";
import { SIDECAR_CONFIG } from "../conformance/suites.ts";
import { startTestSidecar, type TestSidecar } from "../harness/test-sidecar.ts";
import { passesWithHarmless } from "./genuine.ts";
import { explore } from "./refusals.ts";
import { createRawClient } from "./send.ts";
import { STATES } from "./states.ts";

const IS_LONG = process.env.BYO_TEST_LONG === "1";
/** The long tests look elsewhere each time; what fails there names its seed. */
const SEED = IS_LONG ? Date.now() % 2 ** 31 : 20_261_127;
const RUNS = IS_LONG ? 1500 : 150;

/** Every door that options can open is open: the more is read, the more could be tricked. */
export const OPTIONS: HostOptions = {
  publicUrl: PUBLIC_URL,
  routes: { prefix: "/session" },
  loginUrl: "/sign-in?from=guard",
  trustedOrigins: ["https://admin.example"],
  bearer: true,
  // A proof and a rotation take a while where everything runs at once.
  timeoutMs: 10_000,
};

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
        const report = await explore(state, { stage: { url, sidecar }, client: createRawClient(url) }, SEED, RUNS);
        if (report.failed) throw new Error(fc.defaultReportMessage(report), { cause: report.errorInstance });
      });
    }

    test("a genuine request passes, whatever else it says of itself", async () => {
      const { url } = running;
      await passesWithHarmless({ url, sidecar }, createRawClient(url), { seed: SEED, numRuns: RUNS });
    });
  });
}
