import type { IncomingMessage, RequestListener } from "node:http";
import { byoSession, requireSession } from "@byo-session/express";
import express, { type Request } from "express";
import type { Browser, Page } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import { bundleLibrary } from "../../../browser/test/bundle.ts";
import { launchChromium } from "../../harness/chromium.ts";
import { serve } from "../../harness/serve.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { answersOf, watchPolicy } from "./page-watch.ts";

let browser: Browser;
let sidecar: TestSidecar;
let library: string;
beforeAll(async () => {
  [browser, sidecar, library] = await Promise.all([launchChromium(), startTestSidecar(), bundleLibrary()]);
});

type Options = Parameters<typeof byoSession>[0];

interface PagesApp {
  /** The URL that users see, with the path prefix. */
  readonly url: string;
  readonly origin: string;
}

/** An app with server-rendered pages behind a proxy that removes the path prefix. */
async function startPagesApp(prefix: string, options: Options = {}): Promise<PagesApp> {
  const app = express();
  let url = "";
  app.get("/lib.js", (_req, res) => {
    res.type("text/javascript").send(library);
  });
  app.use(
    byoSession({
      url: sidecar.url,
      integrationKey: sidecar.integrationKey,
      publicUrl: () => url,
      loginUrl: `${prefix}/login`,
      routes: { prefix: "/auth/session" },
      device: "recent",
      ...options,
    }),
  );
  app.get("/login", async (req, res) => {
    await req.byo.login({ userId: "ada" });
    res.send(`<!doctype html><title>login</title><script type="module">
      import { initFetchWithDevice, registerDevice } from "${prefix}/lib.js";
      initFetchWithDevice({ routesPrefix: "${prefix}/auth/session" });
      document.title = String((await registerDevice()).status);
    </script>`);
  });
  app.get("/page", requireSession(), (req: Request, res) => {
    res.send(`<!doctype html><title>page</title><p>${req.session?.deviceEvidence}</p>`);
  });
  app.get("/signed", requireSession({ device: "proof" }), (_req, res) => {
    res.send("signed");
  });
  app.get("/file", requireSession(), (_req, res) => {
    res.attachment("report.txt").send("numbers");
  });
  const { url: served } = await serve(withoutPrefix(prefix, app));
  const origin = served.replace("127.0.0.1", "localhost");
  url = `${origin}${prefix}`;
  return { url, origin };
}

function withoutPrefix(prefix: string, app: RequestListener): RequestListener {
  return (req: IncomingMessage, res) => {
    if (!req.url?.startsWith(prefix)) return void res.writeHead(404).end();
    req.url = req.url.slice(prefix.length);
    app(req, res);
  };
}

/** A profile with a bound session whose device cookie has expired. */
async function openBound({ url }: PagesApp): Promise<Page> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${url}/login`);
  await expect.poll(() => page.title()).toBe("200");
  await context.clearCookies({ name: "__Host-byo-device" });
  return page;
}

it("works behind a path prefix, with nothing that its policy refuses and no request to other hosts", async () => {
  const app = await startPagesApp("/my/app");
  const page = await openBound(app);
  const violations = await watchPolicy(page);
  const answers = answersOf(page, app.origin);
  await page.goto(`${app.url}/page?q=1`);
  await page.getByText("recent").waitFor();
  expect(answers).toEqual([
    "GET /my/app/page?q=1 401",
    "GET /my/app/auth/session/prove-device 200",
    "GET /my/app/auth/session/challenge 200",
    "GET /my/app/auth/session 200",
    "GET /my/app/page?q=1 200",
  ]);
  expect(violations).toEqual([]);
});

it("has a policy that Chromium enforces: injected markup neither runs nor calls out", async () => {
  const app = await startPagesApp("/my/app");
  const page = await openBound(app);
  const violations = await watchPolicy(page);
  await page.route("**/prove-device", (route) => route.abort());
  await page.goto(`${app.url}/page`);
  const outcome = await page.evaluate(async () => {
    const script = document.createElement("script");
    script.textContent = "document.title = 'injected'";
    document.body.append(script);
    const image = new Image();
    image.src = "http://127.0.0.1:9/";
    document.body.append(image);
    return fetch("http://127.0.0.1:9/").then(
      () => "sent",
      () => "refused",
    );
  });
  expect([outcome, await page.title()]).toEqual(["refused", "Checking your device"]);
  await expect
    .poll(() => violations.map((text) => text.split(" ")[0]).sort())
    .toEqual(["connect-src", "img-src", "script-src-elem"]);
});

it("is the app's own where it gives one, and the script works in it", async () => {
  const app = await startPagesApp("/my/app", {
    devicePage: ({ kind, scriptUrl, scriptData, loginUrl }) => ({
      html: `<!doctype html><title>${kind}</title><body>
        <p id="waiting">Our own words</p><div id="failed" hidden><p id="reason"></p><a id="login" href="${loginUrl}">In</a></div>
        <script src="${scriptUrl}" ${Object.entries(scriptData)
          .map(([name, value]) => `${name}="${value}"`)
          .join(" ")}></script>`,
      contentSecurityPolicy: "default-src 'self'; style-src 'none'",
    }),
  });
  const page = await openBound(app);
  const violations = await watchPolicy(page);
  const document = page.waitForResponse(`${app.url}/page`);
  await page.goto(`${app.url}/page`);
  const first = await document;
  expect([first.status(), await first.headerValue("content-security-policy")]).toEqual([
    401,
    "default-src 'self'; style-src 'none'",
  ]);
  await page.getByText("recent").waitFor();
  expect(violations).toEqual([]);

  await page.context().clearCookies({ name: "__Host-byo-device" });
  await page.route("**/auth/session", (route) => route.abort());
  await page.goto(`${app.url}/page?later`);
  await page.getByText("The service could not be reached").waitFor();
  await page.getByRole("link", { name: "In" }).click();
  await expect.poll(() => page.title()).toBe("200");
});

it("does not replace a route that requires a proof in the request: no page load has one", async () => {
  const app = await startPagesApp("/my/app");
  const page = await openBound(app);
  const answers = answersOf(page, app.origin);
  await page.goto(`${app.url}/signed`);
  await page.getByText("DeviceVerificationRequired").waitFor();
  expect(answers.filter((answer) => answer === "GET /my/app/signed 401")).toHaveLength(2);
  expect(answers.filter((answer) => answer === "GET /my/app/auth/session 200")).toHaveLength(1);
});

it("says that a download is on its way, which takes no page's place", async () => {
  const app = await startPagesApp("/my/app");
  const page = await openBound(app);
  const download = page.waitForEvent("download");
  await page.goto(`${app.url}/file`);
  expect((await download).suggestedFilename()).toBe("report.txt");
  expect(await page.locator("#waiting").textContent()).toBe("Your device was recognised. The page is loading.");
});
