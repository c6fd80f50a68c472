import type { Browser, BrowserContext, Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { launchChromium } from "../../harness/chromium.ts";
import { buildNextApp, type NextApp, startNextApp } from "../../harness/next-app.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";

const EXAMPLE = "examples/next";
const INTERVAL_SECS = 30;

let browser: Browser;
let app: NextApp;
let sidecar: TestSidecar;
beforeAll(async () => {
  const config = { defaults: { rotation_interval_secs: INTERVAL_SECS, rotation_grace_secs: 10 } };
  [browser, sidecar] = await Promise.all([launchChromium(), startTestSidecar({ config }), buildNextApp(EXAMPLE)]);
  const variables = { BYO_URL: sidecar.url, BYO_INTEGRATION_KEY: sidecar.integrationKey };
  app = await startNextApp(EXAMPLE, variables);
});

async function logIn(profile: BrowserContext, name: string, device = false): Promise<Page> {
  const page = await profile.newPage();
  await page.goto(`${app.url}/account`);
  expect(new URL(page.url()).pathname).toBe("/login");
  await page.getByLabel("Name").fill(name);
  if (device) await page.getByLabel("Bind the session").check();
  await page.getByRole("button", { name: "Log in" }).click();
  await page.waitForURL(`${app.url}/account`);
  return page;
}

const heading = (page: Page) => page.getByRole("heading", { level: 1 }).textContent();
const generation = async (page: Page) => Number(await page.locator("#rotation strong").textContent());

describe("the example in Chromium, built and started as an app is", () => {
  it("logs in by a server action, shows the session in a server component, and logs out", async () => {
    const profile = await browser.newContext();
    const page = await logIn(profile, "ada");
    expect(await heading(page)).toBe("Your account");
    expect(await page.getByText("Hello,").textContent()).toContain("ada");
    const cookies = await profile.cookies();
    expect(cookies).toEqual([expect.objectContaining({ httpOnly: true, secure: true, sameSite: "Lax", path: "/" })]);

    await page.getByRole("button", { name: "Log out" }).click();
    await page.waitForURL(`${app.url}/`);
    expect(await profile.cookies()).toEqual([]);
    await profile.addCookies(cookies);
    await page.goto(`${app.url}/account`);
    expect(await heading(page)).toBe("Log in");
  });

  it("a link to the login, which Next's router fetches ahead, leads there", async () => {
    const page = await (await browser.newContext()).newPage();
    const fetchedAhead = page.waitForResponse((response) => response.url().startsWith(`${app.url}/login?_rsc=`));
    await page.goto(app.url);
    await fetchedAhead;
    await page.getByRole("link", { name: "Log in" }).click();
    await page.waitForURL(`${app.url}/login`);
    expect(await heading(page)).toBe("Log in");
    await page.goBack();
    await expect.poll(() => heading(page)).toBe("byo-session example");
  });

  it("rotates while three tabs navigate among links that are prefetched, and logs nobody out", async () => {
    const profile = await browser.newContext();
    const first = await logIn(profile, "grace");
    const tabs = [first, await profile.newPage(), await profile.newPage()];
    await Promise.all(tabs.slice(1).map((tab) => tab.goto(`${app.url}/account`)));
    const before = await generation(first);
    const rounds = 3;
    for (let round = 0; round < rounds; round++) {
      await sidecar.advance(INTERVAL_SECS + 1);
      // By Next's router, each tab on its own: its prefetches and its navigations overlap with those of the others.
      await Promise.all(
        tabs.map(async (tab) => {
          await tab.getByRole("link", { name: "Settings" }).click();
          await expect.poll(() => heading(tab)).toBe("Settings");
          await tab.getByRole("link", { name: "Your account" }).click();
          await expect.poll(() => heading(tab)).toBe("Your account");
        }),
      );
    }
    await Promise.all(tabs.map((tab) => tab.reload()));
    for (const tab of tabs) expect(await generation(tab)).toBeGreaterThanOrEqual(before + rounds - 1);
    const { sessions } = await sidecar.run("FetchAllSessionsForUser", { userId: "grace" });
    expect(sessions).toHaveLength(1);
    expect(await endsOf("grace")).toEqual([]);
  });

  it("keeps what an action does at the boundary: it never rotates, the next page does", async () => {
    const page = await logIn(await browser.newContext(), "edith");
    const before = await generation(page);
    await sidecar.advance(INTERVAL_SECS + 1);
    await page.getByLabel("Note").fill("first");
    await page.getByRole("button", { name: "Keep" }).click();
    await expect.poll(() => page.getByRole("listitem").allTextContents()).toEqual(["first"]);
    await page.reload();
    await page.reload();
    expect(await generation(page)).toBe(before + 1);
    expect(await endsOf("edith")).toEqual([]);
  });

  it("says on an open page that its session has ended meanwhile; the page came without a request for it", async () => {
    const page = await logIn(await browser.newContext(), "hedy");
    const asked: string[] = [];
    page.on("request", (request) => void asked.push(new URL(request.url()).pathname));
    await page.reload();
    expect(asked.filter((path) => path.startsWith("/session"))).toEqual([]);
    const { sessions } = await sidecar.run("FetchAllSessionsForUser", { userId: "hedy" });
    await sidecar.run("InvalidateSessionById", { sessionId: sessions[0]?.sessionId ?? "" });
    await page.waitForTimeout(5_100);
    await page.evaluate(() => window.dispatchEvent(new Event("focus")));
    await page.getByText("You were logged out from another device.").waitFor();
    expect(asked.filter((path) => path.startsWith("/session"))).toEqual(["/session"]);
  });

  it("binds a login by an action to the browser's key; a copy of the cookie changes nothing then", async () => {
    const profile = await browser.newContext();
    const page = await logIn(profile, "mary", true);
    await expect.poll(() => page.locator("#bound").count()).toBe(1);
    await page.getByLabel("Note").fill("mine");
    await page.getByRole("button", { name: "Keep" }).click();
    await expect.poll(() => page.getByRole("listitem").allTextContents()).toEqual(["mine"]);

    const thief = await browser.newContext();
    // That of the session alone: with the device's the request would reach the page, whose actions guard themselves.
    await thief.addCookies((await profile.cookies()).filter(({ name }) => name === "__Host-sessionToken"));
    const stolen = await thief.request.post(`${app.url}/account`, { headers: { "next-action": "0".repeat(42) } });
    expect([stolen.status(), await stolen.json()]).toEqual([
      401,
      { errorType: "Unauthorized", reason: "DeviceVerificationRequired" },
    ]);
    await page.getByRole("button", { name: "Log out" }).click();
    await page.waitForURL(`${app.url}/`);
    expect(await heading(page)).toBe("byo-session example");
  });
});

/** The reasons for which sessions of a user have ended. */
async function endsOf(userId: string): Promise<unknown[]> {
  const text = "SELECT end_reason FROM byo.sessions WHERE user_id = $1 AND ended_at IS NOT NULL";
  return (await sidecar.sql(text, [userId])).map(({ end_reason }) => end_reason);
}
