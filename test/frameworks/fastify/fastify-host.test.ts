import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { authenticateUpgrade, byoSession, requireSession } from "@byo-session/fastify";
import { byoSession as besideOthers } from "@byo-session/fastify/side-by-side";
import fastifyCookie from "@fastify/cookie";
import fastifyWebsocket from "@fastify/websocket";
import Fastify, { type FastifyInstance, type FastifyServerOptions } from "fastify";
import { beforeAll, describe, expect, test } from "vitest";
import { CHROME_ON_LINUX, createBrowserClient } from "../../harness/browser-client.ts";
import { stopAfterFile } from "../../harness/leftovers.ts";
import { TEST_INTEGRATION_KEY } from "../../harness/sidecar-environment.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { fastifySession } from "./fastify-session.ts";

const COOKIE = "__Host-sessionToken";
const UNTIL_ROTATION_SECS = 3700;

let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar({ config: { tags: [{ tag: "test:office", ip_allowlist: ["203.0.113.0/24"] }] } });
});

const connection = () => ({ url: sidecar.url, integrationKey: TEST_INTEGRATION_KEY });

function createApp(options: FastifyServerOptions = {}): FastifyInstance {
  const app = Fastify({ forceCloseConnections: true, ...options });
  stopAfterFile(() => app.close());
  return app;
}

async function listen(app: FastifyInstance) {
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  return createBrowserClient(url);
}

function addLogin(app: FastifyInstance): void {
  app.post<{ Body: { userId: string; tags?: string[] } }>("/login", ({ byo, body }) => byo.login(body));
}

describe("set up wrong, the start stops and says what to do", () => {
  test.each<[string, (app: FastifyInstance) => unknown, string, RegExp, FastifyServerOptions?]>([
    [
      "trustProxy: true",
      (app) => app.register(byoSession, connection()),
      "ERR_TRUST_PROXY",
      /Fastify\({ trustProxy: "127\.0\.0\.1" }\)/,
      { trustProxy: true },
    ],
    [
      "a function that trusts everyone",
      (app) => app.register(byoSession, connection()),
      "ERR_TRUST_PROXY",
      /anyone can forge/,
      { trustProxy: () => true },
    ],
    ...["0.0.0.0/1, 128.0.0.0/1", ["loopback", "::/1", "8000::/1"], (_address: string, hop: number) => hop < 100].map(
      (trustProxy): [string, (app: FastifyInstance) => unknown, string, RegExp, FastifyServerOptions] => [
        `trustProxy: ${trustProxy}`,
        (app) => app.register(byoSession, connection()),
        "ERR_TRUST_PROXY",
        /anyone can forge/,
        { trustProxy },
      ],
    ),
    [
      "registered twice in one scope",
      (app) => app.register(byoSession, connection()).register(byoSession, connection()),
      "ERR_MOUNTED_TWICE",
      /mount it once/,
    ],
    [
      "registered again in a scope below",
      (app) =>
        app.register(byoSession, connection()).register(async (scope) => {
          await scope.register(byoSession, connection());
        }),
      "ERR_MOUNTED_TWICE",
      /mount it once/,
    ],
    [
      "@fastify/session before it",
      (app) => app.register(fastifyCookie).register(fastifySession).register(byoSession, connection()),
      "ERR_SESSION_PROPERTY_TAKEN",
      /side-by-side/,
    ],
    [
      "an option that does not exist",
      (app) => app.register(byoSession, { ...connection(), timeout: 5 } as object),
      "ERR_BYO_OPTIONS",
      /unknown option/,
    ],
    [
      "the plugin called instead of passed, from JavaScript",
      (app) => app.register(Reflect.apply(byoSession, undefined, [])),
      "ERR_NOT_MOUNTED",
      /without parentheses/,
    ],
  ])("%s", async (_case, register, code, message, options) => {
    const app = createApp(options);
    register(app);
    await expect(app.ready()).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test("trustProxy: true with `clientIp` is fine", async () => {
    const app = createApp({ trustProxy: true });
    app.register(byoSession, { ...connection(), clientIp: ({ raw }) => raw.socket.remoteAddress });
    await app.ready();
  });

  test("a guard on a route that the plugin does not serve: an error that says so, not an open door", async () => {
    const app = createApp();
    app.get("/", { preHandler: requireSession() }, async () => "in");
    const answer = await (await listen(app)).fetch("/");
    expect([answer.status, answer.json()]).toMatchObject([500, { code: "ERR_NOT_MOUNTED" }]);
  });
});

describe("where the session is", () => {
  test("in hooks registered after the plugin, in error and not-found handlers; without @fastify/cookie", async () => {
    const app = createApp();
    const seen: Record<string, string | undefined> = {};
    app.register(byoSession, connection());
    app.addHook("onRequest", async ({ session, url }) => {
      seen[`hook ${url}`] = session?.userId;
    });
    app.setErrorHandler((_error, { session }, reply) => {
      seen.error = session?.userId;
      reply.code(500).send();
    });
    app.setNotFoundHandler(({ session }, reply) => {
      seen.notFound = session?.userId;
      reply.code(404).send();
    });
    app.register(async (scope) => {
      addLogin(scope);
      scope.get("/throws", async () => Promise.reject(new Error("thrown on purpose")));
    });
    const browser = await listen(app);
    await browser.fetch("/login", { json: { userId: "ada" } });
    await browser.fetch("/throws");
    await browser.fetch("/nowhere");
    expect(seen).toEqual({
      "hook /login": undefined,
      "hook /throws": "ada",
      error: "ada",
      "hook /nowhere": "ada",
      notFound: "ada",
    });
  });

  test("in its own scope only: two of them have two cookies, and the rest of the app has none", async () => {
    const app = createApp();
    for (const area of ["staff", "shop"]) {
      app.register(
        async (scope) => {
          await scope.register(byoSession, { ...connection(), cookie: { name: `__Host-${area}` } });
          addLogin(scope);
          scope.get("/me", { preHandler: requireSession() }, async ({ session }) => ({ userId: session?.userId }));
        },
        { prefix: `/${area}` },
      );
    }
    app.get("/outside", async (request) => ({ has: "session" in request || "byo" in request }));
    const browser = await listen(app);
    const login = await browser.fetch("/staff/login", { json: { userId: "ada" } });
    expect(login.setCookies.map((line) => line.split("=")[0])).toEqual(["__Host-staff"]);
    expect((await browser.fetch("/staff/me")).json()).toEqual({ userId: "ada" });
    expect((await browser.fetch("/shop/me")).status).toBe(401);
    expect((await browser.fetch("/outside")).json()).toEqual({ has: false });
  });

  test("also for requests that are injected", async () => {
    const app = createApp();
    app.register(byoSession, connection());
    addLogin(app);
    app.get("/me", { preHandler: requireSession() }, async ({ session }) => ({ userId: session?.userId }));
    const login = await app.inject({ method: "POST", url: "/login", payload: { userId: "ada" } });
    const [cookie = ""] = [login.headers["set-cookie"] ?? []].flat();
    const me = await app.inject({ url: "/me", headers: { cookie: cookie.split(";")[0] ?? "" } });
    expect(me.json()).toEqual({ userId: "ada" });
    expect((await app.inject({ url: "/me" })).statusCode).toBe(401);
  });

  test("sessionProperty gives it another name", async () => {
    const app = createApp();
    app.register(byoSession, { ...connection(), sessionProperty: "auth" });
    app.get("/", async (request) => ({ ours: Reflect.get(request, "auth"), has: "session" in request }));
    expect((await (await listen(app)).fetch("/")).json()).toEqual({ ours: null, has: false });
  });
});

describe("beside @fastify/session", () => {
  test("request.session stays the other's, request.byo is ours, and both cookies arrive", async () => {
    const app = createApp();
    await app.register(fastifyCookie);
    await app.register(fastifySession);
    await app.register(besideOthers, connection());
    app.post("/login", async (request) => {
      Reflect.set(Object(Reflect.get(request, "session")), "cart", ["book"]);
      return request.byo.login({ userId: "ada" });
    });
    app.get("/me", { preHandler: requireSession() }, async (request) => ({
      cart: Reflect.get(Object(Reflect.get(request, "session")), "cart"),
      userId: request.byo.session?.userId,
    }));
    const browser = await listen(app);
    const login = await browser.fetch("/login", { json: {} });
    expect(login.setCookies.map((line) => line.split("=")[0]).sort()).toEqual([COOKIE, "sessionId"]);
    expect((await browser.fetch("/me")).json()).toEqual({ cart: ["book"], userId: "ada" });
  });
});

describe("an answer of ours is a reply like any other", () => {
  test("the app's hooks see it, and headers that were set before it stay", async () => {
    const app = createApp();
    app.addHook("onRequest", async (_request, reply) => {
      reply.headers({ "x-early": "1", vary: "Accept", "cdn-cache-control": "max-age=600" });
    });
    app.register(byoSession, connection());
    app.addHook("onSend", async (_request, reply) => {
      reply.header("x-status", reply.statusCode);
    });
    app.get("/me", { preHandler: requireSession() }, async () => "in");
    app.get("/fails", async ({ byo }) => byo.listSessions());
    const browser = await listen(app);
    for (const path of ["/me", "/fails"]) {
      const { status, headers, ...answer } = await browser.fetch(path);
      expect([status, answer.json()]).toEqual([401, { errorType: "Unauthorized", reason: "NoSession" }]);
      expect(headers).toMatchObject({ "x-early": "1", "x-status": "401", "cache-control": "private, no-store" });
    }
    const { headers } = await browser.fetch("/me");
    expect(headers.vary).toBe("Accept, Cookie");
    expect(headers).not.toHaveProperty("cdn-cache-control");
  });
});

describe("WebSockets", () => {
  /** The status that a request to open a socket got; 101 where it was opened. */
  async function statusOf(app: FastifyInstance, headers: Record<string, string>): Promise<number | undefined> {
    const handshake = { "sec-websocket-version": "13", "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==" };
    const sent = request(new URL("/socket", app.listeningOrigin), {
      headers: { connection: "Upgrade", upgrade: "websocket", "user-agent": CHROME_ON_LINUX, ...handshake, ...headers },
    }).end();
    const [answer]: IncomingMessage[] = await Promise.race([once(sent, "upgrade"), once(sent, "response")]);
    answer?.destroy();
    return answer?.statusCode;
  }

  test("by @fastify/websocket: a request that opens one is checked for its origin, and never rotates", async () => {
    const app = createApp();
    await app.register(fastifyWebsocket);
    await app.register(byoSession, connection());
    addLogin(app);
    app.get("/socket", { websocket: true, preValidation: requireSession() }, (socket) => socket.send("open"));
    const browser = await listen(app);
    await browser.fetch("/login", { json: { userId: "ada" } });
    const cookie = `${COOKIE}=${await browser.cookie(COOKIE)}`;
    await sidecar.advance(UNTIL_ROTATION_SECS);
    expect(await statusOf(app, { cookie })).toBe(101);
    expect(await statusOf(app, {})).toBe(401);
    expect(await statusOf(app, { cookie, origin: "https://evil.example" })).toBe(403);
    const [row] = await sidecar.sql<{ pending: boolean }>(
      "SELECT next_hash IS NOT NULL AS pending FROM byo.sessions ORDER BY created_at DESC LIMIT 1",
    );
    expect(row?.pending).toBe(false);
  });

  test("authenticateUpgrade asks `clientIp` where it is given", async () => {
    const app = createApp();
    app.register(byoSession, { ...connection(), clientIp: ({ headers }) => String(headers["x-real-ip"]) });
    addLogin(app);
    app.server.on("upgrade", async (req, socket) => {
      const opened = await authenticateUpgrade(req, { app });
      socket.end(opened.ok ? "HTTP/1.1 204 Fine\r\nConnection: close\r\n\r\n" : opened.response);
    });
    const browser = await listen(app);
    const office = { "x-real-ip": "203.0.113.7" };
    await browser.fetch("/login", { json: { userId: "ada", tags: ["test:office"] }, headers: office });
    const cookie = `${COOKIE}=${await browser.cookie(COOKIE)}`;
    expect(await statusOf(app, { cookie, ...office })).toBe(204);
    expect(await statusOf(app, { cookie, "x-real-ip": "198.51.100.1" })).toBe(403);
  });
});
