import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { launchChromium } from "../../../test/harness/chromium.ts";
import { bundleLibrary } from "../bundle.ts";
import { type DeviceServer, startDeviceServer } from "../device-server.ts";

declare global {
  /** The library in the page. */
  var byo: typeof import("../../src/index.ts");
}

export interface World {
  readonly app: DeviceServer;
  /** The profile of the browser: its tabs share cookies and keys. */
  readonly profile: BrowserContext;
  /** Goes on with another profile. */
  switchProfile(): Promise<void>;
  /** A tab of the app with the library in the global `byo`, not yet set up. */
  openTab(): Promise<Page>;
  /** The same after `initFetchWithDevice()`. */
  openReadyTab(): Promise<Page>;
}

/** Chromium for the test file; an app and a fresh profile for each test. */
export function setUpChromium(): World {
  let browser: Browser;
  let bundle: string;
  let profile: BrowserContext;
  let app: DeviceServer;

  beforeAll(async () => {
    [browser, bundle] = await Promise.all([launchChromium(), bundleLibrary()]);
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    app = await startDeviceServer(bundle);
    profile = await browser.newContext();
  });
  afterEach(async () => {
    await profile.close();
    await app.close();
  });

  async function openTab(): Promise<Page> {
    const page = await profile.newPage();
    await page.goto(app.origin);
    return page;
  }

  return {
    get app() {
      return app;
    },
    get profile() {
      return profile;
    },
    async switchProfile() {
      await profile.close();
      profile = await browser.newContext();
    },
    openTab,
    async openReadyTab() {
      const page = await openTab();
      await page.evaluate(() => byo.initFetchWithDevice());
      return page;
    },
  };
}

/** The status of a fetch in the page, or what it threw, as text. */
export function fetchIn(
  page: Page,
  url: string,
  init?: { method?: string; body?: string; credentials?: "include" },
): Promise<number | string> {
  return page.evaluate(async ([url, init]) => byo.fetchWithDevice(url, init).then(({ status }) => status, String), [
    url,
    init,
  ] as const);
}
