import type { Browser, BrowserContext, Page } from "playwright-core";
import { expect } from "vitest";

/** `next dev` compiles each page when it is first asked for. */
export const SOON = { timeout: 40_000 };

/** People at their browsers, who visit the app of the guide. */
export interface Visitors {
  open(path: string, profile?: BrowserContext): Promise<Page>;
  /** Fills in the login page that is shown. */
  logIn(page: Page, name: string, password?: string): Promise<void>;
  /** Waits for what Next's router fetches ahead of any click, which it does in a built app only. */
  untilPrefetched(page: Page, path: string): Promise<void>;
  /** What the browser's console says is wrong, as the application's developers see it. */
  errorsOn(page: Page): readonly string[];
}

export function createVisitors(browser: Browser, url: string): Visitors {
  const prefetched = new WeakMap<Page, Set<string>>();
  const errors = new WeakMap<Page, string[]>();
  return {
    async open(path, profile) {
      const page = await (profile ?? (await browser.newContext())).newPage();
      const paths = new Set<string>();
      prefetched.set(page, paths);
      const said: string[] = [];
      errors.set(page, said);
      page.on("pageerror", ({ message }) => said.push(message));
      page.on("console", (message) => {
        if (message.type() === "error") said.push(message.text());
      });
      page.on("request", (request) => {
        if ("next-router-prefetch" in request.headers()) paths.add(new URL(request.url()).pathname);
      });
      await page.goto(url + path);
      return page;
    },

    async logIn(page, name, password = "open sesame") {
      await page.getByLabel("Name").fill(name);
      await page.getByLabel("Password").fill(password);
      await page.getByRole("button", { name: "Log in" }).click();
    },

    untilPrefetched: async (page, path) => expect.poll(() => prefetched.get(page), SOON).toContain(path),
    errorsOn: (page) => errors.get(page) ?? [],
  };
}

/** Of the page that is shown: Next's router keeps others hidden in the same document. */
export const titleOf = (page: Page) => page.getByRole("heading", { level: 1 }).textContent();
export const greetingOn = (page: Page) => page.locator("#greeting:visible").textContent();
