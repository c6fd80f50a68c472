import { decodeProtectedHeader } from "jose";
import type { Page } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import type { TestSidecar } from "../../../harness/test-sidecar.ts";
import { startWebhookReceiver } from "../../../harness/webhook-receiver.ts";
import { SENDER_ENV } from "../../sidecar/webhooks/sender.ts";
import { accessibilityProblems } from "./accessibility.ts";
import { type DashboardBrowser, startDashboardBrowser } from "./dashboard-browser.ts";

let dashboard: DashboardBrowser;
beforeAll(async () => {
  dashboard = await startDashboardBrowser({ env: SENDER_ENV });
});

async function typePassword(page: Page): Promise<void> {
  const dialog = page.getByRole("dialog", { name: "Confirm your password" });
  await dialog.getByLabel("Password", { exact: true }).fill(dashboard.owner.password);
  await dialog.getByRole("button", { name: "Confirm" }).click();
}

it("makes an integration key that is shown once, works for what is allowed, and can be revoked", async () => {
  const { sidecar, owner } = dashboard;
  await dashboard.forgetPasswords();
  const page = await dashboard.open(owner, "/settings/keys");
  await page.getByRole("button", { name: "New key…" }).click();
  const dialog = page.getByRole("dialog", { name: "New integration key" });
  await dialog.getByLabel("Name").fill("billing");
  await dialog.getByRole("checkbox", { name: "Ping", exact: true }).check();
  await dialog.getByRole("button", { name: "Create key" }).click();
  await typePassword(page);
  const shown = page.getByRole("alert").filter({ hasText: "The new integration key" });
  const [, key = ""] = (await shown.locator("pre").textContent())?.split("BYO_INTEGRATION_KEY=") ?? [];
  expect(key).toMatch(/^api_/);

  const authorization = `Bearer ${key}`;
  expect(await sidecar.command("Ping", {}, { authorization })).toMatchObject({ status: 200 });
  expect(await sidecar.command("FetchAllSessions", {}, { authorization })).not.toMatchObject({ status: 200 });
  await page.reload();
  const row = page.getByRole("row").filter({ hasText: "billing" });
  await row.waitFor();
  expect(await page.content()).not.toContain(key);

  await row.getByRole("button", { name: "Revoke the key billing" }).click();
  await page.getByLabel("Type billing to confirm").fill("billing");
  await page.getByRole("button", { name: "Revoke the key", exact: true }).click();
  await row.getByText("Revoked").waitFor();
  await expect.poll(async () => (await sidecar.command("Ping", {}, { authorization })).status).toBe(401);

  await page.goto(`${dashboard.url}/log`);
  const log = page.getByRole("list", { name: "Log, newest first" });
  await expect.poll(() => log.textContent()).toContain("billing");
  expect(await log.textContent()).not.toContain(key);
});

it("makes a webhook, tests it, shows its deliveries and sends one again", async () => {
  const { sidecar, owner } = dashboard;
  const receiver = await startWebhookReceiver();
  await dashboard.forgetPasswords();
  const page = await dashboard.open(owner, "/settings/webhooks");
  await page.getByRole("button", { name: "New webhook…" }).click();
  const dialog = page.getByRole("dialog", { name: "New webhook" });
  await dialog.getByLabel("Name").fill("siem");
  await dialog.getByLabel("URL").fill("https://10.0.0.1/");
  await dialog.getByText("Only some events").click();
  await dialog.getByRole("checkbox", { name: "session.created", exact: true }).check();
  await dialog.getByRole("button", { name: "Create webhook" }).click();
  await typePassword(page);
  await dialog.getByText("private or reserved address").waitFor();
  await dialog.getByLabel("URL").fill(receiver.url);
  await dialog.getByRole("button", { name: "Create webhook" }).click();
  const shown = page.getByRole("alert").filter({ hasText: "The secret of the webhook" });
  receiver.secret = (await shown.locator("code, pre").first().textContent()) ?? "";
  await shown.getByRole("button", { name: "I have saved it" }).click();
  await page.getByRole("button", { name: "Test siem" }).click();
  await page.getByText("siem works. The receiver answered 200.").waitFor();
  receiver.answer = () => 503;
  await sidecar.run("CreateSession", { userId: "ada" });
  await page.getByRole("button", { name: "Deliveries" }).click();
  const deliveries = page.getByRole("region", { name: "Deliveries of siem" });
  await deliveries.getByText("1 attempt, answered 503").waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  receiver.answer = () => 200;
  await deliveries.getByRole("button", { name: "Send again" }).click();
  await deliveries.getByText("Delivered").waitFor();
  // At least once: the next attempt may have been on its way when it was sent again.
  const types = new Set(receiver.accepted().map(({ type }) => type));
  expect([...types]).toEqual(["webhook.test", "session.created"]);
  expect([receiver.problems, dashboard.complaints]).toEqual([[], []]);
});

it("lets a key ignore devices where that is ticked, and marks it once it does", async () => {
  const { sidecar, owner } = dashboard;
  const page = await dashboard.open(owner, "/settings/keys");
  await page.getByRole("button", { name: "New key…" }).click();
  const dialog = page.getByRole("dialog", { name: "New integration key" });
  await dialog.getByLabel("Name").fill("legacy");
  expect(await dialog.getByRole("checkbox", { name: "May ignore devices" }).count()).toBe(0);
  await dialog.getByRole("checkbox", { name: "ValidateSession", exact: true }).check();
  const tick = dialog.getByRole("checkbox", { name: "May ignore devices" });
  expect(await tick.isChecked()).toBe(false);
  await tick.check();
  await dialog.getByText("without a proof of its device, so a copied cookie is enough").waitFor();
  await dialog.getByRole("button", { name: "Create key" }).click();
  const shown = page.getByRole("alert").filter({ hasText: "The new integration key" });
  const [, key = ""] = (await shown.locator("pre").textContent())?.split("BYO_INTEGRATION_KEY=") ?? [];
  const ask = () =>
    sidecar.command(
      "ValidateSession",
      { sessionToken: "x", ignoreDeviceForVerification: true },
      { authorization: `Bearer ${key}` },
    );
  await expect.poll(async () => (await ask()).body.type).toBe("InvalidSessionToken");
  const row = page.getByRole("row").filter({ hasText: "legacy" });
  await expect
    .poll(async () => {
      await page.reload();
      await row.waitFor();
      return row.textContent();
    })
    .toMatch(/accepted sessions without a device proof, last .*may ignore devices/);
});

it("makes a user with a password for one time, changes the role and disables", async () => {
  const page = await dashboard.open(dashboard.owner, "/settings/users");
  await page.getByRole("button", { name: "New user…" }).click();
  await page.getByRole("textbox", { name: "Username" }).fill("anna");
  await page.getByRole("dialog").getByRole("button", { name: "Create user" }).click();
  await page.getByText("The temporary password of anna").waitFor();
  await page.getByRole("button", { name: "I have saved it" }).click();

  const row = page.getByRole("row").filter({ hasText: "anna" });
  await row.getByText("Temporary password").waitFor();
  for (const [action, result] of [
    ["Make Editor", "Editor"],
    ["Disable", "Disabled"],
  ] as const) {
    await row.getByRole("button", { name: "Actions for anna" }).click();
    await page.getByRole("menuitem", { name: action }).click();
    await row.getByText(result).waitFor();
  }
});

it("changes how long things are kept", async () => {
  const page = await dashboard.open(dashboard.owner, "/settings/retention");
  const days = page.getByLabel("Ended sessions are kept for");
  await days.fill("45 days");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Retention saved.").waitFor();
  await page.reload();
  await expect.poll(() => days.inputValue()).toBe("45 days");
});

it("rotates the signing key of stateless tokens, and replaces all of them in an emergency", async () => {
  const { sidecar, owner } = dashboard;
  const { kid: first } = await signedBy(sidecar);
  // Earlier tests have moved the clock past the end of the login.
  await owner.logIn(owner.username, owner.password);
  await dashboard.forgetPasswords();
  const page = await dashboard.open(owner, "/settings/signing-keys");
  const section = page.getByRole("region", { name: "Stateless tokens" });
  await section.getByRole("row").filter({ hasText: first }).getByText("Signs", { exact: true }).waitFor();

  await section.getByRole("button", { name: "Rotate the signing key…" }).click();
  await page.getByLabel("Type rotate to confirm").fill("rotate");
  await page.getByRole("button", { name: "Rotate the key", exact: true }).click();
  await typePassword(page);
  await section.getByText(/Signs from/).waitFor();
  expect((await signedBy(sidecar)).kid).toBe(first);

  await section.getByRole("button", { name: "Replace the signing keys now…" }).click();
  await page.getByLabel("Type replace to confirm").fill("replace");
  await page.getByRole("button", { name: "Replace the keys", exact: true }).click();
  await section.getByText(first).waitFor({ state: "detached" });
  const { kid: last, kids } = await signedBy(sidecar);
  expect(kids).toEqual([last]);
  await section.getByText(last).waitFor();
});

/** The key that signs a token now, and all that are published. */
async function signedBy(sidecar: TestSidecar): Promise<{ kid: string; kids: string[] }> {
  const { statelessToken } = await sidecar.run("CreateStatelessToken", { userId: "ada" });
  const kids = (await sidecar.run("GetJwks", {})).keys.map(({ kid }) => kid);
  return { kid: decodeProtectedHeader(statelessToken).kid ?? "", kids };
}
