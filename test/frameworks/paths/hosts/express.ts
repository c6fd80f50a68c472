import { createRequire } from "node:module";
import { byoSession, requireSession } from "@byo-session/express";
import express5, { type Express, json, type RequestHandler, Router } from "express";
import { serve } from "../../../harness/serve.ts";
import type { PathHost, Place } from "../host.ts";

// The types of Express 5 describe all that is used of Express 4.
const express4: () => Express = createRequire(import.meta.url)("express4");

type Mount = (app: Express, sessions: RequestHandler, routes: Router) => unknown;

const MOUNTS: Readonly<Record<string, { path: string; mount: Mount }>> = {
  "the app": { path: "", mount: (app, ...all) => app.use(...all) },
  "a sub-app": { path: "/shop", mount: (app, ...all) => app.use("/shop", express5().use(...all)) },
  "a router": { path: "/shop", mount: (app, ...all) => app.use("/shop", Router().use(...all)) },
  "a router in a router": {
    path: "/shop/inner",
    mount: (app, ...all) => app.use("/shop", Router().use("/inner", Router().use(...all))),
  },
  "a router with a parameter": { path: "/shop", mount: (app, ...all) => app.use("/:tenant", Router().use(...all)) },
  "on a path": { path: "/shop", mount: (app, sessions, routes) => app.use("/shop", sessions).use("/shop", routes) },
  "behind code that rewrites `url`": {
    path: "/shop",
    mount(app, ...all) {
      app.use((req, _res, next) => {
        req.url = req.url.replace(/^\/shop(?=\/)/, "");
        next();
      });
      app.use(...all);
    },
  },
};

function createRoutes(): Router {
  const routes = Router();
  routes.get("/me", requireSession(), (req, res) => void res.json({ session: req.session }));
  routes.get("/sign-in", (req, res) => void res.json({ session: req.session }));
  routes.post("/login", json(), (req, res, next) => {
    req.byo.login(Object(req.body)).then((session) => res.json(session), next);
  });
  return routes;
}

function placesOf(create: () => Express): Place[] {
  return Object.entries(MOUNTS).map(([title, { path, mount }]) => ({
    ...{ title, path },
    async start(options) {
      const app = create().set("env", "test");
      mount(app, byoSession(options), createRoutes());
      return serve(app);
    },
  }));
}

export const express5Host: PathHost = { name: "Express 5", places: placesOf(express5) };
export const express4Host: PathHost = { name: "Express 4", places: placesOf(express4) };
