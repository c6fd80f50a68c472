import type { SessionDevice } from "@byo-session/core/contract";
import Bowser from "bowser";
import { LRUCache } from "lru-cache";
import { canRunOn, isCompanion } from "./companion-agents.ts";

interface ParsedUserAgent {
  browser?: string;
  browserVersion?: string;
  os?: string;
  osVersion?: string;
  kind?: string;
}

// bowser's last rule takes any text before a slash as a browser's name: long or strange ones are ignored.
const PLAUSIBLE_NAME = /^[\p{L}\p{N} .,&'()!+_-]{1,48}$/u;
const PLAUSIBLE_VERSION = /^\d{1,9}(\.\d{1,9}){0,5}/;

/** Real user agents have fewer than 500 characters, and bowser's time grows with the length. */
const MAX_PARSED_CHARS = 1024;

const parsed = new LRUCache<string, ParsedUserAgent>({ max: 2000 });

function parse(userAgent: string): ParsedUserAgent {
  // bowser throws on an empty string.
  if (userAgent === "" || userAgent.length > MAX_PARSED_CHARS) return {};
  const known = parsed.get(userAgent);
  if (known) return known;
  const { browser, os, platform } = Bowser.parse(userAgent);
  const result = {
    browser: browser.name && PLAUSIBLE_NAME.test(browser.name) ? browser.name : undefined,
    browserVersion: plausibleVersion(browser.version),
    os: os.name,
    // Windows calls itself "NT 10.0"; people know the name.
    osVersion: plausibleVersion(os.name === "Windows" ? os.versionName : os.version),
    // bowser names no platform for Chrome OS.
    kind: platform.type ?? (os.name === "Chrome OS" ? "desktop" : undefined),
  };
  parsed.set(userAgent, result);
  return result;
}

function plausibleVersion(version: string | undefined): string | undefined {
  return version ? PLAUSIBLE_VERSION.exec(version)?.[0] : undefined;
}

/** The major version; 0 without a version, so that losing it counts as a downgrade. */
function major(version: string | undefined): number {
  return version ? Number.parseInt(version, 10) : 0;
}

/** The device behind a user agent as lists of sessions name it, such as "Chrome 130 on macOS". */
export function describeDevice(userAgent: string | undefined): SessionDevice {
  const { browser, browserVersion, os, osVersion, kind } = parse(userAgent ?? "");
  if (!browser && !os) return { displayName: "Unknown device", deviceType: "Unknown" };
  const name = browser && browserVersion ? `${browser} ${major(browserVersion)}` : (browser ?? "Unknown browser");
  return {
    displayName: os ? `${name} on ${os}` : name,
    deviceType: deviceType(kind),
    ...(browser && { browser }),
    ...(browser && browserVersion && { browserVersion }),
    ...(os && { os }),
    ...(os && osVersion && { osVersion }),
  };
}

function deviceType(kind: string | undefined): SessionDevice["deviceType"] {
  if (kind === "desktop") return "Desktop";
  if (kind === "mobile") return "Mobile";
  return kind === "tablet" ? "Tablet" : "Unknown";
}

/**
 * How a user agent compares with the one of the login. `companion`: not a browser, but perhaps a program of the same
 * device that fetches for it.
 */
export type UserAgentChange = "same" | "upgraded" | "changed" | "companion";

/**
 * Whether two user agents can belong to one device over time. `changed`: another browser, operating system or kind of
 * device, or a lower major version of the browser. `upgraded`: a higher one. The version of the operating system is
 * ignored: browsers freeze it, at a lower value than the true one they sent before. User agents that name no browser,
 * or are too long, must be equal.
 */
export function compareUserAgents(stored: string, presented: string): UserAgentChange {
  if (stored === presented) return "same";
  const before = parse(stored);
  // A program that logged in itself is compared like any client.
  if (isCompanion(presented) && !isCompanion(stored)) return canRunOn(presented, before.os) ? "companion" : "changed";
  const now = parse(presented);
  if (!before.browser || !now.browser) return "changed";
  if (before.browser !== now.browser || before.os !== now.os || before.kind !== now.kind) return "changed";
  const growth = major(now.browserVersion) - major(before.browserVersion);
  if (growth === 0) return "same";
  return growth > 0 ? "upgraded" : "changed";
}
