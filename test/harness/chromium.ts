import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, chromium } from "playwright-core";
import { stopAfterFile } from "./leftovers.ts";

const INSTALLED_AT = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts the Chromium of this machine, until the test file ends. Its back/forward cache is off, if nothing else is said. */
export async function launchChromium({ backForwardCache = false } = {}): Promise<Browser> {
  const ignoreDefaultArgs = backForwardCache ? ["--disable-back-forward-cache"] : [];
  const browser = await chromium.launch({ ...launchOptions(), ignoreDefaultArgs });
  stopAfterFile(() => browser.close());
  return browser;
}

/** Starts it with a profile that lies in a directory, so that a later start finds its cookies and keys. */
export async function launchProfile(directory: string): Promise<BrowserContext> {
  const profile = await chromium.launchPersistentContext(directory, launchOptions());
  stopAfterFile(() => profile.close());
  return profile;
}

function launchOptions() {
  // Chromium's own sandbox cannot be set up by root.
  const asRoot = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return { executablePath: chromiumPath(), args: [...FLAGS, ...asRoot] };
}

/** The Chromium of this machine. */
export function chromiumPath(): string {
  const path = process.env.CHROME_PATH ?? INSTALLED_AT.find(existsSync);
  if (path === undefined) {
    throw new Error(
      'The browser tests need Chromium. On Debian: "apt-get install chromium"; elsewhere set CHROME_PATH to a Chrome.',
    );
  }
  return path;
}
