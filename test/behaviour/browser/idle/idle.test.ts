import { byoSession } from "@byo-session/express";
import express from "express";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bundlePage } from "../../../../browser/test/bundle.ts";
import { launchChromium } from "../../../harness/chromium.ts";
import { serve } from "../../../harness/serve.ts";
import { startTestSidecar } from "../../../harness/test-sidecar.ts";

/** Real seconds: the server tells its own time. The pages warn three seconds before the end. */
const TIMEOUT_SECS = 5;
const config = { tags: [{ tag: "test:idle", inactivity_timeout_secs: TIMEOUT_SECS }] };
const HOUR_MS = 3_600_000;

let browser: Browser;
let url: string;
beforeAll(async () => {
  const scripts = ["react-page.ts", "plain-page.ts"].map((name) => bundlePage(new URL(name, import.meta.url)));
  const [sidecar, launched, react = "", plain = ""] = await Promise.all([
    startTestSidecar({ config }),
    launchChromium(),
    ...scripts,
  ]);
  browser = launched;
  const app = express();
  app.get("/react.js", (_req, res) => void res.type("js").send(react));
  app.get("/plain.js", (_req, res) => void res.type("js").send(plain));
  app.get("/plain", (_req, res) => {
    res.send(
      "<!doctype html><title>plain</title><output></output><button>Log out</button><script src=/plain.js></script>",
    );
  });
  app.use(byoSession({ url: sidecar.url, integrationKey: sidecar.integrationKey, routes: { prefix: "/session" } }));
  app.get("/login", async (req, res) => {
    await req.byo.login({ userId: "ada", tags: ["test:idle"] });
    res.redirect(303, String(req.query.to));
  });
  app.get("/react", (req, res) => {
    const data = JSON.stringify(req.session).replaceAll("<", "\\u003c");
    res.send(
      `<!doctype html><title>react</title><div id=root></div><script id=data type=application/json>${data}</script>` +
        "<script src=/react.js></script>",
    );
  });
  url = (await serve(app)).url.replace("127.0.0.1", "localhost");
});

let context: BrowserContext;
let asked: string[];
beforeEach(async () => {
  context = await browser.newContext();
  asked = [];
  context.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith("/session")) asked.push(pathname);
  });
});
afterEach(() => context.close());

async function open(path: string, clockAheadMs = 0): Promise<Page> {
  const page = await context.newPage();
  if (clockAheadMs !== 0) await page.clock.install({ time: Date.now() + clockAheadMs });
  await page.goto(url + path);
  return page;
}

const says = (page: Page) => expect.poll(() => page.locator("output").textContent(), { timeout: 9000 });

describe("a session that nobody uses", () => {
  it("is warned of in every tab, with clocks that are hours off, extended in one, and ends", async () => {
    const react = await open("/login?to=/react", 5 * HOUR_MS);
    const plain = await open("/plain");
    await Promise.all([says(react).toBe("authenticated ending extendable"), says(plain).toContain("ending")]);
    await react.getByRole("button", { name: "Stay" }).click();
    await Promise.all([says(react).toBe("authenticated"), says(plain).toBe("authenticated")]);
    await Promise.all([says(react).toContain("ending"), says(plain).toContain("ending")]);
    await Promise.all([says(react).toBe("anonymous Inactive"), says(plain).toBe("anonymous Inactive")]);
    // The page without React asked once at the start, and "Stay" used the session. Everything else did not.
    expect(asked.filter((path) => path === "/session").length).toBeLessThanOrEqual(4);
    expect(asked).toContain("/session/idle");
  });

  it("is not asked about by a hidden page", async () => {
    const page = await open("/login?to=/react");
    await page.evaluate(() => {
      Object.defineProperty(document, "visibilityState", { configurable: true, get: () => "hidden" });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    await page.waitForTimeout(500);
    asked.length = 0;
    await page.waitForTimeout(2500);
    expect(asked).toEqual([]);
  });
});

describe("a page without a framework", () => {
  it("sees a logout in another tab at once", async () => {
    const page = await open("/login?to=/plain");
    const other = await open("/plain");
    await Promise.all([says(page).toBe("authenticated"), says(other).toBe("authenticated")]);
    await page.getByRole("button", { name: "Log out" }).click();
    await Promise.all([says(page).toBe("anonymous LoggedOut"), says(other).toBe("anonymous LoggedOut")]);
  });
});
