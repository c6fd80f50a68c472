import { createRequire } from "node:module";
import { byoSession, requireSession } from "@byo-session/express";
import { type Express, type NextFunction, type Request, type RequestHandler, type Response, Router } from "express";
import { beforeAll, describe, expect, test } from "vitest";
import { createBrowserClient } from "../../harness/browser-client.ts";
import { serve } from "../../harness/serve.ts";
import { TEST_INTEGRATION_KEY } from "../../harness/sidecar-environment.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { EXPRESS_VERSIONS } from "./sessions-app.ts";

const expressSession = createRequire(import.meta.url)("express-session");

let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar();
});

const sessions = (options: Parameters<typeof byoSession>[0] = {}) =>
  byoSession({ url: sidecar.url, integrationKey: TEST_INTEGRATION_KEY, ...options });

/** What a handler sees on its request. */
const tell: RequestHandler = (req, res) => {
  res.json({ session: named(req.session), byo: req.byo === undefined ? "undefined" : named(req.byo.session) });
};

const IN = { session: "ada", byo: "ada" };
const ANYBODY = { session: "null", byo: "null" };
const OUTSIDE = { session: "undefined", byo: "undefined" };

function named(session: Request["session"] | undefined): string {
  return session?.userId ?? String(session);
}

const logIn: RequestHandler = (req, res, next) => {
  req.byo.login({ userId: "ada" }).then(() => res.send("in"), next);
};

const tellError = (error: Error & { code?: string }, req: Request, res: Response, _next: NextFunction) => {
  const { session } = req;
  res.status(500).json({ code: error.code ?? error.message, session: named(session), byo: typeof req.byo });
};

async function loggedIn(app: Express, at = "/login") {
  const { url } = await serve(app);
  const browser = createBrowserClient(url);
  expect((await browser.fetch(at, { method: "POST" })).text).toBe("in");
  return { browser, anybody: createBrowserClient(url) };
}

describe.each(EXPRESS_VERSIONS)("%s: what is attached belongs to the request", (_name, create) => {
  const subApp = () => {
    const sub = create();
    sub.get("/whoami", tell);
    sub.get("/guarded", requireSession(), tell);
    return sub;
  };

  /** As in the package `vhost`: the app of another host is called as a function. */
  const byHost =
    (host: string, app: Express): RequestHandler =>
    (req, res, next) =>
      req.hostname === host ? app(req, res, next) : next();

  const router = () => Router().use("/deep", subApp()).get("/whoami", tell).get("/guarded", requireSession(), tell);

  test.each<[string, (app: Express) => void, string]>([
    ["a route", (app) => app.get("/whoami", tell).get("/guarded", requireSession(), tell), ""],
    ["a router", (app) => app.use("/r", router()), "/r"],
    ["a mounted app", (app) => app.use("/sub", subApp()), "/sub"],
    ["an app under a router", (app) => app.use("/r", router()), "/r/deep"],
    ["an app under two routers", (app) => app.use("/a", Router().use("/b", router())), "/a/b/deep"],
    ["an app of a virtual host", (app) => app.use(byHost("127.0.0.1", subApp())), ""],
    [
      "an app within an app of a virtual host",
      (app) => app.use(byHost("127.0.0.1", create().use("/x", subApp()))),
      "/x",
    ],
  ])("%s sees it, and so does a guard there", async (_where, mount, prefix) => {
    const app = create();
    app.use(sessions());
    app.post("/login", logIn);
    mount(app);
    const { browser, anybody } = await loggedIn(app);
    expect((await browser.fetch(`${prefix}/whoami`)).json()).toEqual(IN);
    expect((await browser.fetch(`${prefix}/guarded`)).json()).toEqual(IN);
    expect((await anybody.fetch(`${prefix}/whoami`)).json()).toEqual(ANYBODY);
    expect((await anybody.fetch(`${prefix}/guarded`)).status).toBe(401);
  });

  test("a request that has not passed the middleware has neither, before and after others did", async () => {
    const app = create();
    app.get("/before", tell);
    app.use("/in", sessions());
    app.post("/in/login", logIn);
    app.get(["/in/whoami", "/outside"], tell);
    const { url } = await serve(app);
    const browser = createBrowserClient(url);
    const outside = async () => [(await browser.fetch("/before")).json(), (await browser.fetch("/outside")).json()];
    expect(await outside()).toEqual([OUTSIDE, OUTSIDE]);
    await browser.fetch("/in/login", { method: "POST" });
    expect((await browser.fetch("/in/whoami")).json()).toEqual(IN);
    expect(await outside()).toEqual([OUTSIDE, OUTSIDE]);
  });

  test("mounted on two paths: each request has the one that it passed", async () => {
    const app = create();
    for (const area of ["staff", "shop"]) {
      app.use(`/${area}`, sessions({ cookie: { name: `__Host-${area}` } }));
      app.post(`/${area}/login`, logIn);
      app.get(`/${area}/whoami`, tell);
    }
    const { browser } = await loggedIn(app, "/staff/login");
    expect((await browser.fetch("/staff/whoami")).json()).toEqual(IN);
    expect((await browser.fetch("/shop/whoami")).json()).toEqual(ANYBODY);
  });

  test.each<[string, (app: Express) => void, object]>([
    [
      "before the middleware",
      (app) => app.all("/fails", fail).use(sessions()),
      { session: "undefined", byo: "undefined" },
    ],
    [
      "behind it",
      (app) => app.use(sessions({ crossOriginProtection: false })).all("/fails", fail),
      { session: "null", byo: "object" },
    ],
    [
      "in a function of its options",
      (app) => app.use(sessions({ skip: () => fail() })),
      { session: "null", byo: "object" },
    ],
    [
      "in one that is asked before the session",
      (app) => app.use(sessions({ publicUrl: () => fail() })),
      { session: "null", byo: "object" },
    ],
  ])("an error handler may read it where the error came up %s", async (_where, mount, found) => {
    const app = create();
    mount(app);
    app.use(tellError);
    // Of another site's page: only then is the app asked for its own address.
    const headers = { origin: "https://elsewhere.example" };
    const answer = await createBrowserClient((await serve(app)).url).fetch("/fails", { method: "POST", headers });
    expect([answer.status, answer.json()]).toEqual([500, { code: "on purpose", ...found }]);
  });

  const assigns: RequestHandler = (req, _res, next) => {
    Object.assign(req, { session: { cart: [] } });
    next();
  };
  /** As cookie-session does it. */
  const defines: RequestHandler = (req, _res, next) => {
    Object.defineProperty(req, "session", { configurable: true, enumerable: true, get: () => ({ cart: [] }) });
    next();
  };
  const express = expressSession({ secret: "a secret of the test", resave: false, saveUninitialized: true });

  test.each<[string, (app: Express) => void]>([
    ["an assignment before", (app) => app.use(assigns).use(sessions())],
    ["an assignment after", (app) => app.use(sessions()).use(assigns)],
    ["a definition before", (app) => app.use(defines).use(sessions())],
    ["an assignment in an app under a router", (app) => app.use(sessions()).use(Router().use(create().use(assigns)))],
    [
      "express-session in an app of a virtual host",
      (app) => app.use(sessions()).use(byHost("127.0.0.1", create().use(express))),
    ],
    ["express-session before, in a router", (app) => app.use(Router().use(express)).use(sessions())],
  ])("another library that takes req.session is told so: %s", async (_how, mount) => {
    const app = create();
    mount(app);
    app.get("/", tell);
    app.use(tellError);
    const answer = await createBrowserClient((await serve(app)).url).fetch("/");
    expect([answer.status, answer.json()]).toMatchObject([500, { code: "ERR_SESSION_PROPERTY_TAKEN" }]);
  });

  test("a library that redefines req.session is stopped, and the log says what to do", async () => {
    const app = create();
    app.use(sessions());
    app.use(defines);
    app.get("/", tell);
    app.set("env", "development");
    const answer = await createBrowserClient((await serve(app)).url).fetch("/");
    expect(answer.status).toBe(500);
    expect(answer.text).toContain("another session library also uses req.session");
  });

  test("what copies or prints a request does not meet the session", async () => {
    const app = create();
    app.use(sessions({ lazy: true }));
    app.get(
      "/",
      (req, res) =>
        void res.json({ copied: Object.keys({ ...req }).filter((key) => key === "session" || key === "byo") }),
    );
    expect((await createBrowserClient((await serve(app)).url).fetch("/")).json()).toEqual({ copied: [] });
  });
});

function fail(): never {
  throw new Error("on purpose");
}
