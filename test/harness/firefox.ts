import { existsSync } from "node:fs";
import { type Browser, launch } from "puppeteer-core";
import { stopAfterFile } from "./leftovers.ts";

const INSTALLED_AT = ["/usr/bin/firefox-esr", "/usr/bin/firefox", "/Applications/Firefox.app/Contents/MacOS/firefox"];

/**
 * The Firefox of this machine, until the test file ends. It is driven by WebDriver BiDi, which Playwright speaks only to
 * newer ones.
 */
export async function launchFirefox(): Promise<Browser> {
  const executablePath = process.env.FIREFOX_PATH ?? INSTALLED_AT.find(existsSync);
  if (executablePath === undefined) {
    throw new Error(
      'This test needs Firefox. On Debian: "apt-get install firefox-esr"; elsewhere set FIREFOX_PATH to a Firefox.',
    );
  }
  const browser = await launch({ browser: "firefox", executablePath, headless: true });
  stopAfterFile(() => browser.close());
  return browser;
}
