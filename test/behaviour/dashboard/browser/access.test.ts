import { randomUUID } from "node:crypto";
import { TOTP } from "otpauth";
import type { Page } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import { BACKGROUND_HEADER } from "../../../../sidecar/src/dashboard/contract/addresses.ts";
import { newPassword, OWNER, TEMPORARY } from "../api/dashboard-client.ts";
import { type DashboardBrowser, expectHeading, startDashboardBrowser } from "./dashboard-browser.ts";

let dashboard: DashboardBrowser;
beforeAll(async () => {
  dashboard = await startDashboardBrowser({
    env: { ENCRYPTION_KEY: Buffer.alloc(32, 7).toString("base64") },
  });
});

async function logIn(page: Page, username: string, password: string): Promise<void> {
  await page.getByLabel("Username").fill(username);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
}

it("lets a new person in with the temporary password, but only to choose their own", async () => {
  const { owner, open } = dashboard;
  const username = `grace-${randomUUID()}`;
  await owner.confirm();
  const made = await owner.get("settings/create-user", { username, role: "Editor" });
  const page = await open(undefined, "/policies/explain?tags=org:acme");
  await logIn(page, username, made.password);
  await expectHeading(page, "Choose your password");
  expect(await page.getByRole("navigation").count()).toBe(0);

  const password = newPassword();
  await page.getByLabel("Temporary password").fill(made.password);
  await page.getByLabel("New password", { exact: true }).fill(password);
  await page.getByLabel("Repeat the new password").fill(`${password}!`);
  await page.getByRole("button", { name: "Change password" }).click();
  await page.getByText("The passwords do not match").waitFor();
  await page.getByLabel("Repeat the new password").fill(password);
  await page.getByRole("button", { name: "Change password" }).click();

  // The address that was asked for is still the one that is shown.
  await expectHeading(page, "Policies");
  expect(await page.getByLabel("Tags of the session").inputValue()).toBe("org:acme");
});

it("says of a wrong login no more than that it is wrong", async () => {
  const page = await dashboard.open(undefined, "/");
  await logIn(page, OWNER, TEMPORARY);
  const known = await page.getByRole("alert").textContent();
  await logIn(page, "nobody", "a password that nobody has");
  await expect.poll(() => page.getByRole("alert").textContent()).toBe(known);
  expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Log in to the session dashboard");
});

it("sets up a second factor and then asks for its code", async () => {
  const person = await dashboard.person("ReadOnly");
  const page = await dashboard.open(person, "/settings/account");
  await page.getByRole("button", { name: "Set up a second factor" }).click();
  const secret = await page.locator("section", { hasText: "Second factor" }).locator("code").textContent();
  const code = () => new TOTP({ secret: secret ?? "" }).generate();
  await page.getByLabel("Code from the app").fill(code());
  await page.getByRole("button", { name: "Turn on" }).click();
  await page.getByRole("button", { name: "Turn off" }).waitFor();

  const other = await dashboard.open(undefined, "/sessions");
  await logIn(other, person.username, person.password);
  // Each code is good for one time: the next one is used here.
  await other
    .getByLabel("Code from your authenticator app")
    .fill(new TOTP({ secret: secret ?? "" }).generate({ timestamp: Date.now() + 30_000 }));
  await other.getByRole("button", { name: "Log in" }).click();
  await expectHeading(other, "Sessions");
});

it("logs out, and the page of the next person knows nothing of the last one", async () => {
  const person = await dashboard.person("ReadOnly");
  const page = await dashboard.open(person, "/sessions");
  await expectHeading(page, "Sessions");
  await page.getByRole("button", { name: `Account of ${person.username}` }).click();
  await page.getByRole("menuitem", { name: "Log out" }).click();
  await expectHeading(page, "Log in to the session dashboard");
  await page.goBack().catch(() => null);
  await page.goto(`${dashboard.url}/sessions`);
  await expectHeading(page, "Log in to the session dashboard");
});

it("brings the login page when the login has ended elsewhere", async () => {
  const person = await dashboard.person("ReadOnly");
  const page = await dashboard.open(person, "/sessions");
  await expectHeading(page, "Sessions");
  // The page asks by itself, and says that no person did: so a page that is left open does not keep a login alive.
  const asked = page.waitForRequest((request) => request.url().includes("/sessions/list"));
  await dashboard.owner.confirm();
  await dashboard.owner.get("settings/change-user", { username: person.username, isDisabled: true });
  expect((await asked).headers()[BACKGROUND_HEADER]).toBe("1");
  await expectHeading(page, "Log in to the session dashboard");
});

it("says when the sidecar cannot be reached, and goes on once it can", async () => {
  const person = await dashboard.person("ReadOnly");
  const page = await dashboard.open(person, "/sessions");
  await expectHeading(page, "Sessions");
  const outOfDate = page.getByText("Could not be refreshed; it may be out of date.");
  await page.context().setOffline(true);
  await outOfDate.waitFor({ timeout: 15_000 });
  await page.context().setOffline(false);
  await outOfDate.waitFor({ state: "detached" });
});
