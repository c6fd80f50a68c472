import { expect } from "vitest";
import type { BrowserClient, BrowserRequest } from "../../harness/browser-client.ts";
import { createDeviceKey, type DeviceKey } from "../../harness/device-key.ts";
import type { CaseTools } from "./case.ts";

/** What the apps of these tests are reached by, as their `publicUrl` says. */
export const PUBLIC_PATH = "/prefix";
export const PUBLIC_URL = `https://app.example${PUBLIC_PATH}`;

export interface Challenge {
  deviceChallenge: string;
  expiresAt: number;
}

/** What makes the browsers, and how the app writes its addresses. */
type Served = Pick<CaseTools, "browser"> & Partial<Pick<CaseTools, "below" | "written">>;

/** A browser with a device key, which proves it with every request that a script would send. */
export function createDeviceBrowser(served: Served, key: DeviceKey, browser: BrowserClient = served.browser()) {
  const { below = "", written = (path) => path } = served;
  let challenge: string | undefined;
  return {
    ...browser,
    async newChallenge() {
      challenge = (await browser.fetch("/session/challenge")).json<Challenge>().deviceChallenge;
    },
    async prove(path: string, init: BrowserRequest = {}) {
      if (challenge === undefined) await this.newChallenge();
      const method = init.method ?? (init.json ? "POST" : "GET");
      const [pathname = ""] = path.split("?");
      const url = PUBLIC_URL + below + written(pathname);
      const dpop = key.prove({ challenge: challenge ?? "", url, method });
      return browser.fetch(path, { ...init, headers: { dpop, ...init.headers } });
    },
  };
}

export async function logInWithDevice(served: Served, key = createDeviceKey()) {
  const browser = createDeviceBrowser(served, key);
  const answer = await browser.prove("/login", { json: { userId: "ada" } });
  expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('"hasDeviceRegistered":true')]);
  return browser;
}
