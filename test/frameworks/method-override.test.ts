import { requireSession as expressGuard, byoSession as expressSessions } from "@byo-session/express";
import { requireSession as koaGuard, byoSession as koaSessions } from "@byo-session/koa";
import express from "express";
import Koa from "koa";
import { beforeAll, describe, expect, test } from "vitest";
import { createBrowserClient } from "../harness/browser-client.ts";
import { serve } from "../harness/serve.ts";
import { startTestSidecar, type TestSidecar } from "../harness/test-sidecar.ts";

let sidecar: TestSidecar;
beforeAll(async () => {
  sidecar = await startTestSidecar();
});

const OVERRIDE = "x-http-method-override";
/** Which routes have run. */
let ran: string[] = [];

/** An app whose method override, which also accepts GET, runs behind the middleware. */
const APPS: Readonly<Record<string, (options: { url: string; integrationKey: string }) => Promise<string>>> = {
  async Express(options) {
    const app = express().set("env", "test");
    app.use(expressSessions(options));
    app.post("/login", async (req, res) => void res.json(await req.byo.login({ userId: "ada" })));
    app.use((req, _res, next) => {
      req.method = req.get(OVERRIDE) ?? req.method;
      next();
    });
    app.get("/guarded", expressGuard(), (req, res) => void res.json(req.session));
    app.delete("/guarded", expressGuard(), (_req, res) => void res.json(ran.push("guarded")));
    app.delete("/open", (req, res) => void res.json(req.session && ran.push("open")));
    app.delete("/acting", async (req, res) => void res.json([await req.byo.logout(), ran.push("acting")]));
    return (await serve(app)).url;
  },
  async Koa(options) {
    const app = new Koa();
    app.silent = true;
    const guard = koaGuard();
    app.use(koaSessions(options));
    app.use(async (ctx) => {
      if (ctx.path === "/login") {
        ctx.body = await ctx.byo.login({ userId: "ada" });
        return;
      }
      ctx.method = ctx.get(OVERRIDE) || ctx.method;
      const name = ctx.path.slice(1);
      if (name === "guarded") await guard(ctx, async () => {});
      if (name === "acting") await ctx.byo.logout();
      const shown = name === "acting" ? null : ctx.session;
      ctx.body = ctx.method === "DELETE" ? ran.push(name) : shown;
    });
    return (await serve(app.callback())).url;
  },
};

describe.each(Object.keys(APPS))("a method override behind the middleware, in %s", (name) => {
  test("makes no change of a request that was checked as one that reads", async () => {
    ran = [];
    const { url, integrationKey } = sidecar;
    const browser = createBrowserClient((await APPS[name]?.({ url, integrationKey })) ?? "");
    await browser.fetch("/login", { method: "POST" });
    for (const path of ["/guarded", "/open", "/acting"]) {
      for (const site of ["same-origin", "cross-site"] as const) {
        const answer = await browser.fetch(path, { site, headers: { [OVERRIDE]: "DELETE" } });
        expect([path, answer.status]).toEqual([path, 500]);
      }
    }
    expect(ran).toEqual([]);
    expect((await browser.fetch("/guarded")).json()).toMatchObject({ userId: "ada" });
    const own = await browser.fetch("/guarded", { method: "POST", headers: { [OVERRIDE]: "DELETE" } });
    expect([own.status < 300, ran]).toEqual([true, ["guarded"]]);
  });
});
