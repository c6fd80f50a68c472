import type { Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { createProxiedDatabase, type ProxiedDatabase } from "../../../harness/proxied-database.ts";
import { logIn, validate } from "../../sidecar/login.ts";
import { CHROME_ON_MAC, FIREFOX_ON_MAC } from "../../sidecar/user-agents.ts";
import { type DashboardBrowser, expectHeading, startDashboardBrowser } from "./dashboard-browser.ts";
import { keepScreenshot } from "./screenshots.ts";

const HOME = { ipAddress: "203.0.113.7", userAgent: CHROME_ON_MAC };
const AWAY = { ipAddress: "198.51.100.66", userAgent: FIREFOX_ON_MAC };

let dashboard: DashboardBrowser;
let proxy: ProxiedDatabase["proxy"];
beforeAll(async () => {
  const proxied = await createProxiedDatabase();
  proxy = proxied.proxy;
  const tags = [{ tag: "browser:any", user_agent_check: "flag" }];
  dashboard = await startDashboardBrowser({ ...proxied, config: { tags } });
  for (const userId of ["ada", "grace"]) await logIn(dashboard.sidecar, { userId, ...HOME });
});

const row = (page: Page, name: string) => page.getByRole("row").filter({ hasText: name });
const endAll = (page: Page) => page.getByRole("button", { name: /^End all sessions/ });

it("shows no rows, no green mark and no button for a filter whose rows have not come yet", async () => {
  const page = await dashboard.open(dashboard.owner, "/sessions");
  await row(page, "grace").waitFor();
  await page.getByText("Live", { exact: true }).waitFor();
  let pass = () => {};
  const held = new Promise<void>((resolve) => {
    pass = resolve;
  });
  await page.route(/sessions\/list\?.*userId=ada/, async (route) => {
    await held;
    await route.continue();
  });
  const user = page.getByRole("textbox", { name: "User id", exact: true });
  await user.fill("ada");
  await user.press("Enter");
  await page.waitForURL(/userId=ada/);
  await page.getByText("Loading…").waitFor();
  expect([await row(page, "grace").count(), await endAll(page).count()]).toEqual([0, 0]);
  expect(await page.getByText("Live", { exact: true }).count()).toBe(0);
  pass();
  await row(page, "ada").waitFor();
  await endAll(page).waitFor();

  // It would end what this filter hides.
  await page.getByRole("combobox", { name: "State", exact: true }).selectOption("ended");
  await page.getByText("No sessions", { exact: true }).waitFor();
  expect(await endAll(page).count()).toBe(0);
});

it("shows what is wrong with a filter at its field", async () => {
  const page = await dashboard.open(dashboard.owner, "/sessions?ip=somewhere");
  const address = page.getByRole("textbox", { name: "IP address or CIDR" });
  await page.getByText("expected an address, or a CIDR such as 203.0.113.0/24", { exact: true }).waitFor();
  expect(await address.getAttribute("aria-invalid")).toBe("true");
});

describe("a duration", () => {
  const lifetime = (page: Page) => page.getByRole("textbox", { name: "Lifetime", exact: true });

  it("is what a person writes, with the seconds beside it", async () => {
    const page = await dashboard.open(dashboard.owner, "/policies");
    for (const [typed, secs] of [
      ["12h", "43,200"],
      ["1 day 6 h", "108,000"],
      ["1,5 days", "129,600"],
      ["2 weeks", "1,209,600"],
    ] as const) {
      await lifetime(page).fill(typed);
      await page.getByText(`= ${secs} seconds.`).waitFor();
    }
    await page.getByRole("tab", { name: "JSONC" }).click();
    const text = page.getByRole("textbox", { name: "session_config.jsonc" });
    expect(await text.inputValue()).toContain('"absolute_lifetime_secs": 1209600');
    await page.getByRole("button", { name: "Discard" }).click();
  });

  it.each([
    ["12", /such as 30 min, 12 h or 14 days/],
    ["12 x", /such as 30 min, 12 h or 14 days/],
    ["20 years", /Expected 1 second to 3650 days/],
  ])("%s has its error at the field, and nothing can be saved", async (typed, error) => {
    const page = await dashboard.open(dashboard.owner, "/policies");
    await lifetime(page).fill(typed);
    await page.getByText(error).waitFor();
    expect(await lifetime(page).getAttribute("aria-invalid")).toBe("true");
    expect(await page.getByText(/^Line \d/).count()).toBe(0);
    await page.getByRole("button", { name: "Review and save…" }).click();
    const save = page.getByRole("dialog").getByRole("button", { name: "Save", exact: true });
    await save.waitFor();
    expect(await save.isDisabled()).toBe(true);
  });

  it("of a list or a count is checked at its field too", async () => {
    const page = await dashboard.open(dashboard.owner, "/policies");
    await page.getByRole("textbox", { name: "Sessions per user", exact: true }).fill("8x");
    await page.getByText("Write a whole number").waitFor();
    await page.getByRole("textbox", { name: "Blocked addresses", exact: true }).fill("nowhere");
    await lifetime(page).focus();
    await page.getByText(/^expected an? .*got "nowhere"/).waitFor();
    await page.getByText("2 problems").waitFor();
    await keepScreenshot(page, "policy-problems");
  });
});

it("gives a suspicious session no green mark", async () => {
  const { token, sessionId } = await logIn(dashboard.sidecar, { userId: "shared", tags: ["browser:any"], ...HOME });
  for (const client of [HOME, AWAY, HOME]) await validate(dashboard.sidecar, token, client);
  const page = await dashboard.open(dashboard.owner, `/sessions/${sessionId}`);
  await page.getByText("This session is active, and suspicious.").waitFor();
  await page.getByText("Two clients used it in turn: its token may be stolen.").waitFor();
  await keepScreenshot(page, "suspicious");
  await page.goto(`${dashboard.url}/sessions?userId=shared`);
  await row(page, "Shared").waitFor();
});

it("says in the log who ended whose sessions and why, and finds that person by name", async () => {
  const page = await dashboard.open(dashboard.owner, "/sessions?userId=grace");
  await endAll(page).click();
  await page.getByLabel("Type 1 to confirm").fill("1");
  await page.getByLabel("Note for the log (optional)").fill("left the company");
  await page.getByRole("button", { name: "End 1 session" }).click();
  await page.getByText("Ended 1 session.").waitFor();
  await page.goto(`${dashboard.url}/log`);
  await page.getByRole("textbox", { name: "Who" }).fill("OWNER");
  await page.getByRole("textbox", { name: "Who" }).press("Enter");
  await page.waitForURL(/actor=OWNER/);
  await page.getByText('1 session of user grace was ended by owner, with the note "left the company".').waitFor();
});

it("says that the database is away, and recovers by itself", { timeout: 60_000 }, async () => {
  const page = await dashboard.open(dashboard.owner, "/sessions");
  await row(page, "ada").waitFor();
  await proxy.cut();
  const banner = page.getByRole("alert").filter({ hasText: "cannot reach its database" });
  await banner.waitFor();
  await row(page, "ada").waitFor();
  const fresh = await dashboard.open(dashboard.owner, "/overview");
  await expectHeading(fresh, "The database does not answer");
  await keepScreenshot(fresh, "database-away");
  await proxy.restore();
  await expectHeading(fresh, "Overview");
  await banner.waitFor({ state: "hidden" });
  await page.getByText("Live", { exact: true }).waitFor();
});

it("says why a login that nobody used has ended", async () => {
  const page = await dashboard.open(dashboard.owner, "/sessions");
  await expectHeading(page, "Sessions");
  await dashboard.sidecar.advance(31 * 60);
  await expectHeading(page, "Log in to the session dashboard");
  await page.getByText("You were logged out because nobody used the page for 30 minutes.").waitFor();
});
