import type { Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { ROLES, type Role } from "../../../../sidecar/src/dashboard/contract/roles.ts";
import { logIn } from "../../sidecar/login.ts";
import type { DashboardClient } from "../api/dashboard-client.ts";
import { type DashboardBrowser, expectHeading, follow, startDashboardBrowser } from "./dashboard-browser.ts";
import { keepScreenshot } from "./screenshots.ts";

/** What each role is offered. The server refuses the rest by the same table of roles and calls. */
const OFFERED: Readonly<Record<Role, { ends: boolean; editsPolicies: boolean; tabs: string[]; makesKeys: boolean }>> = {
  SuperAdmin: {
    ends: true,
    editsPolicies: true,
    tabs: ["Your account", "Integration keys", "Users", "Webhooks", "Signing keys", "Retention"],
    makesKeys: true,
  },
  Admin: {
    ends: true,
    editsPolicies: true,
    tabs: ["Your account", "Integration keys", "Users", "Webhooks", "Signing keys", "Retention"],
    makesKeys: false,
  },
  Editor: { ends: true, editsPolicies: true, tabs: ["Your account", "Retention"], makesKeys: false },
  ReadOnly: { ends: false, editsPolicies: false, tabs: ["Your account", "Retention"], makesKeys: false },
};

let dashboard: DashboardBrowser;
let sessionId: string;
beforeAll(async () => {
  dashboard = await startDashboardBrowser();
  ({ sessionId } = await logIn(dashboard.sidecar, { userId: "ada", tags: ["org:acme"] }));
});

describe.each(ROLES)("%s", (role) => {
  const offered = OFFERED[role];
  let person: DashboardClient;
  let page: Page;
  beforeAll(async () => {
    person = await dashboard.person(role);
    page = await dashboard.open(person, "/sessions?userId=ada&tag=org:acme");
  });

  it(`${offered.ends ? "is" : "is not"} offered to end sessions`, async () => {
    await page.getByRole("link", { name: "ada", exact: true }).waitFor();
    const ends = page.getByRole("button", { name: /^End/ });
    expect(await ends.count()).toBe(offered.ends ? 1 : 0);
    await follow(page, `/sessions/${sessionId}`);
    await expectHeading(page, "ada");
    expect(await ends.count()).toBe(offered.ends ? 2 : 0);
    await keepScreenshot(page, `role-${role}-session`);
  });

  it(`${offered.editsPolicies ? "can" : "cannot"} edit policies`, async () => {
    await follow(page, "/policies");
    const lifetime = page.getByLabel("Lifetime", { exact: true });
    await lifetime.waitFor();
    expect(await lifetime.isEnabled()).toBe(offered.editsPolicies);
    expect(await page.getByRole("button", { name: "Add a policy for a tag" }).count()).toBe(
      offered.editsPolicies ? 1 : 0,
    );
    await keepScreenshot(page, `role-${role}-policies`);
  });

  it(`sees ${offered.tabs.length} parts of the settings`, async () => {
    await follow(page, "/settings");
    await page.getByRole("tab", { name: "Your account" }).waitFor();
    expect(await page.getByRole("tab").allTextContents()).toEqual(offered.tabs);
    await keepScreenshot(page, `role-${role}-settings`);
    await follow(page, "/settings/keys");
    await page.getByRole("tab", { selected: true }).waitFor();
    const shown = await page.getByRole("tab", { selected: true }).textContent();
    const isOffered = offered.tabs.includes("Integration keys");
    expect(shown).toBe(isOffered ? "Integration keys" : "Your account");
    expect(await page.getByText("Your role may not see “Integration keys”").count()).toBe(isOffered ? 0 : 1);
  });

  if (!offered.tabs.includes("Users")) return;
  it("manages only whom it may", async () => {
    await follow(page, "/settings/keys");
    await page.getByText("from the environment").waitFor();
    expect(await page.getByRole("button", { name: "New key…" }).count()).toBe(offered.makesKeys ? 1 : 0);
    await follow(page, "/settings/users");
    await page.getByRole("cell", { name: /^owner/ }).waitFor();
    expect(await page.getByRole("button", { name: "Actions for owner" }).count()).toBe(role === "SuperAdmin" ? 1 : 0);
    expect(await page.getByRole("button", { name: `Actions for ${person.username}` }).count()).toBe(0);
  });
});
