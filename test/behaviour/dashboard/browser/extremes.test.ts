import type { Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { type DashboardBrowser, expectHeading, startDashboardBrowser } from "./dashboard-browser.ts";

const HOUR_SECS = 3_600;
const DAY_SECS = 24 * HOUR_SECS;
const ZONE = "America/New_York";

let dashboard: DashboardBrowser;
beforeAll(async () => {
  dashboard = await startDashboardBrowser();
});

/** How far New York is behind UTC. */
function hoursBehind(secs: number): number {
  const format = new Intl.DateTimeFormat("en", { timeZone: ZONE, timeZoneName: "longOffset" });
  const name = format.formatToParts(secs * 1000).find(({ type }) => type === "timeZoneName")?.value ?? "";
  return Number(/GMT-(\d\d)/.exec(name)?.[1]);
}

/** The last time before now when the clocks there were set forward or back: the start of the first hour after it. */
function lastChange(to: "summer" | "winter"): number {
  const behind = to === "summer" ? 4 : 5;
  let hour = Math.floor(Date.now() / 1000 / HOUR_SECS) * HOUR_SECS - 8 * DAY_SECS;
  while (!(hoursBehind(hour) === behind && hoursBehind(hour - 1) !== behind)) hour -= HOUR_SECS;
  return hour;
}

/** Without what the database may have counted in the days around it. */
function forgetCounts(at: number): Promise<unknown> {
  return dashboard.sidecar.sql(
    `DELETE FROM byo.counters WHERE bucket BETWEEN to_timestamp($1::float8) AND to_timestamp($2::float8)`,
    [at - 8 * DAY_SECS, at + 3 * DAY_SECS],
  );
}

function countLogins(at: number, count: number): Promise<unknown> {
  return dashboard.sidecar.sql(
    `INSERT INTO byo.counters (bucket, name, count) VALUES (to_timestamp($1::float8), 'created', $2)
     ON CONFLICT (bucket, name) DO UPDATE SET count = EXCLUDED.count`,
    [at, count],
  );
}

async function openAt(now: number, path: string): Promise<Page> {
  const page = await dashboard.open(dashboard.owner, "/no-such-page", { timezoneId: ZONE, locale: "en-US" });
  await page.clock.setFixedTime(now * 1000);
  await page.goto(dashboard.url + path);
  return page;
}

const logins = (page: Page) => page.getByRole("region", { name: "Logins", exact: true });

async function rowsOfLogins(page: Page) {
  await logins(page).getByText("Logins as a table").click();
  const rows = logins(page)
    .getByRole("row")
    .filter({ has: page.getByRole("link") });
  await rows.first().waitFor();
  return rows;
}

const textOf = (text: string | null) => (text ?? "").replaceAll(" ", " ");

describe("a week in which clocks change", () => {
  it("has both hours of a time of day that comes twice, and a filter that says which", async () => {
    const second = lastChange("winter");
    await forgetCounts(second);
    await countLogins(second - HOUR_SECS, 1);
    await countLogins(second, 2);
    await countLogins(second + HOUR_SECS, 3);
    const page = await openAt(second + 2 * DAY_SECS, "/overview?range=7d");
    const rows = await rowsOfLogins(page);
    const cells = rows.locator("td:first-child");
    const texts = (await cells.allTextContents()).map(textOf);
    expect(texts).toEqual([
      expect.stringMatching(/0?2:00 AM$/),
      expect.stringMatching(/0?1:00 AM GMT-5$/),
      expect.stringMatching(/0?1:00 AM GMT-4$/),
    ]);

    await rows.nth(1).getByRole("link").click();
    const query = () => Object.fromEntries(new URL(page.url()).searchParams);
    const times = { createdFrom: String(second), createdTo: String(second + HOUR_SECS) };
    await expect.poll(query).toEqual(times);
    await page.getByText(/^Logged in from .* GMT-5$/).waitFor();
    // The form shows no more than 1:00 AM.
    await page.getByRole("combobox", { name: "State", exact: true }).selectOption("ended");
    await expect.poll(query).toEqual({ ...times, state: "ended" });
  });

  it("goes from 1:00 to 3:00 where an hour is left out", async () => {
    const three = lastChange("summer");
    await forgetCounts(three);
    await countLogins(three - HOUR_SECS, 1);
    await countLogins(three, 2);
    const page = await openAt(three + 2 * DAY_SECS, "/overview?range=7d");
    const texts = await (await rowsOfLogins(page)).locator("td:first-child").allTextContents();
    expect(texts.map(textOf)).toEqual([expect.stringMatching(/0?3:00 AM$/), expect.stringMatching(/0?1:00 AM$/)]);
  });

  it("shows the same numbers in UTC, and days in UTC as such", async () => {
    const second = lastChange("winter");
    const page = await openAt(second + 2 * DAY_SECS, "/overview?range=7d");
    await page.getByRole("button", { name: "Show UTC" }).first().click();
    const hours = await (await rowsOfLogins(page)).allTextContents();
    expect(hours.map(textOf)).toEqual(
      ["0?7:00 AM", "0?6:00 AM", "0?5:00 AM"].map((time) => expect.stringMatching(time)),
    );
    await page
      .getByRole("button", { name: /^Show America/ })
      .first()
      .click();

    await page.goto(`${dashboard.url}/overview?range=90d`);
    await page.getByText("Each mark is a day in UTC.").waitFor();
    const day = new Intl.DateTimeFormat("en-US", { month: "short", day: "numeric", timeZone: "UTC" });
    const [row] = await (await rowsOfLogins(page)).allTextContents();
    expect(row).toBe(`${day.format(second * 1000)}Logins6`);
  });
});

describe("a user with 10,000 sessions on 10,000 devices", () => {
  const USER = "everywhere";
  beforeAll(async () => {
    await dashboard.sidecar.sql(
      `INSERT INTO byo.sessions (id, user_id, tags, created_at, expires_at, last_activity_at, ip_address, user_agent, salt, gen,
         cur_hash, since, device_thumbprint)
       SELECT gen_random_uuid(), $1, ARRAY['org:' || (i % 300)], now() - i * interval '30 seconds', now() + interval '30 days',
         now() - i * interval '20 seconds', '10.0.' || (i % 250) || '.' || (i / 250), 'agent ' || i, 'salt', 1, 'hash', now(),
         'device-' || i
       FROM generate_series(1, 10000) AS i`,
      [USER],
    );
    await dashboard.sidecar.sql("ANALYZE byo.sessions");
  });

  it("has a page that says what it leaves out", async () => {
    const page = await dashboard.open(dashboard.owner, `/user?id=${USER}`);
    await expectHeading(page, USER);
    await page.getByText("There are more devices: these are the 100 seen last.").waitFor();
    await page.getByText("There are more sessions:").waitFor();
    const limits = page.getByRole("region", { name: "Limits and policy now" });
    await limits.getByText(/^\d+ active sessions, and more with other tags\./).waitFor();
    expect(await page.getByText(/could not be shown|took too long/).count()).toBe(0);
    expect(await page.locator("*").count()).toBeLessThan(8_000);
  });

  it("is asked about before all of it ends", async () => {
    const page = await dashboard.open(dashboard.owner, `/sessions?userId=${USER}`);
    await page.getByRole("row").nth(50).waitFor();
    await page.getByRole("button", { name: "End all sessions of this user…" }).click();
    await page.getByLabel("Type 10000 to confirm").fill("10000");
    await page.getByRole("button", { name: "End 10,000 sessions" }).click();
    await page.getByText("Ended 10,000 sessions.").waitFor({ timeout: 60_000 });
  }, 90_000);
});
