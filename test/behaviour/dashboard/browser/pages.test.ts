import type { Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { configure, impersonate, JOE, JOE_MAY, OVER, validate } from "../../sidecar/impersonation/impersonate.ts";
import { logIn } from "../../sidecar/login.ts";
import type { DashboardClient } from "../api/dashboard-client.ts";
import { accessibilityProblems } from "./accessibility.ts";
import { type DashboardBrowser, expectHeading, follow, startDashboardBrowser } from "./dashboard-browser.ts";
import { ENDS, STORY_POLICY } from "./ended-sessions.ts";
import { keepScreenshot } from "./screenshots.ts";
import { DESKTOP, PHONE } from "./viewports.ts";

/** The path of each page, and what is there once it has loaded. */
const PAGES: Record<string, { path: string; heading: string | RegExp; ready: (page: Page) => Promise<unknown> }> = {
  sessions: { path: "/sessions", heading: "Sessions", ready: (page) => page.getByRole("row").nth(3).waitFor() },
  "sessions-more-filters": {
    path: "/sessions?tag=org:acme&bound=false&createdFrom=1700000000",
    heading: "Sessions",
    ready: (page) => page.getByLabel("Logged in from", { exact: true }).waitFor(),
  },
  "sessions-none": {
    path: "/sessions?userId=nobody",
    heading: "Sessions",
    ready: (page) => page.getByText("No sessions", { exact: true }).waitFor(),
  },
  user: {
    path: "/user?id=mallory",
    heading: "mallory",
    ready: (page) => page.getByText("Ended: UserAgentChanged").filter({ visible: true }).first().waitFor(),
  },
  impersonations: {
    path: "/impersonations?ended=too",
    heading: "Impersonation",
    ready: (page) => page.getByRole("row").nth(2).waitFor(),
  },
  "impersonations-none": {
    path: "/impersonations?employee=nobody@example.com",
    heading: "Impersonation",
    ready: (page) => page.getByText("No impersonations", { exact: true }).waitFor(),
  },
  "user-impersonated": {
    path: "/user?id=grace",
    heading: "grace",
    ready: (page) => page.getByRole("button", { name: `End ${JOE} as grace` }).waitFor(),
  },
  overview: {
    path: "/overview",
    heading: "Overview",
    ready: (page) => page.locator(".recharts-bar").first().waitFor(),
  },
  policies: {
    path: "/policies",
    heading: "Policies",
    ready: (page) => page.getByLabel("Lifetime", { exact: true }).waitFor(),
  },
  "policies-text": {
    path: "/policies/text",
    heading: "Policies",
    ready: (page) => page.getByText("Warnings").waitFor(),
  },
  "policies-explain": {
    path: "/policies/explain?tags=life:short",
    heading: "Policies",
    ready: (page) => page.getByRole("cell", { name: "1 minute (60 seconds)", exact: true }).first().waitFor(),
  },
  "policies-revisions": {
    path: "/policies/revisions",
    heading: "Policies",
    ready: (page) => page.getByText("No revisions").waitFor(),
  },
  account: {
    path: "/settings/account",
    heading: "Settings",
    ready: (page) => page.getByLabel("Current password").waitFor(),
  },
  keys: {
    path: "/settings/keys",
    heading: "Settings",
    ready: (page) => page.getByText("from the environment").waitFor(),
  },
  users: { path: "/settings/users", heading: "Settings", ready: (page) => page.getByRole("row").nth(1).waitFor() },
  "signing-keys": {
    path: "/settings/signing-keys",
    heading: "Settings",
    ready: (page) => page.getByText(/authenticate device challenges/).waitFor(),
  },
  retention: {
    path: "/settings/retention",
    heading: "Settings",
    ready: (page) => page.getByLabel("Events are kept for").waitFor(),
  },
  log: { path: "/log", heading: "Dashboard log", ready: (page) => page.getByRole("list", { name: /Log/ }).waitFor() },
  "no-such-page": {
    path: "/nowhere",
    heading: "Page not found",
    ready: (page) => page.getByText("There is no page at this address").waitFor(),
  },
};

let dashboard: DashboardBrowser;
let owner: DashboardClient;
let sessionPath: string;

beforeAll(async () => {
  dashboard = await startDashboardBrowser({ config: STORY_POLICY });
  owner = dashboard.owner;
  const { sidecar } = dashboard;
  for (const userId of ["ada", "grace", "edith"]) {
    await logIn(sidecar, { userId, tags: ["org:acme"], metadata: { plan: "pro" }, ipAddress: "203.0.113.7" });
  }
  await configure(sidecar, JOE_MAY);
  for (const targetUserId of ["ada", "grace"]) await impersonate(sidecar, { targetUserId });
  await sidecar.run("InvalidateAllImpersonationSessionsForUser", { userId: "ada" });
  // Counts them now: the ends move the database's clock, and a browser's charts do not reach beyond its own.
  const nowSecs = Math.floor(Date.now() / 1000);
  await owner.get("overview/series", { from: nowSecs - 600, to: nowSecs + 60 });
  await ENDS.UserAgentChanged(sidecar, "mallory");
  await ENDS.TokenReused(sidecar, "mallory");
  const { items } = await owner.get("sessions/list", { userId: "mallory", endReason: "UserAgentChanged" });
  sessionPath = `/sessions/${items[0]?.sessionId}`;
});

/** In light and dark, on a desk and on a phone. */
async function expectFine(page: Page, name: string): Promise<void> {
  await page.setViewportSize(DESKTOP);
  await page.emulateMedia({ colorScheme: "light" });
  await keepScreenshot(page, `${name}-light`);
  expect(await accessibilityProblems(page)).toEqual([]);

  await page.emulateMedia({ colorScheme: "dark" });
  // Names and roles do not change with the colours.
  expect(await accessibilityProblems(page, ["color-contrast"])).toEqual([]);

  await page.setViewportSize(PHONE);
  await keepScreenshot(page, `${name}-phone-dark`);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width);
}

describe("usable by everybody, in light and dark, without sideways scrolling on a phone", () => {
  let page: Page;
  beforeAll(async () => {
    page = await dashboard.open(owner, "/nowhere");
  });

  it.each(Object.keys(PAGES))("%s", async (name) => {
    const shown = PAGES[name];
    if (!shown) throw new Error(`there is no page ${name}`);
    await page.setViewportSize(DESKTOP);
    await follow(page, shown.path);
    await expectHeading(page, shown.heading);
    await shown.ready(page);
    await expectFine(page, name);
  });

  it("session", async () => {
    await page.setViewportSize(DESKTOP);
    await follow(page, sessionPath);
    await expectHeading(page, "mallory");
    await page.getByText("Ended: UserAgentChanged").first().waitFor();
    await expectFine(page, "session");
  });

  it("a dialog", async () => {
    await page.setViewportSize(DESKTOP);
    await follow(page, "/sessions?userId=ada");
    await page.getByRole("button", { name: "End all sessions of this user…" }).click();
    await page.getByLabel(/^Type \d+ to confirm/).waitFor();
    await expectFine(page, "end-all");
  });

  it("login", async () => {
    const outside = await dashboard.open(undefined, "/");
    await expectHeading(outside, "Log in to the session dashboard");
    await expectFine(outside, "login");
  });

  it("would notice", async () => {
    const broken = await dashboard.open(undefined, "/");
    await expectHeading(broken, "Log in to the session dashboard");
    await broken.evaluate(() => document.body.append(document.createElement("button")));
    expect(await accessibilityProblems(broken)).toEqual(["button-name: <button></button>"]);
  });

  it("asks nobody else for anything, and its own policy refuses nothing of it", () => {
    expect(dashboard.complaints).toEqual([]);
    expect(dashboard.strayRequests).toEqual([]);
  });
});

it("can be walked through with the keyboard alone", async () => {
  const page = await dashboard.open(owner, "/overview");
  await expectHeading(page, "Overview");
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to content");
  await page.keyboard.press("Enter");
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("main");

  await page.keyboard.press("/");
  await page.keyboard.type("mallory");
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "mallory", exact: true }).first().focus();
  await page.keyboard.press("Enter");
  await expectHeading(page, "mallory");
  // The new page has the focus, so that a screen reader goes on there.
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("main");
});

it("goes through tabs with the arrow keys, each with an address of its own", async () => {
  const page = await dashboard.open(owner, "/settings");
  await page.getByRole("tab", { name: "Your account" }).focus();
  await page.keyboard.press("ArrowRight");
  await page.waitForURL(`${dashboard.url}/settings/keys`);
  await page.getByText("from the environment").waitFor();
  await page.keyboard.press("ArrowRight");
  await page.waitForURL(`${dashboard.url}/settings/users`);
});

it("keeps the colours that a person has chosen", async () => {
  const page = await dashboard.open(owner, "/sessions");
  const scheme = () => page.evaluate(() => document.documentElement.dataset.mantineColorScheme);
  await page.getByRole("button", { name: "Switch to the dark theme" }).click();
  expect(await scheme()).toBe("dark");
  await page.reload();
  await expectHeading(page, "Sessions");
  expect(await scheme()).toBe("dark");
});

it("ends an impersonation once the word is typed", async () => {
  const { token } = await impersonate(dashboard.sidecar, { targetUserId: "katherine" });
  const page = await dashboard.open(owner, "/impersonations");
  await page.getByRole("button", { name: `End ${JOE} as katherine` }).click();
  const end = page.getByRole("button", { name: "End 1 impersonation" });
  expect(await end.isDisabled()).toBe(true);
  await page.getByLabel("Type end to confirm").fill("end");
  await end.click();
  await page.getByText("The impersonation has ended.").waitFor();
  expect(await validate(dashboard.sidecar, token)).toEqual(OVER);
});
