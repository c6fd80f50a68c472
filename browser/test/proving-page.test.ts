import { expect, it } from "vitest";
import { PROVING_SCRIPT } from "../../core/src/device-page/script.generated.ts";
import { bundleProvingPage } from "./bundle.ts";

it("is in the middleware as it is in its sources: node browser/test/write-proving-page.ts", async () => {
  expect(PROVING_SCRIPT === (await bundleProvingPage()).trim()).toBe(true);
});
