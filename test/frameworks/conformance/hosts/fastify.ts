import { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { authenticateUpgrade, byoSession, corsHeaders, requireSession } from "@byo-session/fastify";
import fastifyCookie from "@fastify/cookie";
import Fastify, { type FastifyReply, type FastifyRequest } from "fastify";
import { stopAfterFile } from "../../../harness/leftovers.ts";
import { type ActionBody, act, codeOf, createFixedApp, isProtected, isSkipped, PUBLIC_PAGE_HEADERS } from "../app.ts";
import type { ConformanceHost, HostStart, RunningHost } from "../host.ts";
import { answerUpgrades } from "./answer-upgrades.ts";
import { cookiesOf, RAW_ENDINGS } from "./raw-endings.ts";

type Ending = readonly [end: (reply: FastifyReply) => unknown, own?: readonly string[]];

const COMMON: Record<string, (reply: FastifyReply) => unknown> = {
  json: () => ({}),
  text: () => "text",
  empty: (reply) => reply.code(204).send(),
  "not-modified": (reply) => reply.code(304).send(),
  redirect: (reply) => reply.redirect("/elsewhere"),
  stream: (reply) => reply.send(Readable.from(["a", "b"])),
  "own-cookie": (reply) => reply.setCookie("own", "1").send(),
  "own-cookies": (reply) => reply.setCookie("own", "1").setCookie("second", "2").send(),
  throws: () => {
    throw new Error("thrown on purpose");
  },
};

const ENDINGS: Readonly<Record<string, Ending>> = {
  "header-set-cookie": [(reply) => reply.header("Set-Cookie", "own=1").send(), ["own=1"]],
  "headers-set-cookies": [
    (reply) => reply.headers({ "Set-Cookie": ["own=1", "second=2"] }).send(),
    ["own=1", "second=2"],
  ],
  "reply-raw-then-sent": [
    (reply) => {
      reply.raw.setHeader("Set-Cookie", "own=1");
      return reply.send("text");
    },
    ["own=1"],
  ],
  "a-response-object": [(reply) => reply.send(new Response("web", { headers: { "x-own": "1" } }))],
  "a-stream-that-fails": [
    (reply) => {
      const failing = new Readable({ read: (size) => size, construct: (done) => done(new Error("failed on purpose")) });
      return reply.send(failing);
    },
  ],
  ...Object.fromEntries(
    Object.entries(RAW_ENDINGS).map(([name, [end, own]]): [string, Ending] => [
      `hijack-${name}`,
      [
        (reply) => {
          reply.hijack();
          end(reply.raw);
        },
        own,
      ],
    ]),
  ),
};

export const fastify5Host: ConformanceHost = { name: "Fastify 5", endings: cookiesOf(ENDINGS), start };

async function start({ sidecarUrl: url, integrationKey, options }: HostStart): Promise<RunningHost> {
  const fixed = createFixedApp();
  const app = Fastify({ trustProxy: "loopback", forceCloseConnections: true });
  await app.register(fastifyCookie);
  await app.register(byoSession, {
    ...{ url, integrationKey, ...options },
    skip: ({ url: target }) => isSkipped(target),
    crossOriginProtection: ({ url: target }) => isProtected(target),
    legacySession: ({ headers }) => fixed.legacySession(headers.cookie),
    onNewDevice: fixed.onNewDevice,
  });
  app.setNotFoundHandler((request, reply) => reply.code(404).send({ session: request.session }));
  app.setErrorHandler((error, request, reply) => {
    if (request.headers["x-own-errors"] === undefined) return reply.send(error);
    return reply.code(418).send({ code: codeOf(error), userId: request.session?.userId ?? null });
  });

  const tellSession = async (request: FastifyRequest) => ({ session: request.session });
  const letIn = async () => "in";
  app.all("/open", tellSession);
  app.all("/me", { preHandler: requireSession() }, tellSession);
  app.get("/tagged", { onRequest: requireSession({ tags: ["plan:pro", "role:admin"] }) }, letIn);
  app.get("/recent", { preHandler: requireSession({ maxAuthAgeSecs: 300 }) }, letIn);
  app.get("/poll", { preHandler: requireSession({ activity: false }) }, letIn);
  app.all("/support", { preHandler: requireSession({ impersonation: "allow" }) }, tellSession);
  app.all("/private", { preHandler: requireSession({ impersonation: "refuse" }) }, tellSession);
  app.get("/page", { preHandler: requireSession({ device: "recent" }) }, tellSession);
  app.get("/bound", { preHandler: [requireSession({ device: "proof" })] }, letIn);
  app.post<{ Body: ActionBody }>("/login", ({ byo, body }) => byo.login(body));
  app.route<{ Body: ActionBody | undefined; Params: { name: string } }>({
    method: ["GET", "POST"],
    url: "/act/:name",
    handler: async (request) => ({ value: await act(request.params.name, request, request.body) }),
  });
  app.get("/assets/app.js", tellSession);
  app.post("/idp", tellSession);
  app.get("/counted", async () => ({ handled: fixed.countHandled() }));
  app.get("/noticed", async () => ({ events: fixed.takeNoticed() }));
  app.get("/cors/open", (request, reply) => reply.headers(corsHeaders(request)).send({ session: request.session }));
  app.get("/cached", (_request, reply) => reply.headers(PUBLIC_PAGE_HEADERS).send("public page"));
  app.get("/untouched", async () => "no session needed");
  app.get("/too-early", async (request) => {
    try {
      return { session: request.session };
    } catch (error) {
      return { code: codeOf(error) };
    }
  });
  app.get("/after-the-headers", async (request, reply) => {
    reply.hijack();
    reply.raw.flushHeaders();
    reply.raw.end(JSON.stringify({ session: await request.byo.getSession() }));
  });
  app.post("/login-late", async ({ byo }, reply) => {
    reply.hijack();
    reply.raw.write("head is out ");
    reply.raw.end(await byo.login({ userId: "late" }).then(() => "logged in", codeOf));
  });
  app.post("/login-not-awaited", async ({ byo }) => {
    fixed.loginNotAwaited(byo);
    return "done";
  });
  app.get("/impatience", () => fixed.impatience());
  app.get("/end/rejects", async () => {
    await nextTurn();
    throw new Error("rejected on purpose");
  });
  for (const [name, end] of Object.entries(COMMON)) app.get(`/end/${name}`, (_request, reply) => answered(end, reply));
  for (const [name, [end]] of Object.entries(ENDINGS)) {
    app.get(`/end/${name}`, (_request, reply) => answered(end, reply));
  }

  await app.ready();
  answerUpgrades(app.server, (req) => authenticateUpgrade(req, { app }));
  const ownUrl = await app.listen({ port: 0, host: "127.0.0.1" });
  return { url: ownUrl, stop: stopAfterFile(() => app.close()) };
}

/** Fastify does not send what a synchronous handler returns here. */
function answered(end: (reply: FastifyReply) => unknown, reply: FastifyReply): void {
  const given = end(reply);
  if (given !== reply && given !== undefined) reply.send(given);
}
