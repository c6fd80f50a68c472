import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, type BrowserServer, chromium } from "playwright-core";
import { inject } from "vitest";
import { stopAfterFile } from "./leftovers.ts";
import "./provided.ts";

const INSTALLED_AT = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * The Chromium of this machine, until the test file ends: one that all files of a project share, each with profiles of its
 * own, or else a new one. Its back/forward cache is off by default.
 */
export async function launchChromium({ backForwardCache = false } = {}): Promise<Browser> {
  const shared = backForwardCache ? undefined : inject("chromium");
  const ignoreDefaultArgs = backForwardCache ? ["--disable-back-forward-cache"] : [];
  const browser = await (shared === undefined
    ? chromium.launch({ ...launchOptions(), ignoreDefaultArgs })
    : chromium.connect(shared));
  stopAfterFile(() => browser.close());
  return browser;
}

/** Starts a Chromium for others to connect to. */
export function serveChromium(executablePath = chromiumPath()): Promise<BrowserServer> {
  return chromium.launchServer({ ...launchOptions(), executablePath });
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
