import type { Page } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import { IS_LONG } from "../../../harness/is-long.ts";
import { logIn, validate } from "../../sidecar/login.ts";
import type { DashboardClient } from "../api/dashboard-client.ts";
import { accessibilityProblems } from "./accessibility.ts";
import { type DashboardBrowser, expectHeading, startDashboardBrowser } from "./dashboard-browser.ts";
import { countClicks, endTheft } from "./incident-story.ts";
import { keepScreenshot } from "./screenshots.ts";
import { HOME, stealSessions, THEFT_POLICY, THIEF, type Theft } from "./stolen-sessions.ts";

const SPIKE = 12;
/** The others are left to the long tests. */
const LOOKS = (
  [
    ["light", 1280],
    ["dark", 390],
    ["dark", 1280],
    ["light", 390],
  ] as const
).slice(0, IS_LONG ? 4 : 2);

let dashboard: DashboardBrowser;
let editor: DashboardClient;
let theft: Theft;
let page: Page;
let clicks: () => number;

beforeAll(async () => {
  dashboard = await startDashboardBrowser({ config: THEFT_POLICY });
  const { sidecar } = dashboard;
  theft = await stealSessions(sidecar);
  for (let index = 0; index < SPIKE; index++) {
    const { token } = await logIn(sidecar, { userId: `leaver-${index}`, ...HOME });
    await sidecar.run("InvalidateSessionByToken", { sessionToken: token });
  }
  editor = await dashboard.person("Editor");
  page = await dashboard.open(editor, "/");
  clicks = await countClicks(page);
});

const search = () => page.getByRole("combobox", { name: "Find a user, session, address, tag, device or key" });
const users = async () => (await page.locator("tbody td:first-child a").allTextContents()).sort();
const options = (on: Page) => on.getByRole("listbox", { name: "What was found" }).getByRole("option");

/** Starts at the first page again, with no click so far. */
async function start(): Promise<void> {
  await page.goto(`${dashboard.url}/`);
  await page.getByRole("region", { name: "Needs attention" }).waitFor();
  clicks();
}

it("finds everything by the keyboard alone", async () => {
  await start();
  await page.keyboard.press("/");
  await page.keyboard.type("LEAVER-1");
  await options(page).filter({ hasText: "leaver-11" }).waitFor();
  expect(await options(page).allTextContents()).toEqual(["leaver-1User", "leaver-10User", "leaver-11User"]);
  for (const key of ["ArrowDown", "ArrowDown", "Enter"]) await page.keyboard.press(key);
  await page.waitForURL(/\/sessions\?userId=leaver-10$/);

  // Again from anywhere, also from a field, with the old text selected.
  const field = page.getByRole("textbox", { name: "User id", exact: true });
  await field.focus();
  await page.keyboard.press("Control+k");
  await expect.poll(() => search().evaluate((input) => input === document.activeElement)).toBe(true);
  const [stolen] = theft.stolen;
  await page.keyboard.type(stolen?.sessionId ?? "");
  expect(await search().inputValue()).toBe(stolen?.sessionId);
  await page.keyboard.press("Enter");
  await page.waitForURL(new RegExp(`/sessions/${stolen?.sessionId}$`));
  expect(clicks()).toBe(0);
});

it("leads from a text in a log to what it means, and lists what it may mean", async () => {
  const [stolen] = theft.stolen;
  await page.goto(`${dashboard.url}/find?q=${stolen?.sessionId}`);
  await expectHeading(page, "ada");
  await page.goto(`${dashboard.url}/find?q=browser:any`);
  await page.waitForURL(/\/sessions\?tag=browser%3Aany$/);
  await page.goto(`${dashboard.url}/find?q=leaver`);
  await expectHeading(page, "Search for leaver");
  const first = page.getByRole("link", { name: "leaver-0", exact: true });
  await first.focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForURL(/userId=leaver-1$/);
  await page.goto(`${dashboard.url}/find?q=no+such+thing`);
  await page.getByText("Nothing found", { exact: true }).waitFor();
});

it("lists the sessions that an address touched, in one click", async () => {
  await start();
  await search().click();
  await page.keyboard.type(THIEF.ipAddress);
  await page.keyboard.press("Enter");
  await expect.poll(users).toEqual(["ada", "grace", "mallory"]);
  expect(clicks()).toBe(1);
});

it("says why a user was logged out, in one click", async () => {
  await start();
  await search().click();
  await page.keyboard.type("leaver-7");
  await page.keyboard.press("Enter");
  await page.getByRole("row").filter({ hasText: "leaver-7" }).getByText("The user logged out.").waitFor();
  expect(clicks()).toBe(1);
});

it("leads to what spiked in the last hour, in one click", async () => {
  await start();
  await page.getByRole("link", { name: `Logged out: ${SPIKE} in the last hour` }).click();
  await page.getByText(`${SPIKE} sessions`, { exact: true }).waitFor();
  expect(clicks()).toBe(1);
});

it("shows and filters what is suspicious", async () => {
  await page.goto(`${dashboard.url}/sessions?flag=shared`);
  await expect.poll(users).toEqual(["ada", "grace"]);
  const marks = page.getByRole("combobox", { name: "Marked as" });
  await marks.selectOption("wrongProof");
  await page.getByText("No sessions", { exact: true }).waitFor();
  await page.goto(`${dashboard.url}/overview`);
  const chart = page.getByRole("region", { name: "Suspicious sessions", exact: true });
  await chart.getByText("Suspicious sessions as a table").click();
  await chart.getByRole("row").filter({ hasText: "Shared" }).getByRole("link").first().click();
  await expect.poll(users).toEqual(["ada", "grace"]);
});

it.each(LOOKS)("is accessible: %s, %d px", async (colorScheme, width) => {
  const viewport = { width, height: 860 };
  const other = await dashboard.open(editor, "/", { colorScheme, viewport });
  await other.getByRole("link", { name: /used by two clients/ }).waitFor();
  const problems = await accessibilityProblems(other);
  await keepScreenshot(other, `first-page-${colorScheme}-${width}`);
  await other.goto(`${dashboard.url}/incident?ip=${THIEF.ipAddress}`);
  await other.getByText("Probably the intruder").first().waitFor();
  await other.keyboard.press("/");
  await other.keyboard.type("leaver");
  await options(other).first().waitFor();
  await keepScreenshot(other, `search-${colorScheme}-${width}`);
  problems.push(...(await accessibilityProblems(other)));
  await other.keyboard.press("Escape");
  await keepScreenshot(other, `incident-${colorScheme}-${width}`);
  const isWider = await other.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  expect([problems, isWider]).toEqual([[], false]);
  await other.context().close();
});

it("lets a reader look, but not select", async () => {
  const reader = await dashboard.person("ReadOnly");
  const other = await dashboard.open(reader, `/incident?ip=${THIEF.ipAddress}`);
  await other.getByText("Probably the intruder").first().waitFor();
  expect([
    await other.getByRole("checkbox").count(),
    await other.getByRole("button", { name: /^End/ }).count(),
  ]).toEqual([0, 0]);
});

it("ends a theft and nothing else, in six clicks or fewer", async () => {
  await start();
  await endTheft(page);
  expect(clicks()).toBeLessThanOrEqual(6);
  const { sidecar } = dashboard;
  for (const { token } of theft.stolen) expect((await validate(sidecar, token, THIEF)).status).toBe(401);
  for (const { token, userId } of theft.others) {
    expect([userId, (await validate(sidecar, token, userId === "mallory" ? THIEF : HOME)).status]).toEqual([
      userId,
      200,
    ]);
  }
  const { items } = await dashboard.owner.get("log/list", { event: "SessionsEnded" });
  expect(items[0]?.details).toMatchObject({
    target: `a selection of the incident Address ${THIEF.ipAddress}`,
    note: "stolen cookies",
    ended: 2,
  });
  expect(dashboard.complaints).toEqual([]);
});
