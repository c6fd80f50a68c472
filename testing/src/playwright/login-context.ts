import type { SessionClient } from "@byo-session/core";
import { createLogin, type TestLogin } from "../login.ts";
import { DEFAULT_COOKIE } from "../token-headers.ts";
import { type PlaywrightPage, registerDeviceIn } from "./device-page.ts";

/** The parts we use of a Playwright `BrowserContext`. */
export interface PlaywrightContext {
  addCookies(
    cookies: { name: string; value: string; url: string; httpOnly: boolean; secure: boolean; sameSite: "Lax" }[],
  ): Promise<void>;
  newPage(): Promise<PlaywrightPage>;
  close(): Promise<void>;
}

/** The parts we use of a Playwright `Browser`, from any of its packages. */
export interface PlaywrightBrowser<Context extends PlaywrightContext> {
  newContext(): Promise<Context>;
}

export interface LoginContextOptions extends Omit<TestLogin, "bearer"> {
  /** Where the app answers, such as `http://localhost:3000`. */
  url: string;
  /** A client of the app's sidecar: from `startTestSidecar()` or `createClient()`. */
  client: Pick<SessionClient, "session">;
  /** Binds the session to the device key of the new context. Needs the app's ready-made routes. Default: no device. */
  device?: { routesPrefix: string };
}

/**
 * Opens a browser context that is logged in, without the app's login page.
 *
 * @example
 * const context = await loginContext(browser, { url: app.url, client: sidecar.client, userId: "ada" });
 * const page = await context.newPage();
 */
export async function loginContext<Context extends PlaywrightContext>(
  browser: PlaywrightBrowser<Context>,
  options: LoginContextOptions,
): Promise<Context> {
  const { url, client, cookieName = DEFAULT_COOKIE, device } = options;
  const { sessionToken } = await createLogin(client, options);
  const context = await browser.newContext();
  try {
    const { origin, host, protocol } = new URL(url);
    // Browsers accept Secure cookies on http://localhost, Playwright does not; cookies ignore the port and the scheme.
    const secure = protocol === "https:" || cookieName.startsWith("__");
    const place = { url: secure ? `https://${host}` : origin, httpOnly: true, secure, sameSite: "Lax" } as const;
    await context.addCookies([{ name: cookieName, value: sessionToken, ...place }]);
    if (device) {
      const page = await context.newPage();
      await registerDeviceIn(page, origin, device.routesPrefix);
      await page.close();
    }
    return context;
  } catch (error) {
    await context.close();
    throw error;
  }
}
