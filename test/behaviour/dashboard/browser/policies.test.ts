import type { Locator, Page } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import { logIn, validate } from "../../sidecar/login.ts";
import type { DashboardClient } from "../api/dashboard-client.ts";
import { accessibilityProblems } from "./accessibility.ts";
import { type DashboardBrowser, startDashboardBrowser } from "./dashboard-browser.ts";
import { keepScreenshot } from "./screenshots.ts";

const POLICY = `{
  "defaults": { "absolute_lifetime_secs": 1209600 },
  "tags": [{ "tag": "org:acme", "inactivity_timeout_secs": 600 }],
}
`;

let dashboard: DashboardBrowser;
let admin: DashboardClient;
beforeAll(async () => {
  dashboard = await startDashboardBrowser({ config: POLICY });
  admin = await dashboard.person("Admin");
});

const editor = (page: Page) => page.getByLabel("session_config.jsonc");
const review = (page: Page) => page.getByRole("button", { name: "Review and save…" });
const save = (page: Page) => page.getByRole("button", { name: "Save", exact: true });

/** Types how many sessions would end, if that is asked: the long tests have a million of them. */
async function confirm(page: Page, button: Locator): Promise<void> {
  const asked = page.getByLabel(/^Type .+ to confirm$/);
  await expect.poll(async () => (await asked.count()) === 1 || (await button.isEnabled())).toBe(true);
  if ((await asked.count()) === 1) {
    const label = await page.getByText(/^Type .+ to confirm$/).textContent();
    await asked.fill(/^Type (.+) to confirm$/.exec(label ?? "")?.[1] ?? "");
  }
  await button.click();
}
const inForce = (page: Page, revision: number) => page.getByText(`Revision ${revision} is in force.`).waitFor();

it("takes an edit from the form, shows what it does to living sessions, and puts it in force", async () => {
  const { token } = await logIn(dashboard.sidecar, { userId: "ada", tags: ["org:acme"], ipAddress: "203.0.113.7" });
  await dashboard.sidecar.advance(10);
  const page = await dashboard.open(admin, "/policies");
  await page.getByRole("button", { name: /^Tag org:acme/ }).click();
  const tag = page.getByRole("region", { name: "Settings of org:acme" });
  await tag.getByRole("textbox", { name: "Lifetime", exact: true }).fill("5 s");
  await tag.getByText("How long a session lives").waitFor();
  await review(page).click();
  await page.getByText("1 session would end immediately.").waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await keepScreenshot(page, "policy-review");
  await page.getByLabel("Reason for the change (shown with the revision)").fill("the auditors again");
  await page.getByLabel("Type 1 to confirm").fill("1");
  await save(page).click();
  await inForce(page, 1);

  expect(await validate(dashboard.sidecar, token, { ipAddress: "203.0.113.7" })).toMatchObject({ status: 401 });
  await page.getByText("Changed in the dashboard").waitFor();
  await page.getByRole("tab", { name: "JSONC" }).click();
  expect(await editor(page).inputValue()).toContain('"absolute_lifetime_secs": 5');

  await page.getByRole("tab", { name: "What would apply?" }).click();
  await page.getByLabel("Tags of the session").fill("org:acme");
  const lifetime = page.getByRole("row").filter({ hasText: /^Lifetime/ });
  await expect.poll(() => lifetime.textContent()).toMatch(/5 seconds.*org:acme.*Edited here/);
  const idle = page.getByRole("row").filter({ hasText: /^Inactivity timeout/ });
  expect(await idle.textContent()).toMatch(/10 minutes.*org:acme.*File/);
});

it("says while somebody types what is wrong, and in which line", async () => {
  const page = await dashboard.open(admin, "/policies/text");
  await editor(page).fill('{\n  "defaults": { "absolute_lifetime": 5 }\n}');
  await page.getByText("Fix these problems before you save").waitFor();
  await page.getByText(/^Line 2/).waitFor();
  await review(page).click();
  await save(page).waitFor();
  expect(await save(page).isDisabled()).toBe(true);
  await page.getByRole("button", { name: "Continue editing" }).click();
  await page.getByRole("button", { name: "Discard" }).click();
  await page.getByText("The policy is valid.").waitFor();
});

it("asks for the password again where rules become looser", async () => {
  const page = await dashboard.open(admin, "/policies");
  await dashboard.forgetPasswords();
  await page.getByRole("textbox", { name: "Lifetime", exact: true }).fill("30 days");
  await page.getByText("= 2,592,000 seconds. How long a session lives").waitFor();
  await review(page).click();
  await page.getByText("This loosens the policy").waitFor();
  await save(page).click();
  const dialog = page.getByRole("dialog", { name: "Confirm your password" });
  await dialog.getByLabel("Password", { exact: true }).fill("this is not it");
  await dialog.getByRole("button", { name: "Confirm" }).click();
  await dialog.getByRole("alert").waitFor();
  await dialog.getByLabel("Password", { exact: true }).fill(admin.password);
  await dialog.getByRole("button", { name: "Confirm" }).click();
  await inForce(page, 2);
});

it("tells the second of two people who edit at one time, and loses neither edit", async () => {
  const other = await dashboard.person("Editor");
  const [mine, theirs] = await Promise.all([dashboard.open(admin, "/policies"), dashboard.open(other, "/policies")]);
  await mine.getByRole("textbox", { name: "Sessions per user", exact: true }).fill("7");
  await theirs.getByRole("textbox", { name: "Inactivity timeout", exact: true }).fill("1h");
  await review(theirs).click();
  await confirm(theirs, save(theirs));
  await inForce(theirs, 3);

  await mine.getByText("Someone else has changed the policy").waitFor();
  const difference = mine.getByRole("region", { name: "Difference, line by line" });
  expect(await difference.textContent()).toContain('"max_concurrent_sessions_per_user": 7');
  await keepScreenshot(mine, "policy-conflict");
  await mine.reload();
  await mine.getByRole("button", { name: "Apply my changes to it" }).click();
  await review(mine).click();
  const changes = mine.getByRole("dialog").getByRole("row");
  await changes.filter({ hasText: "Sessions per user" }).waitFor();
  expect(await changes.count()).toBe(2);
  await confirm(mine, save(mine));
  await inForce(mine, 4);
  const { text } = await admin.get("policies/current", {});
  expect(JSON.parse(text).defaults).toMatchObject({
    inactivity_timeout_secs: 3600,
    max_concurrent_sessions_per_user: 7,
  });
});

it("keeps every revision, and goes back to any", async () => {
  const page = await dashboard.open(admin, "/policies/revisions");
  const first = page.getByRole("region", { name: "Revision 1", exact: true });
  await first.getByText("the auditors again").waitFor();
  await first.getByRole("button", { name: "Show the difference" }).click();
  await first.getByRole("region", { name: "Difference, line by line" }).waitFor();
  await first.getByRole("button", { name: "Roll back to this…" }).click();
  await confirm(page, page.getByRole("dialog").getByRole("button", { name: "Roll back" }));
  const passwordDialog = page.getByRole("dialog", { name: "Confirm your password" });
  const done = page.getByText("Revision 5 is in force.");
  await done.or(passwordDialog).first().waitFor();
  if (await passwordDialog.isVisible()) {
    await passwordDialog.getByLabel("Password", { exact: true }).fill(admin.password);
    await passwordDialog.getByRole("button", { name: "Confirm" }).click();
  }
  await done.waitFor();
  await page.getByText("Rolled back to revision 1.").waitFor();
});

it("is in the log with each setting before and after", async () => {
  const page = await dashboard.open(admin, "/log");
  await page.getByRole("combobox", { name: "Event" }).selectOption("Policy edited");
  await page.waitForURL(/event=PolicyEdited/);
  const first = page.getByRole("listitem").filter({ hasText: "revision 1." });
  await first.getByText("Before and after").click();
  const row = first.getByRole("row").filter({ hasText: "Lifetime" });
  expect(await row.getByRole("cell").allTextContents()).toEqual([
    "org:acme: Lifetime",
    "14 days (1,209,600 seconds) (as the defaults)",
    "5 seconds",
  ]);
  await keepScreenshot(page, "log-policy-edited");
});
