import type { Page } from "puppeteer-core";
import { beforeAll, expect, it } from "vitest";
import { launchFirefox } from "../../../harness/firefox.ts";
import { validate } from "../../sidecar/login.ts";
import { startDashboard, type TestDashboard } from "../api/dashboard-client.ts";
import { HOME, stealSessions, THEFT_POLICY, THIEF, type Theft } from "./stolen-sessions.ts";

let dashboard: TestDashboard;
let theft: Theft;
let page: Page;

beforeAll(async () => {
  dashboard = await startDashboard({ config: THEFT_POLICY });
  theft = await stealSessions(dashboard.sidecar);
  const browser = await launchFirefox();
  page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 860 });
  page.setDefaultTimeout(15_000);
});

const named = (role: string, name: string) => page.locator(`::-p-aria(${name}[role="${role}"])`);
const says = (text: string) => expect.poll(() => page.$eval("body", ({ textContent }) => textContent)).toContain(text);

it("logs in with Firefox", async () => {
  const { username, password } = dashboard.owner;
  await page.goto(dashboard.sidecar.dashboardUrl);
  await named("textbox", "Username").fill(username);
  await page.locator('input[type="password"]').fill(password);
  await named("button", "Log in").click();
  await says("Needs attention");
});

it("lists the sessions with Firefox, found by the keyboard", async () => {
  await page.keyboard.press("/");
  await page.keyboard.type(THIEF.ipAddress);
  await page.keyboard.press("Enter");
  await says("mallory");
  const users = () => page.$$eval("tbody td:first-child a", (links) => links.map((link) => link.textContent).sort());
  await expect.poll(users).toEqual(["ada", "grace", "mallory"]);
});

it("ends a theft with Firefox, and nothing else", async () => {
  await page.goto(dashboard.sidecar.dashboardUrl);
  await named("link", "2 active sessions used by two clients").click();
  await says("Took turns with another client.");
  await page.locator(`li[data-role="intruder"] a`).click();
  await says("3 sessions of 3 users, 3 of them active.");
  await named("button", "End 2 selected sessions…").click();
  await named("textbox", "Note for the log").fill("stolen cookies");
  await named("textbox", "Type 2 to confirm").fill("2");
  await named("button", "End 2 sessions").click();
  await says("3 sessions of 3 users, 1 of them active.");
  const { sidecar } = dashboard;
  for (const { token } of theft.stolen) expect((await validate(sidecar, token, THIEF)).status).toBe(401);
  for (const { token, userId } of theft.others) {
    expect((await validate(sidecar, token, userId === "mallory" ? THIEF : HOME)).status).toBe(200);
  }
});
