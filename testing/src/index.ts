/**
 * For testing apps that use byo-session: fake sessions without a port, a real sidecar in memory, logged-in browsers.
 */
export { type FakeImpersonator, type FakeSessionOptions, fakeClient, fakeSession } from "./fake/fake-session.ts";
export type { FakeRefusal } from "./fake/refusals.ts";
export type { TestLogin, TestSession } from "./login.ts";
export {
  type LoginContextOptions,
  loginContext,
  type PlaywrightBrowser,
  type PlaywrightContext,
} from "./playwright/login-context.ts";
export { startTestSidecar, type TestSidecar, type TestSidecarOptions } from "./sidecar/test-sidecar.ts";
export type { TokenOptions } from "./token-headers.ts";
