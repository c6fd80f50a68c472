import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { launchChromium } from "../../../harness/chromium.ts";
import type { TestSidecarOptions } from "../../../harness/sidecar-environment.ts";
import { type DashboardClient, startDashboard, type TestDashboard } from "../api/dashboard-client.ts";
import { DESKTOP } from "./viewports.ts";

export interface DashboardBrowser extends TestDashboard {
  url: string;
  /** Opens the dashboard in a browser profile of its own, as this person, or as nobody. */
  open(person: DashboardClient | undefined, path: string, options?: BrowserContextOptions): Promise<Page>;
  /** The same, with a page that has not gone anywhere yet. */
  newPage(person: DashboardClient | undefined, options?: BrowserContextOptions): Promise<Page>;
  /** From now on the password must be typed again, as some minutes after it was. Every login goes on. */
  forgetPasswords(): Promise<unknown>;
  /** What pages have complained about so far: broken scripts, and what their security policy refused. */
  complaints: string[];
  /** Requests of pages to anywhere else than the sidecar. */
  strayRequests: string[];
}

/** A real sidecar on Postgres and Chromium in front of it. */
export async function startDashboardBrowser(options: TestSidecarOptions = {}): Promise<DashboardBrowser> {
  const [dashboard, browser] = await Promise.all([startDashboard(options), launchChromium()]);
  const url = dashboard.sidecar.dashboardUrl;
  const complaints: string[] = [];
  const strayRequests: string[] = [];
  return {
    ...dashboard,
    url,
    complaints,
    strayRequests,
    forgetPasswords: () => dashboard.sidecar.sql("UPDATE byo.dashboard_sessions SET password_confirmed_until = NULL"),
    newPage: watchedPage,
    async open(person, path, contextOptions) {
      const page = await watchedPage(person, contextOptions);
      await page.goto(url + path);
      return page;
    },
  };

  async function watchedPage(person: DashboardClient | undefined, contextOptions?: BrowserContextOptions) {
    const page = await newPage(browser, url, person, contextOptions);
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      // An answer that is no success is written to the console by the browser itself.
      const isAnswer = message.text().startsWith("Failed to load resource");
      if (message.type() === "error" && !isAnswer) complaints.push(message.text());
    });
    page.on("request", (request) => {
      const to = request.url();
      if (!to.startsWith(`${url}/`) && !to.startsWith("data:")) strayRequests.push(to);
    });
    return page;
  }
}

async function newPage(
  browser: Browser,
  url: string,
  person: DashboardClient | undefined,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({ viewport: DESKTOP, reducedMotion: "reduce", ...options });
  context.setDefaultTimeout(10_000);
  const [name, value] = person?.cookie?.split("=") ?? [];
  if (name !== undefined && value !== undefined) {
    const host = new URL(url).hostname;
    await context.addCookies([
      { name, value, domain: host, path: "/", httpOnly: true, secure: true, sameSite: "Strict" },
    ]);
  }
  return context.newPage();
}

/** Waits for the heading of a page. */
export async function expectHeading(page: Page, title: string | RegExp): Promise<void> {
  await page.getByRole("heading", { level: 1, name: title }).waitFor();
}

/** Goes to another page like a link of the dashboard: without reloading everything, which takes most of the time. */
export async function follow(page: Page, path: string): Promise<void> {
  await page.evaluate((to) => {
    history.pushState(null, "", to);
    dispatchEvent(new PopStateEvent("popstate"));
  }, path);
}
