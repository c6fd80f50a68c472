import { text } from "node:stream/consumers";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { createDevice } from "../../../../sidecar/test/devices/forge.ts";
import { logInRemembered, logInWithDevice } from "../../sidecar/bound-session.ts";
import { logIn, validate } from "../../sidecar/login.ts";
import { CHROME_ON_MAC, FIREFOX_ON_MAC } from "../../sidecar/user-agents.ts";
import { countClicks } from "./clicks.ts";
import { type DashboardBrowser, expectHeading, startDashboardBrowser } from "./dashboard-browser.ts";
import { expectFine } from "./three-looks.ts";

const HOME = { ipAddress: "203.0.113.7", userAgent: CHROME_ON_MAC };
const AWAY = { ipAddress: "198.51.100.66", userAgent: FIREFOX_ON_MAC };

let dashboard: DashboardBrowser;
beforeAll(async () => {
  dashboard = await startDashboardBrowser();
  const { sidecar } = dashboard;
  const { token } = await logIn(sidecar, { userId: "ada", ...HOME });
  await validate(sidecar, token, AWAY);
  const device = createDevice();
  for (const userId of ["ada", "eve", "mallory"]) await logInRemembered(sidecar, device, { userId, ...HOME });
  await logInWithDevice(sidecar, { userId: "ada", ...AWAY });
});

const timelineOf = (page: Page) => page.getByRole("list", { name: "Timeline, newest first" });
const sectionOf = (page: Page, name: string) => page.getByRole("region", { name, exact: true });

describe("the jobs of a support engineer", () => {
  it("why a user was logged out: one click", async () => {
    const page = await dashboard.open(dashboard.owner, "/sessions?userId=ada&state=ended");
    const clicks = await countClicks(page);
    await page.getByRole("row").getByRole("link", { name: "ada" }).click();
    await page
      .getByText(/A request came from Firefox 140 on macOS at 198\.51\.100\.66/)
      .first()
      .waitFor();
    expect(clicks()).toBe(1);
  });

  it("a device across users, and forgotten for all of them: three clicks", async () => {
    const page = await dashboard.open(dashboard.owner, "/user?id=ada");
    const clicks = await countClicks(page);
    await sectionOf(page, "Devices").getByRole("link", { name: "2 other users" }).click();
    await expectHeading(page, "Device");
    for (const userId of ["ada", "eve", "mallory"])
      await page.getByRole("link", { name: userId, exact: true }).waitFor();
    await expectFine(page, "device");
    await page.getByRole("button", { name: /^Forget for all users/ }).click();
    await page.getByRole("button", { name: "Forget device" }).click();
    await page.getByText("The device was forgotten for 3 users.").waitFor();
    expect(clicks()).toBeLessThanOrEqual(3);
    await page.getByText("Remembered").first().waitFor({ state: "detached" });
    await page.goto(`${dashboard.url}/user?id=eve`);
    await timelineOf(page).getByText("A remembered device was forgotten by owner.").waitFor();
  });

  it("the whole timeline of a user as a file, and the filtered list with its filter: two clicks each", async () => {
    const page = await dashboard.open(dashboard.owner, "/user?id=ada");
    const clicks = await countClicks(page);
    const save = async (name: string) => {
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("menuitem", { name }).click(),
      ]);
      return text(await download.createReadStream());
    };
    await sectionOf(page, "All activity").getByRole("button", { name: "Export" }).click();
    const timeline = await save("As CSV");
    expect(timeline).toContain("A request came from Firefox 140 on macOS at 198.51.100.66");
    expect(timeline).not.toContain('"eve"');
    await page.goto(`${dashboard.url}/sessions?state=ended&userId=ada`);
    await page.getByRole("button", { name: "Export" }).click();
    const list = await save("As CSV");
    expect(list.match(/"UserAgentChanged"/g)).toHaveLength(1);
    expect(list.trimEnd().split("\n")).toHaveLength(2);
    expect(clicks()).toBeLessThanOrEqual(4);
  });
});

describe("a user's page", () => {
  it("shows sessions over time, devices, limits and the session of each event", async () => {
    const page = await dashboard.open(dashboard.owner, "/user?id=ada");
    const lanes = page.getByRole("list", { name: "Sessions over time" });
    await expect.poll(() => lanes.getByRole("img").count()).toBeGreaterThanOrEqual(3);
    await lanes.getByText("Browser changed").waitFor();
    await sectionOf(page, "Devices").getByText("Bound").first().waitFor();
    await page.getByText("Without tags: 2 active, at most").click();
    await sectionOf(page, "Limits and policy now").getByRole("cell", { name: "Lifetime", exact: true }).waitFor();
    await expectFine(page, "user-lanes");
    await timelineOf(page).getByRole("link", { name: "Session on Chrome 140 on macOS" }).first().click();
    await page.waitForURL(/\/sessions\/[0-9a-f-]{36}$/);
    await page.getByLabel("Show the user's other sessions too").check();
    await timelineOf(page).getByText("This session").first().waitFor();
    await timelineOf(page)
      .getByRole("link", { name: /^Session on/ })
      .first()
      .waitFor();
    await expectFine(page, "session-with-others");
  });

  it("shows what happens while it is open, and stays silent while nothing does", async () => {
    const page = await dashboard.open(dashboard.owner, "/user?id=grace");
    await page.getByText("No events").waitFor();
    const asked: string[] = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    await logIn(dashboard.sidecar, { userId: "grace", ...HOME });
    await timelineOf(page).getByText("Logged in from Chrome 140 on macOS at 203.0.113.7", { exact: false }).waitFor();
    expect(asked).not.toContain("/dashboard-api/sessions/timeline");
    await page.getByRole("list", { name: "Sessions over time" }).getByRole("link").waitFor();
    asked.splice(0);
    await page.waitForTimeout(7_000);
    expect(asked).toEqual([]);
  });
});

describe("times", () => {
  it("name their zone and can be switched to UTC, on all pages and in forms", async () => {
    const page = await dashboard.open(dashboard.owner, "/user?id=ada", { timezoneId: "Asia/Kolkata", locale: "en-GB" });
    await page.getByText("Times in Asia/").first().waitFor();
    const shown = () => timelineOf(page).getByRole("time").first().textContent();
    const local = await shown();
    await page.getByRole("button", { name: "Show UTC" }).first().click();
    await page.getByText("Times in UTC").first().waitFor();
    await expect.poll(shown).not.toBe(local);
    await page.goto(`${dashboard.url}/sessions?createdFrom=1700000000`);
    await expect.poll(() => page.getByLabel("Logged in from", { exact: true }).inputValue()).toBe("2023-11-14T22:13");
    await page.getByRole("button", { name: /^Account of/ }).click();
    await page.getByRole("menuitem", { name: /Show times in Asia/ }).click();
    await expect.poll(() => page.getByLabel("Logged in from", { exact: true }).inputValue()).toBe("2023-11-15T03:43");
  });
});
