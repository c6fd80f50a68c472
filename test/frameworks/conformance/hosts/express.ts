import { createRequire } from "node:module";
import { authenticateUpgrade, byoSession, corsHeaders, requireSession } from "@byo-session/express";
import express5, { type Express, type NextFunction, type Request, type Response } from "express";
import { serve } from "../../../harness/serve.ts";
import { act, codeOf, createFixedApp, isProtected, isSkipped, PUBLIC_PAGE_HEADERS } from "../app.ts";
import type { ConformanceHost, HostStart, RunningHost } from "../host.ts";
import { answerUpgrades } from "./answer-upgrades.ts";
import { cookiesOf, RAW_ENDINGS } from "./raw-endings.ts";

// The types of Express 5 describe all that is used of Express 4.
const express4: () => Express = createRequire(import.meta.url)("express4");

type Ending = readonly [end: (res: Response) => unknown, own?: readonly string[]];

const COMMON: Record<string, (res: Response) => unknown> = {
  json: (res) => res.json({}),
  text: (res) => res.type("text").send("text"),
  empty: (res) => res.sendStatus(204),
  "not-modified": (res) => res.status(304).end(),
  redirect: (res) => res.redirect("/elsewhere"),
  "own-cookie": (res) => res.cookie("own", "1").end(),
  "own-cookies": (res) => res.cookie("own", "1").cookie("second", "2").end(),
  throws: () => {
    throw new Error("thrown on purpose");
  },
};

const ENDINGS: Readonly<Record<string, Ending>> = {
  ...RAW_ENDINGS,
  "an-invalid-status": [(res) => res.writeHead(9999)],
  "an-invalid-header": [(res) => res.writeHead(200, { "X-Bad": "a\nb" })],
  "set-replaces-all-cookies": [(res) => res.append("Set-Cookie", "lost=1").set("Set-Cookie", "own=1").end(), ["own=1"]],
};

function createHost(name: string, create: () => Express): ConformanceHost {
  return { name, endings: cookiesOf(ENDINGS), start: (wanted) => start(create(), wanted) };
}

export const express5Host: ConformanceHost = createHost("Express 5", express5);
export const express4Host: ConformanceHost = createHost("Express 4", express4);

async function start(app: Express, { sidecarUrl: url, integrationKey, options }: HostStart): Promise<RunningHost> {
  const fixed = createFixedApp();
  const sessions = byoSession({
    ...{ url, integrationKey, ...options },
    skip: (req) => isSkipped(req.path),
    crossOriginProtection: (req) => isProtected(req.path),
    legacySession: (req) => fixed.legacySession(req.headers.cookie),
    onNewDevice: fixed.onNewDevice,
  });
  app.set("trust proxy", 1).set("env", "test");
  app.use(sessions);
  app.use(express5.json());

  const tellSession = (req: Request, res: Response) => void res.json({ session: req.session });
  const letIn = (_req: Request, res: Response) => void res.send("in");
  app.all("/open", tellSession);
  app.all("/me", requireSession(), tellSession);
  app.get("/tagged", requireSession({ tags: ["plan:pro", "role:admin"] }), letIn);
  app.get("/recent", requireSession({ maxAuthAgeSecs: 300 }), letIn);
  app.get("/poll", requireSession({ activity: false }), letIn);
  app.all("/support", requireSession({ impersonation: "allow" }), tellSession);
  app.all("/private", requireSession({ impersonation: "refuse" }), tellSession);
  app.get("/bound", requireSession({ device: "proof" }), letIn);
  app.get("/page", requireSession({ device: "recent" }), tellSession);
  app.post("/login", (req, res, next) => {
    req.byo.login(req.body).then((session) => res.json(session), next);
  });
  app.all("/act/:name", (req, res, next) => {
    act(String(req.params.name), req, req.body).then((value) => res.json({ value }), next);
  });
  app.get("/assets/app.js", tellSession);
  app.post("/idp", tellSession);
  app.get("/counted", (_req, res) => void res.json({ handled: fixed.countHandled() }));
  app.get("/noticed", (_req, res) => void res.json({ events: fixed.takeNoticed() }));
  app.get("/cors/open", (req, res) => void res.set(corsHeaders(req)).json({ session: req.session }));
  app.get("/cached", (_req, res) => void res.set(PUBLIC_PAGE_HEADERS).send("public page"));
  app.get("/untouched", (_req, res) => void res.send("no session needed"));
  app.get("/too-early", (req, res) => {
    try {
      tellSession(req, res);
    } catch (error) {
      res.json({ code: codeOf(error) });
    }
  });
  app.get("/after-the-headers", async (req, res) => {
    res.flushHeaders();
    res.end(JSON.stringify({ session: await req.byo.getSession() }));
  });
  app.post("/login-late", async (req, res) => {
    res.write("head is out ");
    res.end(await req.byo.login({ userId: "late" }).then(() => "logged in", codeOf));
  });
  app.post("/login-not-awaited", (req, res) => {
    fixed.loginNotAwaited(req.byo);
    res.send("done");
  });
  app.get("/impatience", async (_req, res) => void res.json(await fixed.impatience()));
  app.get("/end/rejects", (_req, _res, next) => void setImmediate(() => next(new Error("rejected on purpose"))));
  app.get("/end/stream", (_req, res) => void RAW_ENDINGS["raw-pipe"]?.[0](res));
  for (const [name, end] of Object.entries(COMMON)) app.get(`/end/${name}`, (_req, res) => void end(res));
  for (const [name, [end]] of Object.entries(ENDINGS)) app.get(`/end/${name}`, (_req, res) => void end(res));
  app.use((req: Request, res: Response) => void res.status(404).json({ session: req.session }));
  app.use((error: unknown, req: Request, res: Response, next: NextFunction) => {
    if (req.get("x-own-errors") === undefined) next(error);
    else res.status(418).json({ code: codeOf(error), userId: req.session?.userId ?? null });
  });

  const { url: ownUrl, server, stop } = await serve(app);
  answerUpgrades(server, (req) => authenticateUpgrade(req, { sessions }));
  return { url: ownUrl, stop };
}
