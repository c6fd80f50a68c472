import type { Browser, Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { launchChromium } from "../../harness/chromium.ts";
import { buildNextApp, type NextApp, startNextApp } from "../../harness/next-app.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";

/** With the switches of Next 16 on that a new app has: Cache Components and partial prefetching. */
const HOST = "test/frameworks/next/host";
const PAGES = "test/frameworks/next/pages";

let browser: Browser;
let sidecar: TestSidecar;
let app: NextApp;
let pages: NextApp;
beforeAll(async () => {
  [browser, sidecar] = await Promise.all([launchChromium(), startTestSidecar()]);
  await buildNextApp(HOST);
  await buildNextApp(PAGES);
  const variables = { BYO_URL: sidecar.url, BYO_INTEGRATION_KEY: sidecar.integrationKey };
  [app, pages] = await Promise.all([startNextApp(HOST, variables), startNextApp(PAGES, variables)]);
});

const newPage = async (): Promise<Page> => (await browser.newContext()).newPage();
const heading = (page: Page) => page.getByRole("heading", { level: 1 }).textContent();

/** Until the page has prefetched its links, as a user who reads it first. */
async function openLinks(page: Page): Promise<void> {
  const prefetched = page.waitForResponse((response) => response.url().includes("/guarded"));
  await page.goto(`${app.url}/links`);
  await prefetched;
}

describe("a guarded link of the App Router that was prefetched", () => {
  it.each(["guarded", "wholly prefetched"])("(%s) leads to the login, and from there to the page", async (name) => {
    const page = await newPage();
    await openLinks(page);
    await page.getByRole("link", { name, exact: true }).click();
    await expect.poll(() => heading(page)).toBe("Log in");
    await page.getByLabel("Name").fill("ada");
    await page.getByRole("button", { name: "Log in" }).click();
    await expect.poll(() => heading(page)).toBe("Guarded");
    expect(new URL(page.url()).pathname).toBe("/guarded");
    await expect.poll(() => page.locator("pre").count()).toBe(1);
    await openLinks(page);
    await page.getByRole("link", { name, exact: true }).click();
    await expect.poll(() => heading(page)).toBe("Guarded");
  });

  it("says why the session is gone, when it was ended elsewhere meanwhile", async () => {
    const page = await newPage();
    await page.goto(`${app.url}/login?returnTo=/links`);
    await page.getByLabel("Name").fill("revoked");
    await page.getByRole("button", { name: "Log in" }).click();
    await expect.poll(() => heading(page)).toBe("Links");
    await openLinks(page);
    await sidecar.run("InvalidateAllSessionsForUser", { userId: "revoked" });
    await page.getByRole("link", { name: "guarded", exact: true }).click();
    await expect.poll(() => heading(page)).toBe("Log in");
    expect(await page.locator("#reason").textContent()).toBe("Revoked");
  });
});

describe("a guarded link of the Pages Router", () => {
  it("leads to the login and back, in the language of the page", async () => {
    const page = await newPage();
    await page.goto(`${pages.url}/shop/de`);
    await page.getByRole("link", { name: "account" }).click();
    await page.waitForURL(`${pages.url}/shop/de/login?returnTo=%2Faccount`);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.waitForURL(`${pages.url}/shop/de/account`);
    expect(await heading(page)).toContain("of ada");
    await page.getByRole("link", { name: "another" }).click();
    await expect.poll(() => heading(page)).toBe("secret 7 of ada");
    await page.goto(`${pages.url}/shop/de`);
    await sidecar.run("InvalidateAllSessionsForUser", { userId: "ada" });
    await page.getByRole("link", { name: "account" }).click();
    await expect.poll(() => page.locator("#reason").textContent()).toBe("Revoked");
  });
});

it("what belongs to the server says so where a client component imports it", async () => {
  const page = await newPage();
  await page.goto(`${app.url}/mistaken`);
  await expect.poll(() => page.locator("#said").textContent()).toContain("@byo-session/next is for the server");
});
