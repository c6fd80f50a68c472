import { setImmediate as nextTurn } from "node:timers/promises";
import { byoSession, corsHeaders, requireSession, type SessionMiddleware } from "@byo-session/web/hono";
import { authenticateUpgrade } from "@byo-session/web/node";
import { getRequestListener } from "@hono/node-server";
import { getConnInfo } from "@hono/node-server/conninfo";
import { type Context, Hono } from "hono";
import { setCookie } from "hono/cookie";
import { HTTPException } from "hono/http-exception";
import { streamText } from "hono/streaming";
import { serve } from "../../../harness/serve.ts";
import {
  type ActionBody,
  act,
  codeOf,
  createFixedApp,
  type FixedApp,
  isProtected,
  isSkipped,
  PUBLIC_PAGE_HEADERS,
} from "../app.ts";
import type { ConformanceHost, HostStart, RunningHost } from "../host.ts";
import { answerUpgrades } from "./answer-upgrades.ts";
import { cookiesOf } from "./raw-endings.ts";
import { inSteps, WEB_ENDINGS } from "./web-endings.ts";

type Ending = readonly [end: (c: Context) => Response | Promise<Response>, own?: readonly string[]];

const COMMON: Record<string, (c: Context) => Response | Promise<Response>> = {
  json: (c) => c.json({}),
  text: (c) => c.text("text"),
  empty: (c) => c.body(null, 204),
  "not-modified": (c) => c.body(null, 304),
  redirect: (c) => c.redirect("/elsewhere"),
  stream: (c) =>
    streamText(c, async (stream) => {
      await stream.write("a");
      await stream.write("b");
    }),
  "own-cookie": (c) => {
    setCookie(c, "own", "1");
    return c.body(null);
  },
  "own-cookies": (c) => {
    setCookie(c, "own", "1");
    setCookie(c, "second", "2");
    return c.body(null);
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
  ...WEB_ENDINGS,
  "an-http-exception": [
    () => {
      throw new HTTPException(403, { message: "thrown on purpose" });
    },
  ],
  "an-http-exception-with-a-response": [
    () => {
      throw new HTTPException(403, { res: new Response("no", { headers: { "set-cookie": "own=1" } }) });
    },
    ["own=1"],
  ],
  "headers-of-the-context": [
    (c) => {
      c.header("Set-Cookie", "lost=1");
      c.header("Set-Cookie", "own=1");
      c.header("Cache-Control", "public");
      return c.html("<p>html");
    },
    ["own=1"],
  ],
};

export const honoHost: ConformanceHost = {
  name: "Hono 4",
  endings: cookiesOf(ENDINGS),
  cannot: {
    "// and what a URL parser takes for another host is a path like any other":
      "@hono/node-server answers a backslash in the path by itself, with 400",
  },
  start,
};

async function start({ sidecarUrl: url, integrationKey, options }: HostStart): Promise<RunningHost> {
  const fixed = createFixedApp();
  const sessions = byoSession({
    ...{ url, integrationKey, ...options },
    clientIp: (c) => c.req.header("x-forwarded-for")?.split(",").at(-1) ?? getConnInfo(c).remote.address,
    skip: (c) => isSkipped(c.req.path),
    crossOriginProtection: (c) => isProtected(c.req.path),
    legacySession: (c) => fixed.legacySession(c.req.header("cookie")),
    onNewDevice: fixed.onNewDevice,
  });
  const app = createApp(sessions, fixed);
  const withOwnErrors = createApp(sessions, fixed);
  withOwnErrors.onError((error, c) => c.json({ code: codeOf(error), userId: c.get("session")?.userId ?? null }, 418));
  const listener = getRequestListener((request, env) =>
    (request.headers.has("x-own-errors") ? withOwnErrors : app).fetch(request, env),
  );
  const { url: ownUrl, server, stop } = await serve(listener);
  answerUpgrades(server, (req) => authenticateUpgrade(req, { sessions }));
  return { url: ownUrl, stop };
}

function createApp(sessions: SessionMiddleware, fixed: FixedApp): Hono {
  const app = new Hono();
  app.use(sessions);

  const tellSession = (c: Context) => c.json({ session: c.get("session") });
  const letIn = (c: Context) => c.text("in");
  app.all("/open", tellSession);
  app.all("/me", requireSession(), tellSession);
  app.get("/tagged", requireSession({ tags: ["plan:pro", "role:admin"] }), letIn);
  app.get("/recent", requireSession({ maxAuthAgeSecs: 300 }), letIn);
  app.get("/poll", requireSession({ activity: false }), letIn);
  app.all("/support", requireSession({ impersonation: "allow" }), tellSession);
  app.all("/private", requireSession({ impersonation: "refuse" }), tellSession);
  app.all("/page", requireSession({ device: "recent" }), tellSession);
  app.get("/bound", requireSession({ device: "proof" }), letIn);
  app.post("/login", async (c) => c.json(await c.var.byo.login(await bodyOf(c))));
  app.all("/act/:name", async (c) => {
    const request = {
      byo: c.get("byo"),
      get session() {
        return c.var.session;
      },
    };
    return c.json({ value: await act(c.req.param("name"), request, await bodyOf(c)) });
  });
  app.get("/assets/app.js", tellSession);
  app.post("/idp", tellSession);
  app.get("/counted", (c) => c.json({ handled: fixed.countHandled() }));
  app.get("/noticed", (c) => c.json({ events: fixed.takeNoticed() }));
  app.get("/cors/open", (c) => c.json({ session: c.get("session") }, 200, corsHeaders(c)));
  app.get("/cached", (c) => c.text("public page", 200, PUBLIC_PAGE_HEADERS));
  app.get("/untouched", (c) => c.text("no session needed"));
  app.get("/too-early", (c) => {
    try {
      return tellSession(c);
    } catch (error) {
      return c.json({ code: codeOf(error) });
    }
  });
  app.get("/impatience", async (c) => c.json(await fixed.impatience()));
  app.get("/after-the-headers", (c) =>
    inSteps([async () => JSON.stringify({ session: await c.get("byo").getSession() })]),
  );
  app.post("/login-late", (c) =>
    inSteps([
      async () => "head is out ",
      () =>
        c
          .get("byo")
          .login({ userId: "late" })
          .then(() => "logged in", codeOf),
    ]),
  );
  app.post("/login-not-awaited", (c) => {
    fixed.loginNotAwaited(c.get("byo"));
    return c.text("done");
  });
  for (const [name, end] of Object.entries(COMMON)) app.get(`/end/${name}`, end);
  for (const [name, [end]] of Object.entries(ENDINGS)) app.get(`/end/${name}`, end);
  app.notFound((c) => c.json({ session: c.get("session") }, 404));
  return app;
}

async function bodyOf(c: Context): Promise<ActionBody> {
  return JSON.parse((await c.req.text()) || "{}");
}
