import type { Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { createProxiedDatabase, type ProxiedDatabase } from "../../../harness/proxied-database.ts";
import { logIn, validate } from "../../sidecar/login.ts";
import type { DashboardClient } from "../api/dashboard-client.ts";
import { type DashboardBrowser, expectHeading, startDashboardBrowser } from "./dashboard-browser.ts";

let dashboard: DashboardBrowser;
let proxy: ProxiedDatabase["proxy"];
beforeAll(async () => {
  const proxied = await createProxiedDatabase();
  proxy = proxied.proxy;
  dashboard = await startDashboardBrowser(proxied);
});

const dialog = (page: Page) => page.getByRole("dialog");
const note = (page: Page) => dialog(page).getByLabel("Note for the log (optional)");
const open = (page: Page, button: string | RegExp) => page.getByRole("button", { name: button }).click();

/** Ends a login as its greatest age does. */
function expire({ username }: DashboardClient): Promise<unknown> {
  return dashboard.sidecar.sql(
    `UPDATE byo.dashboard_sessions SET created_at = created_at - interval '400 days'
     WHERE user_id = (SELECT id FROM byo.dashboard_users WHERE username = $1)`,
    [username],
  );
}

/** Types a note into the dialog that ends all sessions of a user. */
async function typeNote(page: Page): Promise<void> {
  await open(page, "End all sessions of this user…");
  await note(page).fill("lost laptop");
}

async function logInAs(page: Page, { username, password }: DashboardClient): Promise<void> {
  await expectHeading(page, "Log in to the session dashboard");
  await page.getByLabel("Username").fill(username);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
}

describe("a login that ends while somebody types", () => {
  const openWithNote = async (person: DashboardClient) => {
    await logIn(dashboard.sidecar, { userId: "kept" });
    const page = await dashboard.open(person, "/sessions?userId=kept");
    await typeNote(page);
    await expire(person);
    await expectHeading(page, "Log in to the session dashboard");
    return page;
  };

  it("hides the page, and gives the same person back what was typed", async () => {
    const person = await dashboard.person("Editor");
    const page = await openWithNote(person);
    await page.getByText(`Log in again as ${person.username}: what you typed is still there.`).waitFor();
    expect(await page.getByLabel("Username").inputValue()).toBe(person.username);
    expect(await dialog(page).count()).toBe(0);
    expect(await page.getByRole("row").count()).toBe(0);
    const asked: string[] = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    await page.waitForTimeout(7_000);
    expect(asked.filter((path) => path !== "/dashboard-api/access/state")).toEqual([]);
    await logInAs(page, person);
    expect(await note(page).inputValue()).toBe("lost laptop");
    expect(await page.getByRole("heading", { name: "Log in to the session dashboard" }).count()).toBe(0);
  });

  it("gives another person a new page", async () => {
    const page = await openWithNote(await dashboard.person("Editor"));
    await logInAs(page, await dashboard.person("Editor"));
    await page.getByRole("row").filter({ hasText: "kept" }).first().waitFor();
    expect(await page.locator("[role=dialog]").count()).toBe(0);
    expect(await page.content()).not.toContain("lost laptop");
  });

  it("leaves nothing behind the form if nobody was there", async () => {
    const person = await dashboard.person("Editor");
    const page = await dashboard.open(person, "/sessions?userId=kept");
    await page.getByRole("row").filter({ hasText: "kept" }).first().waitFor();
    await dashboard.sidecar.sql(
      `UPDATE byo.dashboard_sessions SET last_used_at = last_used_at - interval '1 day'
       WHERE user_id = (SELECT id FROM byo.dashboard_users WHERE username = $1)`,
      [person.username],
    );
    await expectHeading(page, "Log in to the session dashboard");
    await page.getByText(/because nobody used the page/).waitFor();
    await expect.poll(() => page.locator("table").count()).toBe(0);
  });
});

describe("something that happens while a dialog about it is open", () => {
  it("is said there: a session that ends", async () => {
    const { sessionId } = await logIn(dashboard.sidecar, { userId: "gone" });
    const page = await dashboard.open(dashboard.owner, `/sessions/${sessionId}`);
    await open(page, "End this session…");
    await page.getByLabel("Type end to confirm").fill("end");
    await dashboard.sidecar.run("InvalidateSessionById", { sessionId });
    await dialog(page).getByText("The session has ended in the meantime.").waitFor();
    expect(await dialog(page).getByRole("button", { name: "End 1 session" }).isDisabled()).toBe(true);
    await dialog(page).getByRole("button", { name: "Close" }).last().click();
    await expect.poll(() => page.getByRole("button", { name: "End this session…" }).count()).toBe(0);
  });

  it("is said there: a key that is revoked", async () => {
    const { owner } = dashboard;
    await owner.confirm();
    const name = "kiosk";
    const { id } = await owner.get("settings/create-integration-key", { name });
    const page = await dashboard.open(owner, "/settings/keys");
    await open(page, `Change the limits of the key ${name}`);
    await dialog(page).waitFor();
    await owner.get("settings/revoke-integration-key", { id });
    await dialog(page).getByText("The key was revoked in the meantime.").waitFor({ timeout: 20_000 });
    expect(await dialog(page).getByRole("button", { name: "Save the limits" }).isDisabled()).toBe(true);
  });

  it("does not change what was chosen: one of the selected sessions ends", async () => {
    const { sessionId } = await logIn(dashboard.sidecar, { userId: "chosen" });
    const { token } = await logIn(dashboard.sidecar, { userId: "chosen" });
    const page = await dashboard.open(dashboard.owner, "/sessions?userId=chosen");
    await open(page, "Select all active on this page");
    await open(page, "End 2 selected sessions…");
    await note(page).fill("both");
    await dashboard.sidecar.run("InvalidateSessionById", { sessionId });
    await page.getByText("1 session selected").waitFor({ state: "attached" });
    expect(await note(page).inputValue()).toBe("both");
    await page.getByLabel("Type 2 to confirm").fill("2");
    await dialog(page).getByRole("button", { name: "End 2 sessions" }).click();
    await page.getByText("Ended 1 session.").waitFor();
    expect(await validate(dashboard.sidecar, token)).toMatchObject({ status: 401 });
  });

  it("loses nothing that was typed: the database goes and comes back", { timeout: 60_000 }, async () => {
    const { token } = await logIn(dashboard.sidecar, { userId: "patient" });
    const page = await dashboard.open(dashboard.owner, "/sessions?userId=patient");
    await typeNote(page);
    await page.getByLabel("Type 1 to confirm").fill("1");
    await proxy.cut();
    await dialog(page).getByRole("button", { name: "End 1 session" }).click();
    await dialog(page).getByRole("alert").filter({ hasText: "database" }).waitFor({ timeout: 30_000 });
    await proxy.restore();
    await page.getByText("What you see may be out of date").waitFor({ state: "detached", timeout: 30_000 });
    expect(await note(page).inputValue()).toBe("lost laptop");
    expect(await page.getByLabel("Type 1 to confirm").inputValue()).toBe("1");
    await dialog(page).getByRole("button", { name: "End 1 session" }).click();
    await page.getByText("Ended 1 session.").waitFor();
    expect(await validate(dashboard.sidecar, token)).toMatchObject({ status: 401 });
  });
});

it("takes one of two policies that are saved at one time, and keeps the other edit", { timeout: 90_000 }, async () => {
  const [one, two] = await Promise.all([dashboard.person("SuperAdmin"), dashboard.person("SuperAdmin")]);
  const pages = await Promise.all([one, two].map((person) => dashboard.open(person, "/policies")));
  for (const [index, page] of pages.entries()) {
    await page.getByRole("textbox", { name: "Sessions per user", exact: true }).fill(String(7 + index));
    await open(page, "Review and save…");
    await dialog(page)
      .getByLabel(/^Reason for the change/)
      .fill(`reason ${index}`);
    const isReady = () => dialog(page).getByRole("button", { name: "Save", exact: true }).isEnabled();
    await expect.poll(isReady, { timeout: 30_000 }).toBe(true);
  }
  await Promise.all(pages.map((page) => dialog(page).getByRole("button", { name: "Save", exact: true }).click()));
  const kept = await Promise.all(
    pages.map(async (page) => {
      await page
        .getByText(/Revision \d+ is in force\.|Someone else saved first/)
        .first()
        .waitFor();
      return page.getByText("Someone else saved first").count();
    }),
  );
  expect(kept.toSorted()).toEqual([0, 1]);
  const loser = pages[kept.indexOf(1)];
  if (!loser) throw new Error("both policies were saved");
  await dialog(loser).getByRole("button", { name: "Close" }).last().click();
  await loser.getByText("Someone else has changed the policy").waitFor();
  await open(loser, "Apply my changes to it");
  await open(loser, "Review and save…");
  expect(
    await dialog(loser)
      .getByLabel(/^Reason for the change/)
      .inputValue(),
  ).toMatch(/^reason [01]$/);
});

describe("a link of somebody with more rights", () => {
  it("opens what the person may see, without what the person may not do", { timeout: 120_000 }, async () => {
    const { sessionId } = await logIn(dashboard.sidecar, { userId: "linked", tags: ["org:linked"] });
    const reader = await dashboard.person("ReadOnly");
    const page = await dashboard.open(reader, "/no-such-page");
    page.setDefaultTimeout(30_000);
    for (const [path, heading] of [
      ["/sessions?userId=linked&state=active", "Sessions"],
      [`/sessions/${sessionId}`, "linked"],
      ["/user?id=linked", "linked"],
      ["/incident?userId=linked", "Incident"],
      ["/policies/text", "Policies"],
      ["/policies/revisions", "Policies"],
      ["/settings/keys", "Settings"],
      ["/settings/webhooks", "Settings"],
      ["/impersonations", "Impersonation"],
      ["/log", "Dashboard log"],
      ["/find?q=linked", /^Sessions$|linked/],
    ] as const) {
      await page.goto(dashboard.url + path);
      await expectHeading(page, heading);
      expect(await page.getByText(/This needs the role|could not be shown/).count(), path).toBe(0);
      expect(await page.getByRole("button", { name: /^(End|Revoke|Forget|Review|New)/ }).count(), path).toBe(0);
    }
    expect(dashboard.complaints).toEqual([]);
  });
});
