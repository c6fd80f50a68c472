import { PUBLIC_URL } from "../conformance/device-browser.ts";
import type { HostOptions } from "../conformance/host.ts";

const IS_LONG = process.env.BYO_TEST_LONG === "1";

/** The long tests look elsewhere each time; what fails there names its seed. */
export const SEED = IS_LONG ? Date.now() % 2 ** 31 : 20_261_127;
/** Beside the sweep over all headers. */
export const RUNS = IS_LONG ? 1500 : 100;

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
