import { createRequire } from "node:module";
import { dirname } from "node:path";
import type { Browser, Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { bundlePage } from "../../../../browser/test/bundle.ts";
import { launchChromium } from "../../../harness/chromium.ts";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { type PagesApp, said, saidSoFar, startPagesApp, startVisitor } from "./pages-app.ts";

const SCRIPT = new URL("page-script.ts", import.meta.url);
/** One in this time asks when somebody comes back again and again. */
const PAUSE_MS = 5_100;

/** A visitor whose pages can be taken forward in time. */
async function startClockedVisitor() {
  const visitor = await startVisitor(browser, app);
  await visitor.context.clock.install();
  return { ...visitor, pause: () => visitor.context.clock.fastForward(PAUSE_MS) };
}

let browser: Browser;
let sidecar: TestSidecar;
let script: string;
let app: PagesApp;
beforeAll(async () => {
  [browser, sidecar, script] = await Promise.all([launchChromium(), startTestSidecar(), bundlePage(SCRIPT)]);
  app = await startPagesApp(sidecar, script);
});

/** Without Playwright's own pretence that every page is in front. */
async function comeBack(page: Page): Promise<void> {
  await page.evaluate(() => window.dispatchEvent(new Event("focus")));
}

/** As from the user's other device, or by support. */
async function revoke(page: Page): Promise<void> {
  const data: unknown = await page.evaluate(() => JSON.parse(document.getElementById("data")?.textContent ?? ""));
  await sidecar.run("InvalidateSessionById", { sessionId: Object(data).session.sessionId });
}

describe("what a page knows when it opens", () => {
  it("is what the server gave: no request, the same markup", async () => {
    const visitor = await startVisitor(browser, app);
    const page = await visitor.open("/login?user=ada&to=/given");
    expect(await said(page)).toBe("authenticated ada");
    await comeBack(page);
    await page.waitForTimeout(300);
    expect(visitor.asked).toEqual([]);
    expect(await saidSoFar(page)).toEqual(["authenticated ada"]);
    expect(visitor.complaints).toEqual([]);
  });

  it("is that nobody is logged in, where the server said so", async () => {
    const visitor = await startVisitor(browser, app);
    const page = await visitor.open("/given");
    await page.waitForTimeout(300);
    expect([await said(page), visitor.asked, visitor.complaints]).toEqual(["anonymous", [], []]);
  });

  it("is asked by one request, in StrictMode and by all hooks together", async () => {
    const visitor = await startVisitor(browser, app);
    const page = await visitor.open("/login?user=ada&to=/asked");
    await expect.poll(() => said(page)).toBe("authenticated ada");
    expect(visitor.asked).toEqual(["GET /session"]);
    expect(await saidSoFar(page)).toEqual(["loading", "authenticated ada"]);
    expect(visitor.complaints).toEqual([]);
  });

  it("works with React 18", async () => {
    const require = createRequire(import.meta.url);
    const [react, dom] = ["react18", "react-dom18"].map((name) => dirname(require.resolve(`${name}/package.json`)));
    const olderScript = await bundlePage(SCRIPT, { "react-dom": String(dom), react: String(react) });
    expect(olderScript).toContain("18.3.1");
    const older = await startPagesApp(sidecar, olderScript);
    const visitor = await startVisitor(browser, older);
    const page = await visitor.open("/login?user=ada&to=/asked");
    await expect.poll(() => said(page)).toBe("authenticated ada");
    expect(visitor.asked).toEqual(["GET /session"]);
    await page.getByRole("button", { name: "Log out" }).click();
    await expect.poll(() => said(page)).toBe("anonymous LoggedOut");
    expect(visitor.complaints).toEqual([]);
  });

  it("stays unknown, and says why, where the routes are elsewhere", async () => {
    const visitor = await startVisitor(browser, app);
    const page = await visitor.open("/elsewhere");
    await expect.poll(() => said(page)).toBe("unavailable ERR_UNEXPECTED_ANSWER");
  });
});

describe("another tab", () => {
  it("sees a logout at once, with the reason, and by one request each", async () => {
    const visitor = await startVisitor(browser, app);
    const page = await visitor.open("/login?user=ada&to=/given");
    const other = await visitor.open("/given");
    const third = await visitor.open("/asked");
    await expect.poll(() => said(third)).toBe("authenticated ada");
    visitor.asked.length = 0;
    await page.getByRole("button", { name: "Log out" }).click();
    for (const tab of [page, other, third]) await expect.poll(() => said(tab)).toBe("anonymous LoggedOut");
    await page.waitForTimeout(300);
    expect(visitor.asked.sort()).toEqual(["GET /session", "GET /session", "POST /session/logout"]);
  });

  it("sees a login by a plain form at once, and one of somebody else", async () => {
    const visitor = await startVisitor(browser, app);
    const waiting = await visitor.open("/asked");
    await expect.poll(() => said(waiting)).toBe("anonymous NoSession");
    const page = await visitor.open("/login?user=ada&to=/given");
    await expect.poll(() => said(waiting)).toBe("authenticated ada");
    await page.goto(`${app.url}/login?user=grace&to=/given`);
    await expect.poll(() => said(waiting)).toBe("authenticated grace");
  });

  it("is not asked when a page opens that says what all know", async () => {
    const visitor = await startVisitor(browser, app);
    await visitor.open("/login?user=ada&to=/given");
    await visitor.open("/given");
    const page = await visitor.open("/given");
    await page.waitForTimeout(300);
    expect(visitor.asked).toEqual([]);
  });
});

describe("who comes back to the page", () => {
  it("sees that the session was revoked elsewhere, with the reason; the other tab too", async () => {
    const visitor = await startClockedVisitor();
    const page = await visitor.open("/login?user=ada&to=/given");
    const other = await visitor.open("/given");
    await revoke(page);
    await visitor.pause();
    await comeBack(page);
    await expect.poll(() => said(page)).toBe("anonymous Revoked");
    await expect.poll(() => said(other)).toBe("anonymous Revoked");
    // The cookie is gone by now, and the reason stays.
    await page.getByRole("button", { name: "Refresh" }).click();
    await expect.poll(() => visitor.asked.length).toBe(3);
    expect(await said(page)).toBe("anonymous Revoked");
  });

  it("asks once in five seconds, and never while the page is hidden", async () => {
    const visitor = await startClockedVisitor();
    const page = await visitor.open("/login?user=ada&to=/given");
    await visitor.pause();
    await page.evaluate(() => {
      Object.defineProperty(document, "visibilityState", { configurable: true, get: () => "hidden" });
      for (const sign of ["focus", "online"]) window.dispatchEvent(new Event(sign));
    });
    await page.waitForTimeout(300);
    expect(visitor.asked).toEqual([]);
    await page.evaluate(() => {
      Object.defineProperty(document, "visibilityState", { configurable: true, get: () => "visible" });
      document.dispatchEvent(new Event("visibilitychange"));
      for (let times = 0; times < 20; times++) window.dispatchEvent(new Event("focus"));
    });
    await page.waitForTimeout(300);
    expect(visitor.asked).toEqual(["GET /session"]);
  });
});

describe("a sidecar that is away", () => {
  it("takes no session away, and the page says so; it asks again when the network is back", async () => {
    const app = await startPagesApp(sidecar, script);
    const visitor = await startVisitor(browser, app);
    const page = await visitor.open("/login?user=ada&to=/given");
    const asking = await visitor.open("/asked");
    await expect.poll(() => said(asking)).toBe("authenticated ada");
    await app.toSidecar.cut();
    for (const tab of [page, asking]) {
      await tab.getByRole("button", { name: "Refresh" }).click();
      await expect.poll(() => said(tab)).toBe("authenticated ada ERR_UNAVAILABLE");
    }
    await asking.reload();
    await expect.poll(() => said(asking)).toBe("unavailable ERR_UNAVAILABLE");
    await page.getByRole("button", { name: "Log out" }).click();
    await expect.poll(() => page.locator("#failure").textContent()).toBe("ERR_UNAVAILABLE");
    expect(await said(page)).toBe("authenticated ada ERR_UNAVAILABLE");
    await app.toSidecar.restore();
    await expect.poll(async () => (await visitor.context.request.get(`${app.url}/session`)).status()).toBe(200);
    await visitor.context.setOffline(true);
    await visitor.context.setOffline(false);
    await expect.poll(() => said(page)).toBe("authenticated ada");
    await asking.getByRole("button", { name: "Refresh" }).click();
    await expect.poll(() => said(asking)).toBe("authenticated ada");
  });

  it("is away like the network itself", async () => {
    const visitor = await startVisitor(browser, app);
    const page = await visitor.open("/login?user=ada&to=/given");
    await visitor.context.setOffline(true);
    await page.getByRole("button", { name: "Refresh" }).click();
    await expect.poll(() => said(page)).toBe("authenticated ada ERR_UNAVAILABLE");
    await visitor.context.setOffline(false);
    await expect.poll(() => said(page)).toBe("authenticated ada");
  });
});

describe("a bound session", () => {
  it("is asked for with a proof where the app has set devices up, and logged out", async () => {
    const visitor = await startVisitor(browser, app);
    const page = await visitor.open("/login?user=ada&to=/bound");
    await expect.poll(() => said(page)).toBe("authenticated ada");
    expect(await page.evaluate(() => Reflect.get(globalThis, "registerDevice")().then((r: Response) => r.status))).toBe(
      200,
    );
    await visitor.context.clearCookies({ name: /device/ });
    const again = await visitor.open("/bound");
    await expect.poll(() => said(again)).toBe("authenticated ada");
    // Without the call there is no proof, and the server says so.
    await visitor.context.clearCookies({ name: /device/ });
    const without = await visitor.open("/asked");
    await expect.poll(() => said(without)).toBe("anonymous DeviceVerificationRequired");
    expect(await said(again)).toBe("authenticated ada");
    await again.getByRole("button", { name: "Log out" }).click();
    for (const tab of [page, again]) await expect.poll(() => said(tab)).toBe("anonymous LoggedOut");
  });
});

describe("the back button after a logout", () => {
  it("shows no old session: a page out of the back/forward cache", async () => {
    const visitor = await startVisitor(await launchChromium({ backForwardCache: true }), app);
    const page = await visitor.open("/login?user=ada&to=/given");
    expect(await said(page)).toBe("authenticated ada");
    // Playwright cannot look into a page that comes from there, so that page says itself what it shows.
    await page.evaluate(() =>
      addEventListener("pageshow", ({ persisted }) => {
        const shown: () => string[] = Reflect.get(globalThis, "statesShown");
        const before = shown().length;
        requestAnimationFrame(() => {
          const firstFrame = document.querySelector("#first")?.textContent;
          setTimeout(() => console.info(JSON.stringify({ persisted, firstFrame, shown: shown().slice(before) })), 1000);
        });
      }),
    );
    await page.goto(`${app.url}/plain`);
    await page.evaluate(() => fetch("/session/logout", { method: "POST" }));
    const message = page.waitForEvent("console", (one) => one.type() === "info" && one.text().includes("persisted"));
    await page.evaluate(() => void setTimeout(() => history.back()));
    expect(JSON.parse((await message).text())).toEqual({
      persisted: true,
      firstFrame: "loading",
      shown: ["anonymous NoSession"],
    });
  });

  it("shows no old session: a page out of the browser's cache", async () => {
    const visitor = await startVisitor(browser, app);
    const page = await visitor.open("/login?user=ada&to=/kept");
    expect(await said(page)).toBe("authenticated ada");
    await page.goto(`${app.url}/plain`);
    await page.evaluate(() => fetch("/session/logout", { method: "POST" }));
    await page.goBack();
    await expect.poll(() => said(page)).toBe("anonymous NoSession");
    // What the server wrote in it was ada's: the same markup, and then nothing of her any more.
    expect(await saidSoFar(page)).toEqual(["authenticated ada", "loading", "anonymous NoSession"]);
    expect(visitor.complaints).toEqual([]);
  });

  it("believes no page of a router's cache either", async () => {
    const visitor = await startVisitor(browser, app);
    const page = await visitor.open("/login?user=ada&to=/given");
    await page.getByRole("button", { name: "Log out" }).click();
    await expect.poll(() => said(page)).toBe("anonymous LoggedOut");
    const turn = page.getByRole("button", { name: "Turn over" });
    await turn.click();
    await turn.click();
    await expect.poll(() => said(page)).toBe("anonymous NoSession");
    expect((await saidSoFar(page)).slice(1)).not.toContain("authenticated ada");
  });
});

it("asks nothing more when it is gone", async () => {
  const visitor = await startClockedVisitor();
  const page = await visitor.open("/login?user=ada&to=/given");
  await page.getByRole("button", { name: "Turn over" }).click();
  await visitor.pause();
  await comeBack(page);
  await page.waitForTimeout(300);
  expect([visitor.asked, visitor.complaints]).toEqual([[], []]);
});
