import type { Locator, Page } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import { logIn } from "../../sidecar/login.ts";
import { accessibilityProblems } from "./accessibility.ts";
import { type DashboardBrowser, expectHeading, startDashboardBrowser } from "./dashboard-browser.ts";
import { ENDS, STORY_POLICY } from "./ended-sessions.ts";
import { keepScreenshot } from "./screenshots.ts";

const LOGINS = 4;

let dashboard: DashboardBrowser;
beforeAll(async () => {
  dashboard = await startDashboardBrowser({ config: STORY_POLICY });
  for (let index = 1; index < LOGINS; index++) await logIn(dashboard.sidecar, { userId: "ada", tags: ["org:acme"] });
  await ENDS.UserAgentChanged(dashboard.sidecar, "mallory");
});

const openOverview = async () => {
  const page = await dashboard.open(dashboard.owner, "/overview");
  await expectHeading(page, "Overview");
  return page;
};

const chartOf = (page: Page, name: string) => page.getByRole("region", { name, exact: true });

/** The numbers of the chart's table, the latest first: more than one where the time of a mark ended between two events. */
async function numbersOf(chart: Locator, name: string): Promise<number[]> {
  await chart.getByText(`${name} as a table`).click();
  const links = chart.getByRole("cell").getByRole("link");
  await links.first().waitFor();
  return (await links.allTextContents()).map(Number);
}

const countOf = (count: number) => (count === 1 ? "1 session" : `${count} sessions`);

it("leads from the mark of a chart to the sessions behind it", async () => {
  const page = await openOverview();
  const chart = chartOf(page, "Logins");
  const [latest = 0, ...before] = await numbersOf(chart, "Logins");
  expect(before.reduce((sum, count) => sum + count, latest)).toBe(LOGINS);
  await chart.locator(".recharts-bar-rectangle path").last().click();
  await page.waitForURL(/\/sessions\?createdFrom=\d+&createdTo=\d+$/);
  await page.getByText(countOf(latest), { exact: true }).waitFor();
});

it("does the same by a table, for the keyboard", async () => {
  const page = await openOverview();
  const chart = chartOf(page, "Ends by reason");
  expect(await numbersOf(chart, "Ends by reason")).toEqual([1]);
  await chart.getByRole("row").filter({ hasText: "Browser changed" }).getByRole("link", { name: "1" }).press("Enter");
  await page.getByText("1 session", { exact: true }).waitFor();
  const query = Object.fromEntries(new URL(page.url()).searchParams);
  expect(query).toEqual({ endReason: "UserAgentChanged", endedFrom: expect.any(String), endedTo: expect.any(String) });
});

it("shows that the replica and the database are well", async () => {
  const page = await openOverview();
  await page.getByRole("list", { name: "Replicas" }).getByText("This replica").waitFor();
  await page.getByRole("list", { name: "Database" }).getByText("Postgres").waitFor();
});

it("leads from the tags that are used most to their sessions", async () => {
  const page = await openOverview();
  const first = chartOf(page, "Top tags").getByRole("listitem").first();
  const tag = (await first.getByRole("link").textContent()) ?? "";
  const shown = (await first.getByText(/^[\d,]+ sessions$/).textContent()) ?? "";
  expect(shown).not.toBe("");
  await first.getByRole("link").click();
  await page.waitForURL(new RegExp(`tag=${encodeURIComponent(tag)}`));
  await expect.poll(() => page.getByRole("row").filter({ hasText: tag }).count()).toBeGreaterThanOrEqual(LOGINS - 1);
  await page.getByText(/^(more than )?[\d,]+ sessions$/).waitFor();
});

it("says how many there were and compares with the period before, also where one bulk end flattens the rest", async () => {
  const step = Math.floor(Date.now() / 300_000) * 300;
  const count = (name: string, by: number, ago: number) =>
    dashboard.sidecar.sql(
      "INSERT INTO byo.counters (bucket, name, count) VALUES (to_timestamp($1::float8), $2, $3) ON CONFLICT (bucket, name) DO UPDATE SET count = EXCLUDED.count",
      [step - ago, name, by],
    );
  await count("ended:Revoked", 5_000, 3_600);
  await count("ended:TokenReused", 12, 3_600);
  await count("ended:TokenReused", 4, 30 * 3_600);
  await count("created", 1, 72 * 3_600);
  const page = await openOverview();
  const chart = chartOf(page, "Ends by reason");
  const reused = chart.getByRole("button", { name: /^Token reused: ?12 3 times as many as before/ });
  await reused.waitFor();
  await chart.getByRole("button", { name: /^Ended by someone: ?5,000 none before/ }).waitFor();
  expect(await chart.getByRole("radio", { name: "One each" }).isChecked()).toBe(true);
  const figures = chart.locator("figure");
  const before = await figures.count();
  await keepScreenshot(page, "overview-one-each");
  await reused.click();
  await expect.poll(() => figures.count()).toBe(before - 1);
  await chart.getByText("Together", { exact: true }).click();
  await expect.poll(() => figures.count()).toBe(1);
  expect(await accessibilityProblems(page)).toEqual([]);
});
