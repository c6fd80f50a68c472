import type { RequestListener } from "node:http";
import { createRequire } from "node:module";
import { byoSession, requireSession } from "@byo-session/koa";
import { bodyParser } from "@koa/bodyparser";
import Router from "@koa/router";
import express from "express";
import Koa, { type Middleware } from "koa";
import mount from "koa-mount";
import { serve } from "../../../harness/serve.ts";
import type { PathHost, Place } from "../host.ts";

// The types of Koa 3 describe all that is used of Koa 2.
const Koa2: typeof Koa = createRequire(import.meta.url)("koa2");

type Routes = ReturnType<Router["routes"]>;
type Mount = (app: Koa, sessions: Middleware, routes: Routes) => RequestListener;

const MOUNTS: Readonly<Record<string, { path: string; mount: Mount }>> = {
  "the app": { path: "", mount: (app, sessions, routes) => app.use(sessions).use(routes).callback() },
  "a sub-app": {
    path: "/shop",
    mount: (app, sessions, routes) => app.use(mount("/shop", new Koa().use(sessions).use(routes))).callback(),
  },
  "a sub-app in a sub-app": {
    path: "/shop/inner",
    mount(app, sessions, routes) {
      const inner = new Koa().use(sessions).use(routes);
      return app.use(mount("/shop", new Koa().use(mount("/inner", inner)))).callback();
    },
  },
  "on a path": {
    path: "/shop",
    mount: (app, sessions, routes) =>
      app
        .use(mount("/shop", sessions))
        .use(mount("/shop", new Koa().use(routes)))
        .callback(),
  },
  "an app in an Express app": {
    path: "/shop",
    mount: (app, sessions, routes) => express().use("/shop", app.use(sessions).use(routes).callback()),
  },
  "behind code that rewrites `url`": {
    path: "/shop",
    mount(app, sessions, routes) {
      app.use((ctx, next) => {
        ctx.url = ctx.url.replace(/^\/shop(?=\/)/, "");
        return next();
      });
      return app.use(sessions).use(routes).callback();
    },
  },
};

function createRoutes(): Routes {
  const router = new Router();
  router.get("/me", requireSession(), (ctx) => {
    ctx.body = { session: ctx.session };
  });
  router.get("/sign-in", (ctx) => {
    ctx.body = { session: ctx.session };
  });
  router.post("/login", bodyParser(), async (ctx) => {
    ctx.body = await ctx.byo.login(Object(ctx.request.body));
  });
  return router.routes();
}

function placesOf(Framework: typeof Koa): Place[] {
  return Object.entries(MOUNTS).map(([title, { path, mount: mountOn }]) => ({
    ...{ title, path },
    async start(options) {
      const app = new Framework();
      app.silent = true;
      return serve(mountOn(app, byoSession(options), createRoutes()));
    },
  }));
}

export const koa3Host: PathHost = { name: "Koa 3", places: placesOf(Koa) };
export const koa2Host: PathHost = { name: "Koa 2", places: placesOf(Koa2) };
