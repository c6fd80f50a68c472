import { once } from "node:events";
import { createRequire } from "node:module";
import { byoSession, requireSession } from "@byo-session/koa";
import { byoSession as besideOthers } from "@byo-session/koa/side-by-side";
import Router from "@koa/router";
import Koa, { type Middleware } from "koa";
import { beforeAll, describe, expect, test } from "vitest";
import { createBrowserClient } from "../../harness/browser-client.ts";
import { serve } from "../../harness/serve.ts";
import { TEST_INTEGRATION_KEY } from "../../harness/sidecar-environment.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";

// The types of Koa 3 describe all that is used of Koa 2; those of koa-session claim `ctx.session` for themselves.
const require = createRequire(import.meta.url);
const Koa2: typeof Koa = require("koa2");
const { createSession }: { createSession(options: object, app: Koa): Middleware } = require("koa-session");

const COOKIE = "__Host-sessionToken";

let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar();
});

const connection = () => ({ url: sidecar.url, integrationKey: TEST_INTEGRATION_KEY });

async function browse(app: Koa) {
  return createBrowserClient((await serve(app.callback())).url);
}

/** What went wrong with the first request, as a developer reads it in the log. */
async function errorOf(app: Koa): Promise<unknown> {
  const logged = once(app, "error");
  expect((await (await browse(app)).fetch("/")).status).toBe(500);
  return (await logged)[0];
}

function keptByOther(app: Koa): Middleware {
  app.keys = ["a secret of the test"];
  return createSession({}, app);
}

describe.each([
  ["Koa 3", Koa],
  ["Koa 2", Koa2],
])("%s: set up wrong, the error says what to do", (_name, Framework) => {
  test.each<[string, (app: Koa) => void, string, RegExp]>([
    [
      "proxy without maxIpsCount",
      (app) => {
        app.proxy = true;
        app.use(byoSession(connection()));
      },
      "ERR_TRUST_PROXY",
      /new Koa\({ proxy: true, maxIpsCount: 1 }\)/,
    ],
    [
      "proxy with a count that takes all",
      (app) => {
        Object.assign(app, { proxy: true, maxIpsCount: 1000 });
        app.use(byoSession(connection()));
      },
      "ERR_TRUST_PROXY",
      /maxIpsCount: 1/,
    ],
    [
      "proxy without maxIpsCount, and a header of its own",
      (app) => {
        Object.assign(app, { proxy: true, proxyIpHeader: "X-Real-IP" });
        app.use(byoSession(connection()));
      },
      "ERR_TRUST_PROXY",
      /maxIpsCount: 1/,
    ],
    [
      "mounted twice",
      (app) => app.use(byoSession(connection())).use(byoSession(connection())),
      "ERR_MOUNTED_TWICE",
      /mount it once/,
    ],
    [
      "koa-session before it",
      (app) => app.use(keptByOther(app)).use(byoSession(connection())),
      "ERR_SESSION_PROPERTY_TAKEN",
      /side-by-side/,
    ],
    [
      "koa-session after it",
      (app) => app.use(byoSession(connection())).use(keptByOther(app)),
      "ERR_SESSION_PROPERTY_TAKEN",
      /side-by-side/,
    ],
    [
      "a guard before it",
      (app) => app.use(requireSession()).use(byoSession(connection())),
      "ERR_NOT_MOUNTED",
      /app\.use/,
    ],
  ])("%s", async (_case, mount, code, message) => {
    const app = new Framework();
    mount(app);
    expect(await errorOf(app)).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test("proxy with `clientIp` is fine", async () => {
    const app = new Framework({ proxy: true });
    app.use(byoSession({ ...connection(), clientIp: (ctx) => ctx.socket.remoteAddress }));
    app.use((ctx) => {
      ctx.body = { session: ctx.session };
    });
    expect((await (await browse(app)).fetch("/")).json()).toEqual({ session: null });
  });
});

describe("the context", () => {
  test("ctx.session and ctx.state.session are one, and follow a login", async () => {
    const app = new Koa();
    app.use(byoSession(connection()));
    app.use(async (ctx) => {
      const before = { ...ctx.state };
      const session = await ctx.byo.login({ userId: "ada" });
      ctx.body = { before, after: { ...ctx.state }, same: ctx.session === session && ctx.state.session === session };
    });
    const answer = await (await browse(app)).fetch("/");
    expect(answer.json()).toMatchObject({
      before: { session: null },
      after: { session: { userId: "ada" } },
      same: true,
    });
  });

  test("sessionProperty gives it another name", async () => {
    const app = new Koa();
    app.use(keptByOther(app));
    app.use(byoSession({ ...connection(), sessionProperty: "auth" }));
    app.use((ctx) => {
      ctx.body = { ours: [ctx.auth, ctx.state.auth], theirs: typeof Reflect.get(Object(ctx.session), "isNew") };
    });
    expect((await (await browse(app)).fetch("/")).json()).toEqual({ ours: [null, null], theirs: "boolean" });
  });
});

describe("beside koa-session", () => {
  test("ctx.session stays the other's, ctx.byo is ours, and both cookies arrive", async () => {
    const app = new Koa();
    app.use(keptByOther(app));
    app.use(besideOthers(connection()));
    const router = new Router();
    router.post("/login", async (ctx) => {
      Reflect.set(Object(ctx.session), "cart", ["book"]);
      ctx.body = await ctx.byo.login({ userId: "ada" });
    });
    router.get("/me", requireSession(), (ctx) => {
      ctx.body = { cart: Reflect.get(Object(ctx.session), "cart"), userId: ctx.byo.session?.userId };
    });
    app.use(router.routes());
    const browser = await browse(app);
    const login = await browser.fetch("/login", { method: "POST" });
    expect(login.setCookies.map((line) => line.split("=")[0])).toEqual(expect.arrayContaining([COOKIE, "koa.sess"]));
    expect((await browser.fetch("/me")).json()).toEqual({ cart: ["book"], userId: "ada" });
  });
});

describe("an answer of ours is a response like any other", () => {
  test("the middlewares around it see it, and headers that were set before it stay", async () => {
    const app = new Koa();
    const seen: unknown[] = [];
    app.use(async (ctx, next) => {
      ctx.set({ "X-Early": "1", Vary: "Accept", "CDN-Cache-Control": "max-age=600" });
      await next();
      seen.push(ctx.status, ctx.body);
      ctx.set("X-Late", "1");
    });
    app.use(byoSession(connection()));
    app.use(requireSession());
    const { status, headers, ...answer } = await (await browse(app)).fetch("/");
    const body = { errorType: "Unauthorized", reason: "NoSession" };
    expect([status, answer.json(), seen]).toEqual([401, body, [401, JSON.stringify(body)]]);
    expect(headers).toMatchObject({ "x-early": "1", "x-late": "1", vary: "Accept, Cookie" });
    expect(headers).not.toHaveProperty("cdn-cache-control");
  });

  test("what an action throws is the app's to answer, and no fault to be logged where nobody does", async () => {
    const app = new Koa();
    const logged: Error[] = [];
    app.on("error", (error: Error) => logged.push(error));
    app.use(byoSession(connection()));
    app.use(async (ctx) => {
      ctx.set("ETag", '"of another body"');
      await ctx.byo.listSessions();
    });
    const answer = await (await browse(app)).fetch("/");
    expect([answer.status, answer.json()]).toEqual([401, { errorType: "Unauthorized", reason: "NoSession" }]);
    expect(answer.headers).not.toHaveProperty("etag");
    expect(logged).toEqual([]);
  });

  test("an app of Koa 2 has the same", async () => {
    const app = new Koa2();
    app.use(byoSession(connection()));
    app.use((ctx) => ctx.byo.listSessions());
    const answer = await (await browse(app)).fetch("/");
    expect([answer.status, answer.json()]).toEqual([401, { errorType: "Unauthorized", reason: "NoSession" }]);
  });
});
