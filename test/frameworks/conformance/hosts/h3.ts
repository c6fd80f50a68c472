import { setImmediate as nextTurn } from "node:timers/promises";
import { byoSession, corsHeaders, requireSession } from "@byo-session/web/h3";
import { authenticateUpgrade } from "@byo-session/web/node";
import { H3, type H3Event, HTTPError, html, noContent, redirect, setCookie, toNodeHandler } from "h3";
import { serve } from "../../../harness/serve.ts";
import { type ActionBody, act, codeOf, createFixedApp, isProtected, isSkipped, PUBLIC_PAGE_HEADERS } from "../app.ts";
import type { ConformanceHost, HostStart, RunningHost } from "../host.ts";
import { answerUpgrades } from "./answer-upgrades.ts";
import { cookiesOf } from "./raw-endings.ts";
import { inSteps, WEB_ENDINGS } from "./web-endings.ts";

type Ending = readonly [end: (event: H3Event) => unknown, own?: readonly string[]];

const COMMON: Record<string, (event: H3Event) => unknown> = {
  json: () => ({}),
  text: () => "text",
  empty: () => noContent(204),
  "not-modified": (event) => {
    event.res.status = 304;
    return null;
  },
  redirect: () => redirect("/elsewhere"),
  stream: () => inSteps([async () => "a", async () => "b"]).body,
  "own-cookie": (event) => {
    setCookie(event, "own", "1");
    return null;
  },
  "own-cookies": (event) => {
    setCookie(event, "own", "1");
    setCookie(event, "second", "2");
    return null;
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
  "an-http-error": [
    () => {
      throw new HTTPError({ status: 403, message: "thrown on purpose" });
    },
  ],
  "an-http-error-with-headers": [
    (event) => {
      event.res.errHeaders.append("set-cookie", "own=1");
      throw HTTPError.status(403, "Forbidden", { headers: { "cache-control": "public" } });
    },
    ["own=1"],
  ],
  "headers-of-the-event": [
    (event) => {
      event.res.headers.set("set-cookie", "lost=1");
      event.res.headers.set("set-cookie", "own=1");
      event.res.headers.set("cache-control", "public");
      return html("<p>html");
    },
    ["own=1"],
  ],
  "nothing-at-all": [() => undefined],
};

export const h3Host: ConformanceHost = { name: "h3 2", endings: cookiesOf(ENDINGS), start };

async function start({ sidecarUrl: url, integrationKey, options }: HostStart): Promise<RunningHost> {
  const fixed = createFixedApp();
  const sessions = byoSession({
    ...{ url, integrationKey, ...options },
    clientIp: ({ req, runtime }) =>
      req.headers.get("x-forwarded-for")?.split(",").at(-1) ?? runtime?.node?.req.socket.remoteAddress,
    skip: (event) => isSkipped(event.url.pathname),
    crossOriginProtection: (event) => isProtected(event.url.pathname),
    legacySession: ({ req }) => fixed.legacySession(req.headers.get("cookie") ?? undefined),
    onNewDevice: fixed.onNewDevice,
  });
  const app = new H3({
    silent: true,
    onError(error, { req, context }) {
      if (!req.headers.has("x-own-errors")) return undefined;
      return Response.json({ code: codeOf(error.cause), userId: context.session?.userId ?? null }, { status: 418 });
    },
  });
  app.use(sessions);

  const tellSession = ({ context }: H3Event) => ({ session: context.session });
  const letIn = () => "in";
  const behind = (needs?: Parameters<typeof requireSession>[0]) => ({ middleware: [requireSession(needs)] });
  app.all("/open", tellSession);
  app.all("/me", tellSession, behind());
  app.get("/tagged", letIn, behind({ tags: ["plan:pro", "role:admin"] }));
  app.get("/recent", letIn, behind({ maxAuthAgeSecs: 300 }));
  app.get("/poll", letIn, behind({ activity: false }));
  app.all("/support", tellSession, behind({ impersonation: "allow" }));
  app.all("/private", tellSession, behind({ impersonation: "refuse" }));
  app.all("/page", tellSession, behind({ device: "recent" }));
  app.get("/bound", letIn, behind({ device: "proof" }));
  app.post("/login", async (event) => event.context.byo.login(await bodyOf(event)));
  app.all("/act/:name", async (event) => {
    const { context } = event;
    const request = {
      byo: context.byo,
      get session() {
        return context.session;
      },
    };
    return { value: await act(context.params?.name ?? "", request, await bodyOf(event)) };
  });
  app.get("/assets/app.js", tellSession);
  app.post("/idp", tellSession);
  app.get("/counted", () => ({ handled: fixed.countHandled() }));
  app.get("/noticed", () => ({ events: fixed.takeNoticed() }));
  app.get("/cors/open", (event) => Response.json(tellSession(event), { headers: corsHeaders(event) }));
  app.get("/cached", () => new Response("public page", { headers: PUBLIC_PAGE_HEADERS }));
  app.get("/untouched", () => "no session needed");
  app.get("/too-early", (event) => {
    try {
      return tellSession(event);
    } catch (error) {
      return { code: codeOf(error) };
    }
  });
  app.get("/impatience", () => fixed.impatience());
  app.get("/after-the-headers", ({ context }) =>
    inSteps([async () => JSON.stringify({ session: await context.byo.getSession() })]),
  );
  app.post("/login-late", ({ context: { byo } }) =>
    inSteps([async () => "head is out ", () => byo.login({ userId: "late" }).then(() => "logged in", codeOf)]),
  );
  app.post("/login-not-awaited", ({ context }) => {
    fixed.loginNotAwaited(context.byo);
    return "done";
  });
  for (const [name, end] of Object.entries(COMMON)) app.get(`/end/${name}`, end);
  for (const [name, [end]] of Object.entries(ENDINGS)) app.get(`/end/${name}`, end);
  app.all("/**", (event) => {
    event.res.status = 404;
    return tellSession(event);
  });

  const { url: ownUrl, server, stop } = await serve(toNodeHandler(app));
  answerUpgrades(server, (req) => authenticateUpgrade(req, { sessions }));
  return { url: ownUrl, stop };
}

async function bodyOf({ req }: H3Event): Promise<ActionBody> {
  return JSON.parse((await req.text()) || "{}");
}
