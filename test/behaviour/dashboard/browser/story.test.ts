import type { Page } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import { END_REASONS, type EndReason } from "../../../../sidecar/src/dashboard/contract/sessions.ts";
import type { DashboardClient } from "../api/dashboard-client.ts";
import { type DashboardBrowser, startDashboardBrowser } from "./dashboard-browser.ts";
import { ENDS, STORY_POLICY } from "./ended-sessions.ts";
import { keepScreenshot } from "./screenshots.ts";

/** What a support engineer can say to the user on the phone. */
const ANSWERS: Readonly<Record<EndReason, RegExp>> = {
  LoggedOut: /The user logged out/,
  Revoked: /Ended by the application/,
  Expired: /maximum lifetime of its policy/,
  Inactive: /unused for longer than its policy allows/,
  SessionLimit: /logged in again from Firefox 140 on macOS/,
  IpAddressChanged: /A request came from 198\.51\.100\.9, but the login was from 203\.0\.113\.7/,
  UserAgentChanged: /from Firefox 140 on macOS, but the login was from Chrome 140 on macOS/,
  TokenReused: /A token that had been replaced was used again.*198\.51\.100\.9/,
};

let dashboard: DashboardBrowser;
let support: DashboardClient;
let page: Page;
let clicks = 0;
/** A little before: the database's clock is another one. */
const startedAtSecs = Math.floor(Date.now() / 1000) - 60;

beforeAll(async () => {
  dashboard = await startDashboardBrowser({ config: STORY_POLICY });
  for (const reason of END_REASONS) await ENDS[reason](dashboard.sidecar, `user of ${reason}`);
  support = await dashboard.person("ReadOnly");
  page = await dashboard.open(support, "/overview");
  await page.exposeFunction("countClick", () => clicks++);
  await page.addInitScript("addEventListener('click', () => window.countClick(), true)");
  await page.reload();
});

it.each(END_REASONS)("finds out in three clicks or fewer that it was %s", async (reason) => {
  clicks = 0;
  const search = page.getByLabel("Find the sessions of a user by user id");
  await search.click();
  await search.fill(`user of ${reason}`);
  await search.press("Enter");
  // The list answers already; the details follow.
  const row = page.getByRole("row").filter({ hasNotText: "In use." }).nth(1);
  await row.getByRole("link", { name: `user of ${reason}` }).click();
  const verdict = page.getByRole("alert");
  await expect.poll(() => verdict.textContent()).toMatch(ANSWERS[reason]);
  expect(await page.getByRole("list", { name: "Timeline, newest first" }).textContent()).toMatch(ANSWERS[reason]);
  expect(clicks).toBeLessThanOrEqual(3);
  if (reason === "UserAgentChanged") await keepScreenshot(page, "story");
});

it("says in the list already how each session ended", async () => {
  await page.goto(`${dashboard.url}/sessions?state=ended&createdFrom=${startedAtSecs}`);
  await expect.poll(() => page.getByRole("row").count()).toBe(1 + END_REASONS.length);
  await keepScreenshot(page, "story-list");
});

it("tells the whole story of a user in one place, logins that were refused included", async () => {
  await page.goto(`${dashboard.url}/user?id=${encodeURIComponent("user of SessionLimit")}`);
  const timeline = page.getByRole("list", { name: "Timeline, newest first" });
  await expect.poll(() => timeline.getByRole("listitem").count()).toBeGreaterThanOrEqual(3);
  await timeline
    .getByRole("link", { name: /^Session on/ })
    .first()
    .click();
  await page.waitForURL(/\/sessions\/[0-9a-f-]{36}$/);
});
