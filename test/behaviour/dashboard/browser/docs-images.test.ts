import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import { END_REASONS } from "../../../../sidecar/src/dashboard/contract/sessions.ts";
import type { DashboardClient } from "../api/dashboard-client.ts";
import { type DashboardBrowser, expectHeading, startDashboardBrowser } from "./dashboard-browser.ts";
import { ENDS, STORY_POLICY } from "./ended-sessions.ts";

const FOLDER = fileURLToPath(new URL("../../../../docs/images/", import.meta.url));
const SIZE = { width: 1280, height: 720 };
const USERS = ["grace", "ada", "edith", "alan", "barbara", "edsger", "frances", "donald"];

let dashboard: DashboardBrowser;
let reader: DashboardClient;
beforeAll(async () => {
  dashboard = await startDashboardBrowser({ config: STORY_POLICY });
  for (const [at, reason] of END_REASONS.entries()) await ENDS[reason](dashboard.sidecar, USERS[at] ?? reason);
  reader = await dashboard.person("ReadOnly");
});

/** A picture of the guide: what this run of a real sidecar shows. */
async function keep(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  const png = await page.screenshot({ path: `${FOLDER}dashboard-${name}.png` });
  expect(png.byteLength).toBeLessThan(200_000);
}

/** A while after what is shown: the ends have moved the database's clock beyond that of this machine. */
async function open(path: string): Promise<Page> {
  const page = await dashboard.open(reader, "/nowhere", { viewport: SIZE });
  await page.clock.setFixedTime(Date.now() + 12 * 60_000);
  await page.goto(dashboard.url + path);
  return page;
}

it("shows the list of sessions, each with what ended it", async () => {
  const page = await open("/sessions?state=ended");
  await page.getByRole("link", { name: "grace", exact: true }).waitFor();
  await page.getByText("more than 10,000 sessions").waitFor();
  await keep(page, "sessions");
});

it("shows why a session ended", async () => {
  const page = await open(`/sessions?userId=${USERS[END_REASONS.indexOf("TokenReused")]}`);
  await page.getByRole("row").nth(1).getByRole("link").first().click();
  await page
    .getByText(/^Ended: TokenReused/)
    .first()
    .waitFor();
  await keep(page, "session");
});

it("shows the overview of a month", async () => {
  const page = await open("/overview?range=30d");
  await expectHeading(page, "Overview");
  await page.getByRole("region", { name: "Active sessions" }).locator(".recharts-area").first().waitFor();
  await page.locator(".recharts-bar-rectangle path").first().waitFor();
  await keep(page, "overview");
});
