import { createRequire } from "node:module";
import { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { authenticateUpgrade, byoSession, corsHeaders, requireSession } from "@byo-session/koa";
import { bodyParser } from "@koa/bodyparser";
import Router from "@koa/router";
import Koa, { type Context } from "koa";
import { serve } from "../../../harness/serve.ts";
import { type ActionBody, act, codeOf, createFixedApp, isProtected, isSkipped, PUBLIC_PAGE_HEADERS } from "../app.ts";
import type { ConformanceHost, HostStart, RunningHost } from "../host.ts";
import { answerUpgrades } from "./answer-upgrades.ts";
import { cookiesOf, RAW_ENDINGS } from "./raw-endings.ts";

// The types of Koa 3 describe all that is used of Koa 2.
const Koa2: typeof Koa = createRequire(import.meta.url)("koa2");

type Ending = readonly [end: (ctx: Context) => unknown, own?: readonly string[]];

const COMMON: Record<string, (ctx: Context) => unknown> = {
  json: (ctx) => {
    ctx.body = {};
  },
  text: (ctx) => {
    ctx.body = "text";
  },
  empty: (ctx) => {
    ctx.status = 204;
  },
  "not-modified": (ctx) => {
    ctx.status = 304;
  },
  redirect: (ctx) => ctx.redirect("/elsewhere"),
  stream: (ctx) => {
    ctx.body = Readable.from(["a", "b"]);
  },
  "own-cookie": (ctx) => {
    ctx.cookies.set("own", "1");
    ctx.body = "";
  },
  "own-cookies": (ctx) => {
    ctx.cookies.set("own", "1").set("second", "2");
    ctx.body = "";
  },
  throws: () => {
    throw new Error("thrown on purpose");
  },
  async rejects() {
    await nextTurn();
    throw new Error("rejected on purpose");
  },
};

const ENDINGS: Readonly<Record<string, Ending>> = {
  "ctx-throw": [(ctx) => ctx.throw(403, "thrown on purpose")],
  "ctx-set-replaces-all-cookies": [
    (ctx) => {
      ctx.append("Set-Cookie", "lost=1");
      ctx.set("Set-Cookie", "own=1");
      ctx.status = 200;
    },
    ["own=1"],
  ],
  ...Object.fromEntries(
    Object.entries(RAW_ENDINGS).map(([name, [end, own]]): [string, Ending] => [
      `respond-false-${name}`,
      [
        (ctx) => {
          ctx.respond = false;
          ctx.res.statusCode = 200;
          end(ctx.res);
        },
        own,
      ],
    ]),
  ),
};

function createHost(name: string, Framework: typeof Koa): ConformanceHost {
  return { name, endings: cookiesOf(ENDINGS), start: (wanted) => start(Framework, wanted) };
}

export const koa3Host: ConformanceHost = createHost("Koa 3", Koa);
export const koa2Host: ConformanceHost = createHost("Koa 2", Koa2);

async function start(Framework: typeof Koa, wanted: HostStart): Promise<RunningHost> {
  const { sidecarUrl: url, integrationKey, options } = wanted;
  const fixed = createFixedApp();
  const app = new Framework({ proxy: true, maxIpsCount: 1 });
  app.silent = true;
  const sessions = byoSession({
    ...{ url, integrationKey, ...options },
    skip: (ctx) => isSkipped(ctx.path),
    crossOriginProtection: (ctx) => isProtected(ctx.path),
    legacySession: (ctx) => fixed.legacySession(ctx.headers.cookie),
    onNewDevice: fixed.onNewDevice,
  });
  const router = new Router();

  app.use(async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      if (ctx.headers["x-own-errors"] === undefined) throw error;
      ctx.status = 418;
      ctx.body = { code: codeOf(error), userId: ctx.session?.userId ?? null };
    }
  });
  app.use(sessions);
  app.use(bodyParser());
  app.use(router.routes());
  app.use((ctx) => {
    ctx.status = 404;
    ctx.body = { session: ctx.session };
  });

  const tellSession = (ctx: Context) => {
    ctx.body = { session: ctx.session };
  };
  const tell = (path: string, body: (ctx: Context) => unknown) =>
    router.get(path, async (ctx) => {
      ctx.body = await body(ctx);
    });
  const letIn = () => "in";
  router.all("/open", tellSession);
  router.all("/me", requireSession(), tellSession);
  router.use("/tagged", requireSession({ tags: ["plan:pro", "role:admin"] }));
  router.all("/support", requireSession({ impersonation: "allow" }), tellSession);
  router.all("/private", requireSession({ impersonation: "refuse" }), tellSession);
  router.all("/page", requireSession({ device: "recent" }), tellSession);
  router.use("/recent", requireSession({ maxAuthAgeSecs: 300 }));
  router.use("/poll", requireSession({ activity: false }));
  router.use("/bound", requireSession({ device: "proof" }));
  for (const path of ["/tagged", "/recent", "/poll", "/bound"]) tell(path, letIn);
  router.post("/login", async (ctx) => {
    ctx.body = await ctx.byo.login(bodyOf(ctx));
  });
  router.all("/act/:name", async (ctx) => {
    const request = {
      byo: ctx.byo,
      get session() {
        return ctx.state.session;
      },
    };
    ctx.body = { value: await act(ctx.params.name ?? "", request, bodyOf(ctx)) };
  });
  router.get("/assets/app.js", tellSession);
  router.post("/idp", tellSession);
  tell("/counted", () => ({ handled: fixed.countHandled() }));
  tell("/noticed", () => ({ events: fixed.takeNoticed() }));
  tell("/cors/open", (ctx) => {
    ctx.set(corsHeaders(ctx));
    return { session: ctx.session };
  });
  tell("/cached", (ctx) => {
    ctx.set(PUBLIC_PAGE_HEADERS);
    return "public page";
  });
  tell("/untouched", () => "no session needed");
  tell("/too-early", (ctx) => {
    try {
      return { session: ctx.session };
    } catch (error) {
      return { code: codeOf(error) };
    }
  });
  tell("/impatience", () => fixed.impatience());
  router.get("/after-the-headers", async (ctx) => {
    ctx.respond = false;
    ctx.status = 200;
    ctx.flushHeaders();
    ctx.res.end(JSON.stringify({ session: await ctx.byo.getSession() }));
  });
  router.post("/login-late", async (ctx) => {
    ctx.respond = false;
    ctx.status = 200;
    ctx.res.write("head is out ");
    ctx.res.end(await ctx.byo.login({ userId: "late" }).then(() => "logged in", codeOf));
  });
  router.post("/login-not-awaited", (ctx) => {
    fixed.loginNotAwaited(ctx.byo);
    ctx.body = "done";
  });
  for (const [name, end] of Object.entries(COMMON)) router.get(`/end/${name}`, (ctx) => end(ctx));
  for (const [name, [end]] of Object.entries(ENDINGS)) router.get(`/end/${name}`, (ctx) => end(ctx));

  const { url: ownUrl, server, stop } = await serve(app.callback());
  answerUpgrades(server, (req) => authenticateUpgrade(req, { app, sessions }));
  return { url: ownUrl, stop };
}

function bodyOf(ctx: Context): ActionBody {
  return Object(ctx.request.body);
}
