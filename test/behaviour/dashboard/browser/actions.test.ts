import { Secret, TOTP } from "otpauth";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { logIn, validate } from "../../sidecar/login.ts";
import type { DashboardClient } from "../api/dashboard-client.ts";
import { countClicks } from "./clicks.ts";
import { type DashboardBrowser, follow, startDashboardBrowser } from "./dashboard-browser.ts";
import { expectFine } from "./three-looks.ts";

const OFFICE = { ipAddress: "203.0.113.7" };
const ELSEWHERE = { ipAddress: "198.51.100.9" };
/** The pages are looked at in three ways, which takes long on a busy machine. */
const UNHURRIED = { timeout: 60_000 };

let dashboard: DashboardBrowser;
let owner: DashboardClient;
beforeAll(async () => {
  dashboard = await startDashboardBrowser({
    config: { tags: [{ tag: "org:acme", inactivity_timeout_secs: 86_400 }], tag_priority: ["org"] },
    env: { ENCRYPTION_KEY: Buffer.alloc(32, 7).toString("base64") },
  });
  owner = dashboard.owner;
});

const button = (page: Page, name: string | RegExp) => page.getByRole("button", { name, exact: true });
const confirmation = (page: Page, number: number) => page.getByLabel(`Type ${number} to confirm`);

describe("ending many sessions", UNHURRIED, () => {
  it("all of a tag: three clicks from the list", async () => {
    const logins = await Promise.all(
      ["t1", "t2", "t3"].map((userId) => logIn(dashboard.sidecar, { userId, tags: ["team:end"] })),
    );
    const page = await dashboard.open(owner, "/sessions");
    const clicks = await countClicks(page);
    await page.getByRole("link", { name: "team:end" }).first().click();
    await button(page, "End all sessions with this tag…").click();
    await page.getByLabel("Note for the log (optional)").fill("the contract has ended");
    await confirmation(page, 3).fill("2");
    expect(await button(page, "End 3 sessions").isDisabled()).toBe(true);
    await confirmation(page, 3).fill("3");
    await button(page, "End 3 sessions").click();
    await page.getByText("Ended 3 sessions.").waitFor();
    expect(clicks()).toBeLessThanOrEqual(3);
    for (const { token } of logins) expect(await validate(dashboard.sidecar, token)).toMatchObject({ status: 401 });
  });

  it("a selection, and those that match an address", async () => {
    for (const userId of ["s1", "s2", "s3"]) await logIn(dashboard.sidecar, { userId, tags: ["team:pick"], ...OFFICE });
    const page = await dashboard.open(owner, "/sessions?tag=team:pick");
    await page.getByRole("checkbox", { name: "Select the session of s1" }).check();
    await page.getByRole("checkbox", { name: "Select the session of s3" }).check();
    await page.getByText("2 sessions selected").waitFor();
    await expectFine(page, "selection");
    await button(page, "End 2 selected sessions…").click();
    await confirmation(page, 2).fill("2");
    await button(page, "End 2 sessions").click();
    await page.getByText("Ended 2 sessions.").waitFor();

    await follow(page, "/sessions?tag=team:pick&ip=203.0.113.0/24&state=active");
    await button(page, "End all sessions that match…").click();
    await confirmation(page, 1).fill("1");
    await button(page, "End 1 session").click();
    await page.getByText("Ended 1 session.").waitFor();
    await page.getByText("No sessions", { exact: true }).waitFor();
  });

  it("goes on when the page is closed, and is shown to who comes later", async () => {
    await dashboard.sidecar.sql(
      `INSERT INTO byo.sessions (id, user_id, tags, created_at, expires_at, last_activity_at, salt, gen, cur_hash, since)
       SELECT gen_random_uuid(), 'crowd', '{team:crowd}', now(), now() + interval '1 day', now(), 'x', 1, 'x', now()
       FROM generate_series(1, 3000)`,
    );
    // The second batch waits until the row is gone.
    await dashboard.sidecar.sql("CREATE TABLE IF NOT EXISTS held_end AS SELECT 1");
    await dashboard.sidecar.sql(`CREATE OR REPLACE FUNCTION hold_end() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      WHILE NEW.steps > 1 AND EXISTS (SELECT FROM held_end) LOOP PERFORM pg_sleep(0.1); END LOOP; RETURN NULL; END $$`);
    await dashboard.sidecar.sql(
      "CREATE OR REPLACE TRIGGER held AFTER UPDATE ON byo.bulk_ends FOR EACH ROW EXECUTE FUNCTION hold_end()",
    );
    const page = await dashboard.open(owner, "/sessions?tag=team:crowd");
    await button(page, "End all sessions with this tag…").click();
    await confirmation(page, 3000).fill("3000");
    await button(page, "End 3,000 sessions").click();
    await page
      .getByText(/ended so far. It goes on if you close this page/)
      .first()
      .waitFor();
    await expectFine(page, "bulk-end");
    await page.close();

    const later = await dashboard.open(owner, "/sessions?tag=team:crowd");
    await later
      .getByRole("region", { name: "End of tag team:crowd" })
      .getByText(/owner ends the sessions/)
      .waitFor();
    await dashboard.sidecar.sql("DELETE FROM held_end");
    await later.getByText("Ended 3,000 sessions of tag team:crowd.").waitFor({ timeout: 20_000 });
    await dashboard.sidecar.sql("DROP TRIGGER held ON byo.bulk_ends");
    expect((await owner.get("sessions/count", { tag: ["team:crowd"], state: "active" })).count).toBe(0);
  });
});

describe("an organisation", UNHURRIED, () => {
  let away: Awaited<ReturnType<typeof logIn>>;
  let fresh: Awaited<ReturnType<typeof logIn>>;
  beforeAll(async () => {
    away = await logIn(dashboard.sidecar, { userId: "away", tags: ["org:acme"], ...ELSEWHERE });
    await logIn(dashboard.sidecar, { userId: "in", tags: ["org:acme"], ...OFFICE });
    await dashboard.sidecar.advance(13 * 3600);
    fresh = await logIn(dashboard.sidecar, { userId: "fresh", tags: ["org:acme"], ...ELSEWHERE });
    await owner.logIn(owner.username, owner.password);
  });

  it("goes to 12-hour sessions from office addresses and back: seven clicks, numbers first", async () => {
    const page = await dashboard.open(owner, "/sessions");
    const clicks = await countClicks(page);
    await page.getByRole("link", { name: "Policies" }).click();
    await page.getByRole("button", { name: /^Tag org:acme/ }).click();
    const tag = page.getByRole("region", { name: "Settings of org:acme" });
    await tag.getByRole("textbox", { name: "Lifetime", exact: true }).fill("12 h");
    const addresses = tag.getByRole("textbox", { name: /allowed/i });
    await addresses.fill("203.0.113.0/24");
    await addresses.press("Tab");
    await button(page, "Review and save…").click();
    await page.getByText("2 sessions would end immediately.").waitFor();
    await page.getByText("2 sessions would be refused at their last address.").waitFor();
    expect(await button(page, "Save").isDisabled()).toBe(true);
    await confirmation(page, 4).fill("4");
    await expectFine(page, "policy-numbers", ["color-contrast", "label", "button-name", "aria-dialog-name"]);
    await button(page, "Save").click();
    await page.getByText("Revision 1 is in force.").waitFor();
    for (const { token } of [away, fresh]) {
      expect((await validate(dashboard.sidecar, token, ELSEWHERE)).status).not.toBe(200);
    }
    await page.getByRole("tab", { name: "Revisions" }).click();
    await button(page, "Roll back to the file…").click();
    await page.getByText("0 sessions would end immediately.").waitFor();
    await button(page, "Roll back").click();
    await page.getByText("Revision 2 is in force.").waitFor();
    expect(clicks()).toBeLessThanOrEqual(7);
    expect((await validate(dashboard.sidecar, fresh.token, ELSEWHERE)).status).toBe(200);
  });

  it("a roll-back to a stricter revision needs the number too", async () => {
    const page = await dashboard.open(owner, "/policies/revisions");
    const first = page.getByRole("region", { name: "Revision 1", exact: true });
    await first.getByRole("button", { name: "Roll back to this…" }).click();
    await page.getByText(/sessions? would be refused at their last address/).waitFor();
    expect(await button(page, "Roll back").isDisabled()).toBe(true);
    await button(page, "Cancel").click();
  });

  it("who changed the policy: two clicks", async () => {
    const page = await dashboard.open(owner, "/sessions");
    const clicks = await countClicks(page);
    await page.getByRole("link", { name: "Policies" }).click();
    await page.getByRole("tab", { name: "Revisions" }).click();
    const change = page.getByRole("region", { name: "Revision 1", exact: true });
    await change.getByText(/^owner,/).waitFor();
    await change.getByText("12 hours").first().waitFor();
    expect(clicks()).toBeLessThanOrEqual(3);
  });
});

describe("an integration key", UNHURRIED, () => {
  const run = (key: string, command: "Ping" | "FetchAllSessions") =>
    dashboard.sidecar.command(command, {}, { authorization: `Bearer ${key}` });
  let key = "";

  it("is made in two clicks, or limited in three, and ready to paste", async () => {
    const page = await dashboard.open(owner, "/settings/keys");
    const clicks = await countClicks(page);
    await button(page, "New key…").click();
    await page.getByLabel("Name").fill("shop");
    await page.getByRole("checkbox", { name: "Ping", exact: true }).click();
    await button(page, "Create key").click();
    const shown = page.getByRole("alert").filter({ hasText: "The new integration key" });
    const lines = (await shown.locator("pre").textContent())?.split("\n") ?? [];
    expect(lines[0]).toBe(`BYO_URL=${dashboard.url}`);
    expect(lines[1]).toMatch(/^BYO_INTEGRATION_KEY=api_/);
    expect(clicks()).toBeLessThanOrEqual(3);
    key = lines[1]?.split("=")[1] ?? "";
    expect((await run(key, "Ping")).status).toBe(200);
    expect((await run(key, "FetchAllSessions")).status).toBe(403);
  });

  it("is edited in three clicks, in force within a second", async () => {
    const page = await dashboard.open(owner, "/settings/keys");
    const clicks = await countClicks(page);
    await button(page, "Change the limits of the key shop").click();
    await page.getByRole("checkbox", { name: "FetchAllSessions", exact: true }).click();
    await expectFine(page, "key-limits");
    await button(page, "Save the limits").click();
    await page.getByText("The limits of the key shop are in force.").waitFor();
    expect(clicks()).toBeLessThanOrEqual(3);
    await expect.poll(async () => (await run(key, "FetchAllSessions")).status).not.toBe(403);
    const { items } = await owner.get("log/list", { event: "IntegrationKeyChanged" });
    expect(items[0]?.details).toMatchObject({
      name: "shop",
      before: { allowedCommands: ["Ping"] },
      after: { allowedCommands: expect.arrayContaining(["Ping", "FetchAllSessions"]) },
    });
  });

  it("is revoked in two clicks", async () => {
    const page = await dashboard.open(owner, "/settings/keys");
    const clicks = await countClicks(page);
    await button(page, "Revoke the key shop").click();
    await page.getByLabel("Type shop to confirm").fill("shop");
    await button(page, "Revoke the key").click();
    await page.getByText("The key shop was revoked.").waitFor();
    expect(clicks()).toBeLessThanOrEqual(3);
    await expect.poll(async () => (await run(key, "Ping")).status).toBe(401);
  });
});

it("a view is saved, shared and found by somebody else, who also gets the link", UNHURRIED, async () => {
  const page = await dashboard.open(owner, "/sessions?tag=org:acme&state=active");
  await button(page, "Views").click();
  await page.getByRole("menuitem", { name: "Save this view…" }).click();
  await page.getByLabel("Name of the view").fill("Acme now");
  await page.getByLabel("Everybody who uses the dashboard sees it").check();
  await expectFine(page, "save-view");
  await button(page, "Save the view").click();
  await page.getByText("The view Acme now was saved.").waitFor();

  const reader = await dashboard.person("ReadOnly");
  const theirs = await dashboard.open(reader, "/sessions", { permissions: ["clipboard-read", "clipboard-write"] });
  await button(theirs, "Views").click();
  await theirs.getByRole("menuitem", { name: "Acme now (shared by owner)" }).click();
  await theirs.waitForURL(/tag=org(:|%3A)acme/);
  expect(new URL(theirs.url()).searchParams.get("state")).toBe("active");
  await button(theirs, "Views").click();
  await theirs.getByRole("menuitem", { name: "Copy the link to this list" }).click();
  await theirs.getByText("Link copied").waitFor();
  expect(await theirs.evaluate(() => navigator.clipboard.readText())).toBe(theirs.url());
});

it("recovery codes are shown once, and one of them replaces the code of the app", UNHURRIED, async () => {
  const person = await dashboard.person("Editor");
  const page = await dashboard.open(person, "/settings/account");
  await button(page, "Set up a second factor").click();
  const secret = (await page.locator("code").first().textContent()) ?? "";
  const [{ now = 0 } = {}] = await dashboard.sidecar.sql<{ now: number }>(
    "SELECT date_part('epoch', byo.now()) AS now",
  );
  const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: now * 1000 });
  await page.getByLabel("Code from the app").fill(code);
  await button(page, "Turn on").click();
  const shown = page.getByRole("alert").filter({ hasText: "Your recovery codes" });
  const codes = (await shown.locator("pre").textContent())?.split("\n") ?? [];
  expect(codes).toHaveLength(10);
  await page.getByText("10 recovery codes left").waitFor();
  await expectFine(page, "recovery-codes");
  await page.reload();
  await page.getByText("10 recovery codes left").waitFor();
  expect(await page.content()).not.toContain(codes[0]);

  const again = await dashboard.open(undefined, "/");
  await again.getByLabel("Username").fill(person.username);
  await again.getByLabel("Password", { exact: true }).fill(person.password);
  await button(again, "Log in").click();
  await again.getByLabel("Code from your authenticator app").fill(codes[3]?.toLowerCase() ?? "");
  await button(again, "Log in").click();
  await again.getByRole("heading", { level: 1, name: "Sessions" }).waitFor();
  await follow(again, "/settings/account");
  await again.getByText("9 recovery codes left").waitFor();
  expect(dashboard.complaints).toEqual([]);
});
