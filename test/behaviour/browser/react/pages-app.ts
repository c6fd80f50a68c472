import { byoSession } from "@byo-session/express";
import express from "express";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { serve } from "../../../harness/serve.ts";
import { startTcpProxy, type TcpProxy } from "../../../harness/tcp-proxy.ts";
import type { TestSidecar } from "../../../harness/test-sidecar.ts";
import { AccountPage, type PageData } from "./account-page.ts";

export interface PagesApp {
  readonly url: string;
  /** A proxy between the app and its sidecar. */
  readonly toSidecar: TcpProxy;
}

/** An app that renders its pages with React: those under /given hold the session, those under /asked ask for it. */
export async function startPagesApp(sidecar: TestSidecar, script: string): Promise<PagesApp> {
  const toSidecar = await startTcpProxy(Number(new URL(sidecar.url).port));
  let url = "";
  const app = express();
  app.get("/page.js", (_req, res) => {
    res.type("text/javascript").send(script);
  });
  // As files that a server hands out to anybody, before it looks at the session.
  app.get("/bound", (_req, res) => void res.send(pageOf({ withDevice: true })));
  app.get("/asked", (_req, res) => void res.send(pageOf({})));
  app.get("/elsewhere", (_req, res) => void res.send(pageOf({ routesPrefix: "/other" })));
  app.get("/plain", (_req, res) => void res.send("<!doctype html><title>plain</title>"));
  app.use(
    byoSession({
      url: `http://127.0.0.1:${toSidecar.port}`,
      integrationKey: sidecar.integrationKey,
      publicUrl: () => url,
      loginUrl: "/login",
      routes: { prefix: "/session" },
      device: "recent",
    }),
  );
  app.get("/login", async (req, res) => {
    await req.byo.login({ userId: String(req.query.user) });
    res.redirect(303, String(req.query.to));
  });
  app.get("/given", (req, res) => void res.send(pageOf({ session: req.session })));
  // As a server that forgets to say no-store: the browser may show it again without asking.
  app.get("/kept", (req, res) => {
    res.set("Cache-Control", "private, max-age=600").send(pageOf({ session: req.session }));
  });
  const served = await serve(app);
  url = served.url.replace("127.0.0.1", "localhost");
  return { url, toSidecar };
}

function pageOf(data: PageData): string {
  const json = JSON.stringify(data).replaceAll("<", "\\u003c");
  return `<!doctype html><title>app</title><div id="root">${renderToString(createElement(AccountPage, data))}</div>
<script id="data" type="application/json">${json}</script><script src="/page.js"></script>`;
}

/** One profile of the browser, logged in or not, and what its pages do. */
export interface Visitor {
  readonly context: BrowserContext;
  /** What its pages have asked the ready-made routes, as `GET /session`; what was given up before its answer too. */
  readonly asked: string[];
  /** What its pages have complained of. */
  readonly complaints: string[];
  open(path: string): Promise<Page>;
}

export async function startVisitor(browser: Browser, { url }: PagesApp): Promise<Visitor> {
  const context = await browser.newContext();
  const asked: string[] = [];
  const complaints: string[] = [];
  context.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith("/session")) asked.push(`${request.method()} ${pathname}`);
  });
  context.on("console", (message) => {
    const isOfNetwork = message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !isOfNetwork) complaints.push(message.text());
  });
  context.on("weberror", (error) => void complaints.push(String(error.error())));
  return {
    context,
    asked,
    complaints,
    async open(path) {
      const page = await context.newPage();
      await page.goto(url + path);
      return page;
    },
  };
}

/** What the page says of its session, in both of its places. */
export async function said(page: Page): Promise<string> {
  const [first, second] = await Promise.all([
    page.locator("#first").textContent(),
    page.locator("#second").textContent(),
  ]);
  if (first !== second) throw new Error(`one hook says "${first}", the other "${second}"`);
  return String(first);
}

/** All that it has said so far, one after the other. */
export function saidSoFar(page: Page): Promise<string[]> {
  return page.evaluate(() => Reflect.get(globalThis, "statesShown")());
}
