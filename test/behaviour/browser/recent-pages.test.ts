import type { Browser, BrowserContext, Page } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import { launchChromium } from "../../harness/chromium.ts";
import { type ExampleApp, startExampleApp } from "../../harness/example-app.ts";
import { answersOf, watchPolicy } from "./page-watch.ts";

const DEVICE_COOKIE = "__Host-byo-device";
/** The cookie's own life is 600. */
const PAST_ITS_END_SECS = 601;

let browser: Browser;
let app: ExampleApp;
beforeAll(async () => {
  [browser, app] = await Promise.all([launchChromium(), startExampleApp("express")]);
});

interface Owner {
  readonly name: string;
  readonly context: BrowserContext;
  readonly page: Page;
}

/** A profile that has logged in by the form; the script of the next page has bound the session. */
async function logIn(name: string, to = app): Promise<Owner> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${to.url}/account`);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Bind the session").check();
  await page.getByRole("button", { name: "Log in" }).click();
  await page.waitForURL(`${to.url}/account`);
  return { name, context, page };
}

/** Another profile, with a copy of all cookies. */
async function stealFrom({ context }: Owner): Promise<Page> {
  const thief = await browser.newContext();
  await thief.addCookies(await context.cookies());
  return thief.newPage();
}

const heading = (page: Page) => page.getByRole("heading", { level: 1 }).textContent();
const evidence = (page: Page) => page.locator("#evidence").textContent();

async function events({ name }: Owner, { sidecar } = app): Promise<string[]> {
  const rows = await sidecar.sql("SELECT event, reason FROM byo.audit_events WHERE user_id = $1 ORDER BY time", [name]);
  return rows.map(({ event, reason }) => `${event}${reason === null ? "" : ` ${reason}`}`);
}

async function endOf({ name }: Owner, { sidecar } = app): Promise<unknown> {
  const [row] = await sidecar.sql("SELECT end_reason FROM byo.sessions WHERE user_id = $1", [name]);
  return row?.end_reason;
}

it("proves for one load after the cookie's end, then shows the page that was wanted, with query and fragment", async () => {
  const owner = await logIn("ada");
  const { page } = owner;
  expect(await evidence(page)).toBe("recent");
  await page.goto(`${app.url}/sessions`);
  expect(await page.getByRole("row").count()).toBe(1 + 1);

  await app.sidecar.advance(PAST_ITS_END_SECS);
  // The page's own clock would say so too: what keeps the cookie fresh must not make a proof of its own beside this one.
  await page.evaluate(() => localStorage.setItem("byo-session:device-cookie", '{"renewAtMs":1,"lifeMs":600000}'));
  const violations = await watchPolicy(page);
  const answers = answersOf(page, app.url);
  await page.goto(`${app.url}/account?tab=1#notes`);
  await page.waitForFunction(() => document.querySelector("h1")?.textContent === "Your account");
  expect(page.url()).toBe(`${app.url}/account?tab=1#notes`);
  expect(await evidence(page)).toBe("recent");
  const wanted = "GET /account?tab=1";
  const round = answers.slice(0, answers.lastIndexOf(`${wanted} 200`) + 1);
  expect(round).toEqual([
    `${wanted} 401`,
    "GET /session/prove-device 200",
    "GET /session/challenge 200",
    "GET /session 200",
    `${wanted} 200`,
  ]);
  expect(answers.filter((answer) => answer.startsWith("GET /session "))).toHaveLength(1);
  expect(answers.filter((answer) => answer.startsWith("elsewhere"))).toEqual([]);
  expect(violations).toEqual([]);

  await page.goto(`${app.url}/sessions`);
  expect(await heading(page)).toBe("My sessions");
  await expect.poll(() => events(owner)).toContain("DeviceProofMissing DeviceVerificationRequired");
  expect((await events(owner)).filter((event) => event.startsWith("SessionRefused"))).toEqual([]);
});

it("says of a form without a recent proof that nothing was sent, and keeps what was typed", async () => {
  const owner = await logIn("grace");
  const { page, context } = owner;
  await page.getByLabel("Note").fill("a long text");
  // As the browser does by itself when the cookie expires.
  await context.clearCookies({ name: DEVICE_COOKIE });
  const violations = await watchPolicy(page);
  await page.getByRole("button", { name: "Keep" }).click();
  await page.getByText("Nothing was sent. This is your device").waitFor();
  expect(await page.title()).toBe("Not sent");
  const other = await context.newPage();
  await other.goto(`${app.url}/account`);
  expect(await other.getByRole("listitem").count()).toBe(0);

  await page.getByRole("button", { name: "Go back" }).click();
  await page.waitForURL(`${app.url}/account`);
  expect(await page.getByLabel("Note").inputValue()).toBe("a long text");
  await page.getByRole("button", { name: "Keep" }).click();
  await page.getByRole("listitem").waitFor();
  expect(await page.getByRole("listitem").allTextContents()).toEqual(["a long text"]);
  expect(violations).toEqual([]);
});

it("does not load again and again where the cookie does not stick, and says so", async () => {
  const { page, context } = await logIn("edith");
  await page.route(`${app.url}/session`, async (route) => {
    const response = await route.fetch();
    const { "set-cookie": _lost, ...headers } = response.headers();
    await context.clearCookies({ name: DEVICE_COOKIE });
    await route.fulfill({ response, headers });
  });
  await context.clearCookies({ name: DEVICE_COOKIE });
  const answers = answersOf(page, app.url);
  await page.goto(`${app.url}/sessions`);
  await page.getByText("its cookie is missing").waitFor();
  await page.waitForTimeout(1000);
  const documents = () => answers.filter((answer) => answer === "GET /sessions 401").length;
  const proofs = () => answers.filter((answer) => answer === "GET /session 200").length;
  expect([documents(), proofs()]).toEqual([2, 1]);

  await page.getByRole("button", { name: "Try again" }).click();
  await expect.poll(documents).toBe(4);
  await page.getByText("its cookie is missing").waitFor();
  expect(proofs()).toBe(2);
  await page.unroute(`${app.url}/session`);
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { name: "My sessions" }).waitFor();
});

it("lets a browser that has lost its key log in again, and leads back", async () => {
  const owner = await logIn("mary");
  const { page, context } = owner;
  // Not from a page of the app, whose library holds the database open.
  await page.goto(`${app.url}/style.css`);
  await page.evaluate(
    () =>
      new Promise<void>((resolve, reject) => {
        const request = indexedDB.deleteDatabase("byo-session");
        request.onsuccess = () => resolve();
        request.onerror = request.onblocked = () => reject(new Error("the database is in use"));
      }),
  );
  await context.clearCookies({ name: DEVICE_COOKIE });
  const answers = answersOf(page, app.url);
  await page.goto(`${app.url}/sessions?page=2`);
  const reason = page.getByText("This browser does not hold the key that this session was started with.");
  await reason.waitFor();
  await page.getByRole("button", { name: "Try again" }).click();
  await expect.poll(() => answers.filter((answer) => answer === "GET /sessions?page=2 401").length).toBe(2);
  await reason.waitFor();

  await page.getByRole("link", { name: "Log in again" }).click();
  await page.getByLabel("Name").waitFor();
  expect(await endOf(owner)).toBe("LoggedOut");
  const { pathname, searchParams } = new URL(page.url());
  expect([pathname, searchParams.get("returnTo")]).toEqual(["/login", "/sessions?page=2"]);
  await page.getByLabel("Name").fill("mary");
  await page.getByLabel("Bind the session").check();
  await page.getByRole("button", { name: "Log in" }).click();
  await page.waitForURL(`${app.url}/sessions?page=2`);
  expect(await heading(page)).toBe("My sessions");
});

it("gives a thief of all cookies the pages for what is left of ten minutes, nothing else, and then nothing", async () => {
  const owner = await logIn("lise");
  const thief = await stealFrom(owner);
  const cookies = await thief.context().cookies();
  // The token is due for rotation, by which a thief could take the session over.
  await app.sidecar.advance(60);
  await thief.goto(`${app.url}/account`);
  expect([await heading(thief), await evidence(thief)]).toEqual(["Your account", "recent"]);
  expect(await statusesOf(thief)).toEqual({
    "GET /account as data": 200,
    "GET /api/secret": 401,
    "GET /session": 401,
    "GET /session/list": 401,
    "POST /sessions/end-others": 401,
    "POST /sessions/x/end": 401,
    "POST /session/logout-others": 401,
    "POST /session/device": 401,
    "POST /session/ticket": 401,
    "DELETE /session/x": 401,
  });
  await thief.getByRole("button", { name: "Ask with the proof" }).click();
  await expect.poll(() => thief.locator("output").textContent()).toContain("401");
  expect(await thief.context().cookies()).toEqual(cookies);

  await app.sidecar.advance(PAST_ITS_END_SECS - 60);
  for (const path of ["/account", "/sessions", "/"]) {
    await thief.goto(`${app.url}${path}`);
    await thief.getByText("This browser does not hold the key").waitFor();
  }
  expect((await statusesOf(thief))["GET /account as data"]).toBe(401);
  expect(await endOf(owner)).toBeNull();
  await expect.poll(() => events(owner)).toContain("DeviceProofMissing DeviceVerificationRequired");
  const refusals = async (since = "-infinity") => {
    const ofOwner = "SELECT reason FROM byo.audit_events WHERE event = 'SessionRefused' AND user_id = $1 AND time > $2";
    return (await app.sidecar.sql<{ reason: string }>(ofOwner, [owner.name, since])).map(({ reason }) => reason);
  };
  await expect.poll(async () => [...new Set(await refusals())]).toEqual(["DeviceVerificationFailed"]);
  const [{ now } = { now: "" }] = await app.sidecar.sql<{ now: string }>("SELECT byo.now()::text AS now");

  await owner.page.goto(`${app.url}/account`);
  await owner.page.getByRole("heading", { name: "Your account" }).waitFor();
  await owner.page.getByRole("button", { name: "Ask with the proof" }).click();
  await expect.poll(() => owner.page.locator("output").textContent()).toContain("200 ");
  // Of the thief's some may be written only now.
  expect(await refusals(now)).toEqual([]);
});

/** What a script with the cookies, and without the key, gets for each kind of call. */
function statusesOf(page: Page): Promise<Record<string, number>> {
  return page.evaluate(async () => {
    const calls: [method: string, path: string, note?: string][] = [
      ["GET", "/account", " as data"],
      ["GET", "/api/secret"],
      ["GET", "/session"],
      ["GET", "/session/list"],
      ["POST", "/sessions/end-others"],
      ["POST", "/sessions/x/end"],
      ["POST", "/session/logout-others"],
      ["POST", "/session/device"],
      ["POST", "/session/ticket"],
      ["DELETE", "/session/x"],
    ];
    const statuses: Record<string, number> = {};
    for (const [method, path, note = ""] of calls)
      statuses[`${method} ${path}${note}`] = (await fetch(path, { method })).status;
    return statuses;
  });
}

it("lets a session go idle if only a thief uses it", async () => {
  const impatient = await startExampleApp("express", {}, { inactivity_timeout_secs: 400 });
  const owner = await logIn("emmy", impatient);
  const thief = await stealFrom(owner);
  await impatient.sidecar.advance(300);
  await thief.goto(`${impatient.url}/account`);
  expect(await evidence(thief)).toBe("recent");
  await impatient.sidecar.advance(101);
  await thief.goto(`${impatient.url}/account`);
  expect(await thief.getByRole("alert").textContent()).toContain("You were away for a while");
  expect(await endOf(owner, impatient)).toBe("Inactive");
});

const IN_REAL_TIME = { timeout: 40_000 };

it(
  "shows no proving page while the page is used, though a cookie lives for 5 s, and one after a pause",
  IN_REAL_TIME,
  async () => {
    const brief = await startExampleApp("express", {}, { device_cookie_secs: 5 });
    const { page } = await logIn("rosalind", brief);
    const answers = answersOf(page, brief.url);
    const refused = () => answers.filter((answer) => answer.endsWith(" 401"));
    for (let second = 0; second < 8; second++) {
      await page.keyboard.press("Shift");
      await page.waitForTimeout(1000);
    }
    await page.goto(`${brief.url}/sessions`);
    expect([await heading(page), refused()]).toEqual(["My sessions", []]);

    await page.goto("about:blank");
    await page.waitForTimeout(5500);
    await page.goto(`${brief.url}/account`);
    await page.getByRole("heading", { name: "Your account" }).waitFor();
    expect(refused()).toEqual(["GET /account 401"]);
  },
);
