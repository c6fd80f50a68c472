import { once } from "node:events";
import { createRequire } from "node:module";
import { authenticateUpgrade, byoSession, requireSession } from "@byo-session/koa";
import Router from "@koa/router";
import Koa, { type Context, type Middleware } from "koa";
import { beforeAll, describe, expect, test } from "vitest";
import { askForSocket } from "../../harness/ask-for-socket.ts";
import { createBrowserClient } from "../../harness/browser-client.ts";
import { serve } from "../../harness/serve.ts";
import { TEST_INTEGRATION_KEY } from "../../harness/sidecar-environment.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";

// The types of Koa 3 describe all that is used of Koa 2.
const Koa2: typeof Koa = createRequire(import.meta.url)("koa2");

let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar();
});

const sessions = (options: Parameters<typeof byoSession>[0] = {}) =>
  byoSession({ url: sidecar.url, integrationKey: TEST_INTEGRATION_KEY, ...options });

async function browse(app: Koa) {
  app.silent = true;
  return createBrowserClient((await serve(app.callback())).url);
}

/** What code finds on the context; the types promise what holds behind the middleware. */
function found(ctx: Context) {
  const { session, byo }: { session?: Context["session"]; byo?: Context["byo"] } = ctx;
  return { session: session === null ? null : (session?.userId ?? typeof session), byo: typeof byo };
}

const tell: Middleware = (ctx) => {
  ctx.body = found(ctx);
};

const logIn: Middleware = async (ctx) => {
  await ctx.byo.login({ userId: "ada" });
  ctx.body = "in";
};

/** Returns an error as a developer sees it. */
const tellErrors: Middleware = async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    ctx.status = 500;
    ctx.body = { code: Reflect.get(Object(error), "code") ?? String(error), ...found(ctx) };
  }
};

const fail = () => {
  throw new Error("on purpose");
};

/** As in koa-mount and koa-vhost: the middlewares of another app run with this app's context. */
function within(app: Koa): Middleware {
  return app.middleware.reduceRight<Middleware>(
    (rest, middleware) => (ctx, next) => middleware(ctx, () => Promise.resolve(rest(ctx, next))),
    (_ctx, next) => next(),
  );
}

describe.each([
  ["Koa 3", Koa],
  ["Koa 2", Koa2],
])("%s: what is attached belongs to the request", (_name, Framework) => {
  test("a router, a router in a router and another app see it, and so does a guard there", async () => {
    const app = new Framework();
    app.use(sessions());
    const deep = new Router().get("/whoami", requireSession(), tell);
    const router = new Router()
      .post("/login", logIn)
      .get("/whoami", requireSession(), tell)
      .use("/deep", deep.routes());
    app.use(router.routes());
    app.use(within(new Framework().use(requireSession()).use(tell)));
    const browser = await browse(app);
    expect((await browser.fetch("/another-app")).status).toBe(401);
    await browser.fetch("/login", { method: "POST" });
    for (const path of ["/whoami", "/deep/whoami", "/another-app"]) {
      expect([path, (await browser.fetch(path)).json()]).toEqual([path, { session: "ada", byo: "object" }]);
    }
  });

  test("mounted in another app, and in one path only: the rest has nothing, before and after", async () => {
    const app = new Framework();
    const inside = within(new Framework().use(sessions()).use(tell));
    app.use((ctx, next) => (ctx.path === "/in" ? inside(ctx, next) : next()));
    app.use(tell);
    const browser = await browse(app);
    const outside = { session: "undefined", byo: "undefined" };
    expect((await browser.fetch("/out")).json()).toEqual(outside);
    expect((await browser.fetch("/in")).json()).toEqual({ session: null, byo: "object" });
    expect((await browser.fetch("/out")).json()).toEqual(outside);
  });

  test("an error handler may read it wherever the error came up", async () => {
    const before = new Framework().use(tellErrors).use(fail).use(sessions());
    const nothing = { code: "Error: on purpose", session: "undefined", byo: "undefined" };
    expect((await (await browse(before)).fetch("/")).json()).toEqual(nothing);
    for (const options of [{ skip: fail }, { crossOriginProtection: fail }, { legacySession: fail }]) {
      const app = new Framework().use(tellErrors).use(sessions(options));
      const answer = await (await browse(app)).fetch("/", { method: "POST" });
      expect(answer.json()).toEqual({ code: "Error: on purpose", session: null, byo: "object" });
    }
  });

  const assigns: Middleware = (ctx, next) => {
    Object.assign(ctx, { session: {} });
    return next();
  };
  const defines: Middleware = (ctx, next) => {
    Object.defineProperty(ctx, "session", { configurable: true, value: {} });
    return next();
  };
  const assignsToState: Middleware = (ctx, next) => {
    Object.assign(ctx.state, { session: {} });
    return next();
  };

  test.each([
    ["an assignment", assigns],
    ["a definition", defines],
    ["an assignment to the state", assignsToState],
  ])("another library that takes it, before or after, is told so: %s", async (_how, takes) => {
    for (const order of [
      [takes, sessions()],
      [sessions(), takes],
    ]) {
      const app = new Framework().use(tellErrors);
      for (const middleware of order) app.use(middleware);
      expect((await (await browse(app)).fetch("/")).json()).toMatchObject({ code: "ERR_SESSION_PROPERTY_TAKEN" });
    }
  });

  test("a property on the prototype of all contexts, added after the first request", async () => {
    const app = new Framework().use(tellErrors).use(sessions()).use(tell);
    const browser = await browse(app);
    expect((await browser.fetch("/")).status).toBe(200);
    Object.defineProperty(app.context, "session", { configurable: true, get: () => ({}) });
    expect((await browser.fetch("/")).json()).toMatchObject({ code: "ERR_SESSION_PROPERTY_TAKEN" });
  });

  test("a guard's refusal after the headers ends the response", async () => {
    const app = new Framework().use(sessions());
    app.use((ctx, next) => {
      ctx.respond = false;
      ctx.res.write("head is out");
      return next();
    });
    app.use(requireSession());
    expect((await (await browse(app)).fetch("/")).text).toBe("head is out");
  });

  test("a function of the app's own that throws at an upgrade: the app's error event, and the peer 500", async () => {
    const app = new Framework();
    app.use(sessions());
    const own = sessions({ publicUrl: fail });
    const { server, url } = await serve(app.callback());
    server.on("upgrade", async (req, socket) => {
      const opened = await authenticateUpgrade(req, { app, sessions: own });
      if (!opened.ok) socket.end(opened.response);
    });
    const told = once(app, "error");
    app.silent = true;
    const [head] = await once(askForSocket(url, "/"), "data");
    expect(String(head)).toMatch(/^HTTP\/1.1 500 InternalError\r\n/);
    expect((await told)[0]).toMatchObject({ message: "on purpose" });
  });
});
