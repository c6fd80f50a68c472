import { beforeAll, expect, it } from "vitest";
import { logIn } from "../../sidecar/login.ts";
import { type DashboardBrowser, expectHeading, startDashboardBrowser } from "./dashboard-browser.ts";
import { ENDS, STORY_POLICY } from "./ended-sessions.ts";

const LOGINS = 4;

let dashboard: DashboardBrowser;
beforeAll(async () => {
  dashboard = await startDashboardBrowser({ config: STORY_POLICY });
  for (let index = 1; index < LOGINS; index++) await logIn(dashboard.sidecar, { userId: "ada", tags: ["org:acme"] });
  await ENDS.UserAgentChanged(dashboard.sidecar, "mallory");
});

it("leads from the mark of a chart to the sessions behind it", async () => {
  const page = await dashboard.open(dashboard.owner, "/overview");
  await expectHeading(page, "Overview");
  const chart = page.getByRole("region", { name: "Log-ins" });
  await chart.locator(".recharts-bar-rectangle path").last().click();
  await page.waitForURL(/\/sessions\?createdFrom=\d+&createdTo=\d+$/);
  await page.getByText(`${LOGINS} sessions`).waitFor();
});

it("does the same by a table, for the keyboard", async () => {
  const page = await dashboard.open(dashboard.owner, "/overview?range=7d");
  const chart = page.getByRole("region", { name: "Ends by reason", exact: true });
  await chart.getByText("Ends by reason as a table").click();
  const row = chart.getByRole("row").filter({ hasText: "Browser changed" });
  await row.getByRole("link", { name: "1", exact: true }).click();
  await page.getByText("1 session", { exact: true }).waitFor();
  const query = Object.fromEntries(new URL(page.url()).searchParams);
  expect(query).toEqual({ endReason: "UserAgentChanged", endedFrom: expect.any(String), endedTo: expect.any(String) });
});

it("shows that the replica and the database are well, and the tags that are used most", async () => {
  const page = await dashboard.open(dashboard.owner, "/overview");
  await page.getByRole("list", { name: "Replicas" }).getByText("This replica").waitFor();
  await page.getByRole("list", { name: "Database" }).getByText("Postgres").waitFor();
  const tags = page.getByRole("region", { name: "Top tags" });
  await tags.getByText("3 sessions").waitFor();
  await tags.getByRole("link", { name: "org:acme" }).click();
  await page.getByText("3 sessions").waitFor();
});
