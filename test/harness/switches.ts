/**
 * What a whole suite can be run with, by the environment of its project in vitest.config.ts:
 *
 * - `BYO_TEST_CARRIER`: `fast-path`, the default, which core's client finds by itself; `run-command`, no sidecar has one;
 *   `frames`, the harness's own commands go over it too;
 * - `BYO_TEST_SESSION_CACHE=on`: the sidecars remember sessions.
 */
const { BYO_TEST_CARRIER: carrier, BYO_TEST_SESSION_CACHE: cache } = process.env;

export const HAS_FAST_PATH = carrier !== "run-command";
export const HARNESS_USES_FRAMES = carrier === "frames";
export const REMEMBERS_SESSIONS = cache === "on";

/** The switches as a sidecar's environment has them. */
export const SWITCHED_ENV: Readonly<Record<string, string>> = {
  ...(!HAS_FAST_PATH && { FAST_PATH: "off" }),
  SESSION_CACHE: REMEMBERS_SESSIONS ? "on" : "off",
};
