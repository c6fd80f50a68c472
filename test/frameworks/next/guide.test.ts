import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchChromium } from "../../harness/chromium.ts";
import type { NextApp } from "../../harness/next-app.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { type Command, type ConfigChange, type CreatedApp, createApp } from "./guide/created-app.ts";
import { createVisitors, greetingOn, SOON, titleOf, type Visitors } from "./guide/visitors.ts";
import { createWalkTable } from "./guide/walk-table.ts";

const INTERVAL_SECS = 30;
const PREPARE_MS = 240_000;
const TARGET = "/account?tab=orders";

const eventually = <T>(read: () => T) => expect.poll(read, SOON);

let browser: Browser;
let created: CreatedApp;
let sidecar: TestSidecar;
beforeAll(async () => {
  [browser, created] = await Promise.all([launchChromium(), createApp()]);
}, PREPARE_MS);

async function serve(command: Command): Promise<NextApp> {
  if (command !== "dev") await created.build();
  sidecar = await startTestSidecar({
    config: { defaults: { rotation_interval_secs: INTERVAL_SECS, rotation_grace_secs: 10 } },
  });
  return created.serve(command, { BYO_URL: sidecar.url, BYO_INTEGRATION_KEY: sidecar.integrationKey });
}

interface Host {
  readonly name: string;
  readonly command: Command;
  readonly config?: ConfigChange;
  /** What the guide says to leave out with it. */
  readonly leaveOut?: string;
  readonly hasDevices?: boolean;
}

const HOSTS: readonly Host[] = [
  { name: "next start", command: "start" },
  { name: "next dev", command: "dev" },
  {
    name: "next start without cacheComponents",
    command: "start",
    config: { without: ["cacheComponents: true,", "partialPrefetching: true,"] },
    leaveOut: "export const instant = false;",
  },
  {
    name: "standalone, sessions bound to devices",
    command: "standalone",
    config: { with: 'output: "standalone",' },
    hasDevices: true,
  },
];

const table = createWalkTable(HOSTS.map(({ name }) => name));
afterAll(() => table.write(created.version, browser.version()));

describe.each(HOSTS)("the app of the guide, by $name", { timeout: 120_000 }, (host) => {
  const { command, config = {}, leaveOut, hasDevices = false } = host;
  let app: NextApp;
  let visitors: Visitors;
  beforeAll(async () => {
    await created.follow("docs/next-guide.md", leaveOut);
    if (hasDevices) await created.follow("docs/next-devices.md");
    await created.configure(config);
    app = await serve(command);
    visitors = createVisitors(browser, app.url);
  }, PREPARE_MS);
  afterAll(async () => {
    await app?.stop();
    await sidecar?.stop();
  });

  const walk = (what: string, steps: () => Promise<void>) => it(what, () => table.time(what, host.name, steps));

  async function loggedIn(name: string): Promise<Page> {
    const page = await visitors.open(TARGET);
    await visitors.logIn(page, name);
    await eventually(() => page.url()).toBe(app.url + TARGET);
    if (hasDevices) await eventually(() => isBound(name)).toBe(true);
    return page;
  }

  walk("a link to a guarded page, prefetched, leads to the login and back to the address asked for", async () => {
    const page = await visitors.open("/");
    await eventually(() => greetingOn(page)).toContain("Nobody is logged in");
    if (command !== "dev") await visitors.untilPrefetched(page, "/account");
    await page.getByRole("link", { name: "Your account" }).click();
    await page.waitForURL("**/login?*");
    expect(new URL(page.url()).search).toBe(`?returnTo=${encodeURIComponent(TARGET)}`);
    await visitors.logIn(page, "ada");
    await eventually(() => page.url()).toBe(app.url + TARGET);
    await eventually(() => greetingOn(page)).toBe("Hello ada");
    expect(visitors.errorsOn(page)).toEqual([]);
  });

  walk("a link to the login, prefetched, leads there, and the login to the account", async () => {
    const page = await visitors.open("/");
    if (command !== "dev") await visitors.untilPrefetched(page, "/login");
    await page.getByRole("link", { name: "Log in" }).click();
    await page.waitForURL(`${app.url}/login`);
    await visitors.logIn(page, "lise");
    await eventually(() => page.url()).toBe(`${app.url}/account`);
    await eventually(() => greetingOn(page)).toBe("Hello lise");
    expect(visitors.errorsOn(page)).toEqual([]);
  });

  walk("a session that was ended from another browser: a click leads to the login, which says so", async () => {
    const page = await loggedIn("grace");
    if (command !== "dev") await visitors.untilPrefetched(page, "/account/sessions");
    const other = await loggedIn("grace");
    await other.getByRole("link", { name: "Your sessions" }).click();
    await eventually(() => titleOf(other)).toBe("Your sessions");
    expect(await other.getByRole("listitem").count()).toBe(2);
    await other.getByRole("button", { name: "End" }).click();
    await eventually(() => other.getByRole("listitem").count()).toBe(1);

    await page.getByRole("link", { name: "Your sessions" }).click();
    await page.waitForURL("**/login?*");
    expect(new URL(page.url()).search).toBe("?returnTo=%2Faccount%2Fsessions&reason=Revoked");
    expect(await page.getByRole("status").textContent()).toBe("You were logged out from another device.");
    await visitors.logIn(page, "grace");
    await eventually(() => titleOf(page)).toBe("Your sessions");
  });

  walk("three tabs at once, while the token rotates: nobody is logged out", async () => {
    const first = await loggedIn("edith");
    const others = [visitors.open("/account", first.context()), visitors.open("/account", first.context())];
    const tabs = [first, ...(await Promise.all(others))];
    const before = await cookiesOf(first);
    for (let round = 0; round < 3; round++) {
      await sidecar.advance(INTERVAL_SECS + 1);
      await Promise.all(
        tabs.map(async (tab) => {
          await tab.getByRole("link", { name: "Your sessions" }).click();
          await eventually(() => titleOf(tab)).toBe("Your sessions");
          await tab.getByRole("link", { name: "Your account" }).click();
          await eventually(() => titleOf(tab)).toBe("Your account");
        }),
      );
      await Promise.all(tabs.map((tab) => tab.reload()));
    }
    for (const tab of tabs) await eventually(() => greetingOn(tab)).toBe("Hello edith");
    expect(await sessionsOf("edith")).toHaveLength(1);
    expect(await cookiesOf(first)).not.toEqual(before);
  });

  walk("a logout ends the session and takes the cookie, and Back shows nothing of it", async () => {
    const page = await loggedIn("mary");
    await page.getByRole("button", { name: "Log out" }).click();
    await page.waitForURL(`${app.url}/login`);
    expect(await sessionsOf("mary")).toEqual([]);
    expect(await cookiesOf(page)).toEqual([]);
    await page.goBack();
    await eventually(() => titleOf(page)).toBe("Log in");
    expect(await page.content()).not.toContain("Hello mary");
  });

  walk("the forms work in a browser without script", async () => {
    const [one, two] = await Promise.all([1, 2].map(() => browser.newContext({ javaScriptEnabled: false })));
    const page = await visitors.open("/account/sessions?of=1", one);
    expect(new URL(page.url()).pathname).toBe("/login");
    await visitors.logIn(page, "hedy", "wrong");
    expect(await page.getByRole("alert").textContent()).toBe("Wrong name or password.");
    await visitors.logIn(page, "hedy");
    await eventually(() => page.url()).toBe(`${app.url}/account/sessions?of=1`);

    const other = await visitors.open("/account/sessions", two);
    await visitors.logIn(other, "hedy");
    await other.getByRole("button", { name: "End" }).click();
    await eventually(() => other.getByRole("listitem").count()).toBe(1);
    await page.reload();
    expect(await page.getByRole("status").textContent()).toBe("You were logged out from another device.");
    await other.goto(`${app.url}/account`);
    await other.getByRole("button", { name: "Log out" }).click();
    await eventually(() => sessionsOf("hedy")).toEqual([]);
  });

  walk("a page that refuses a user says why, by its error.tsx", async () => {
    const page = await loggedIn("joan");
    await page.getByRole("link", { name: "Admin" }).click();
    await eventually(() => page.getByRole("alert").allTextContents()).toContain("This page is not for you.");
    await page.reload();
    await eventually(() => page.getByRole("alert").allTextContents()).toContain("This page is not for you.");
  });

  if (!hasDevices) return;
  walk("a copy of the session cookie is refused, and does not end the session", async () => {
    const page = await loggedIn("rosa");
    const copy = (await cookiesOf(page)).filter(({ name }) => name === "__Host-sessionToken");
    expect(copy).toHaveLength(1);
    const thief = await browser.newContext();
    await thief.addCookies(copy);
    const answer = await thief.request.get(`${app.url}/account`);
    expect(answer.status()).toBe(401);
    expect(await answer.text()).not.toContain("Hello rosa");
    await page.getByRole("link", { name: "Your sessions" }).click();
    await eventually(() => titleOf(page)).toBe("Your sessions");
  });
});

describe("with a login by a server action, which loads no page", () => {
  it("the page asked for is shown after it, though Next's router has kept its way to the login", {
    timeout: PREPARE_MS,
  }, async () => {
    await created.follow("docs/next-guide.md");
    await created.configure({});
    await created.add(new URL("guide/action-login/", import.meta.url));
    const app = await serve("start");
    const { open, untilPrefetched, logIn } = createVisitors(browser, app.url);
    const page = await open("/");
    await untilPrefetched(page, "/account");
    await page.getByRole("link", { name: "Your account" }).click();
    await page.waitForURL("**/login?*");
    await logIn(page, "vera");
    await eventually(() => greetingOn(page)).toBe("Hello vera");
    // The router would follow the redirect that it has kept right after it has shown the page.
    await page.waitForTimeout(2000);
    expect(await greetingOn(page)).toBe("Hello vera");
  });
});

async function sessionsOf(userId: string) {
  return (await sidecar.run("FetchAllSessionsForUser", { userId })).sessions;
}

/** Whether every session of the user is bound to a device. */
async function isBound(userId: string): Promise<boolean> {
  const text =
    "SELECT bool_and(device_thumbprint IS NOT NULL) AS bound FROM byo.sessions WHERE user_id = $1 AND ended_at IS NULL";
  return (await sidecar.sql(text, [userId]))[0]?.bound === true;
}

async function cookiesOf(page: Page) {
  return (await page.context().cookies()).filter(({ name }) => name.startsWith("__Host-"));
}
