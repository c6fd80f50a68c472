import type { Browser, Page } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import { launchChromium } from "../../harness/chromium.ts";
import { type ExampleApp, startExampleApp } from "../../harness/example-app.ts";

let browser: Browser;
let app: ExampleApp;
beforeAll(async () => {
  [browser, app] = await Promise.all([launchChromium(), startExampleApp("express")]);
});

/** A separate, empty browser profile. */
async function newProfile(): Promise<Page> {
  return (await browser.newContext()).newPage();
}

async function logIn(page: Page, name: string): Promise<void> {
  await page.goto(`${app.url}/account`);
  expect(new URL(page.url()).pathname).toBe("/login");
  await page.getByLabel("Name").fill(name);
  await page.getByRole("button", { name: "Log in" }).click();
}

const heading = (page: Page) => page.getByRole("heading", { level: 1 }).textContent();

it("asks for a login, comes back to the protected page, and lets nobody in after the logout", async () => {
  const page = await newProfile();
  await logIn(page, "ada");
  expect([new URL(page.url()).pathname, await heading(page)]).toEqual(["/account", "Your account"]);

  const cookies = await page.context().cookies();
  expect(cookies).toEqual([expect.objectContaining({ httpOnly: true, secure: true, sameSite: "Lax", path: "/" })]);
  await page.getByRole("button", { name: "Log out" }).click();
  await page.goto(`${app.url}/account`);
  expect(await heading(page)).toBe("Log in");

  // The same cookie restored by hand: the server remembers the end.
  await page.context().addCookies(cookies);
  await page.goto(`${app.url}/account`);
  expect(await heading(page)).toBe("Log in");
});

it("is logged out from another browser, refused, and told why", async () => {
  const [here, there] = await Promise.all([newProfile(), newProfile()]);
  await logIn(here, "grace");
  await logIn(there, "grace");

  await there.goto(`${app.url}/sessions`);
  expect(await there.getByRole("row").count()).toBe(1 + 2);
  await there.getByRole("button", { name: "Log out", exact: true }).click();
  await expect.poll(() => there.getByRole("row").count()).toBe(1 + 1);

  await here.goto(`${app.url}/account`);
  expect(await heading(here)).toBe("Log in");
  expect(await here.getByRole("alert").textContent()).toBe("You were logged out from another device.");
  await there.goto(`${app.url}/account`);
  expect(await heading(there)).toBe("Your account");
});

it("replaces the token without the user noticing, and ends the session when the old one is used", async () => {
  const page = await newProfile();
  await logIn(page, "edith");
  const stolen = await page.context().cookies();
  const generation = async () => Number(await page.locator("#rotation strong").textContent());
  const first = await generation();
  // Each time the token is due; the answer brings the successor, and the next request uses it.
  for (const _ of [1, 2]) {
    await app.sidecar.advance(60);
    await page.reload();
    await page.reload();
  }
  expect(await generation()).toBe(first + 2);

  const thief = await newProfile();
  await thief.context().addCookies(stolen);
  for (const victim of [thief, page]) {
    await victim.goto(`${app.url}/account`);
    expect(await heading(victim)).toBe("Log in");
    expect(await victim.getByRole("alert").textContent()).toContain("Somebody used an old copy of your session");
  }
});
