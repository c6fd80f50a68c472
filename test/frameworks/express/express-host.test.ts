import { createRequire } from "node:module";
import { byoSession, requireSession } from "@byo-session/express";
import { byoSession as besideOthers } from "@byo-session/express/side-by-side";
import { createClient as createOfficialClient } from "@propelauth/byo-node";
import express, { type Express, type NextFunction, type Request, type Response } from "express";
import { beforeAll, describe, expect, test } from "vitest";
import { createBrowserClient } from "../../harness/browser-client.ts";
import { serve } from "../../harness/serve.ts";
import { TEST_INTEGRATION_KEY } from "../../harness/sidecar-environment.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { COOKIE, EXPRESS_VERSIONS, startSessionsApp } from "./sessions-app.ts";

// Loaded without its types, because they claim `req.session` in the whole TypeScript program.
const expressSession = createRequire(import.meta.url)("express-session");

let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar({
    config: { tags: [{ tag: "test:home", disallow_ip_address_changes: true }] },
  });
});

const connection = () => ({ url: sidecar.url, integrationKey: TEST_INTEGRATION_KEY });

/** Returns the error as a developer would see it in the log. */
function tellErrors(app: Express): void {
  app.use((error: Error & { code?: string }, _req: Request, res: Response, _next: NextFunction) => {
    res.status(500).json({ code: error.code, message: error.message });
  });
}

async function ask(app: Express, path = "/", headers: Record<string, string> = {}) {
  return createBrowserClient((await serve(app)).url).fetch(path, { headers });
}

describe.each(EXPRESS_VERSIONS)("%s: set up wrong, the error says what to do", (_name, create) => {
  test.each<[string, (app: Express) => void, string, RegExp]>([
    [
      "mounted twice",
      (app) => app.use(byoSession(connection())).use(byoSession(connection())),
      "ERR_MOUNTED_TWICE",
      /mount it once/,
    ],
    [
      "express-session before it",
      (app) => app.use(keptByOther()).use(byoSession(connection())),
      "ERR_SESSION_PROPERTY_TAKEN",
      /side-by-side/,
    ],
    [
      "express-session after it",
      (app) => app.use(byoSession(connection())).use(keptByOther()),
      "ERR_SESSION_PROPERTY_TAKEN",
      /side-by-side/,
    ],
    [
      "a guard in front of it",
      (app) => app.get("/", requireSession()).use("/later", byoSession(connection())),
      "ERR_NOT_MOUNTED",
      /app\.use\(byoSession\(\)\)/,
    ],
  ])("%s", async (_case, mount, code, message) => {
    const app = create();
    app.set("trust proxy", 1);
    mount(app);
    tellErrors(app);
    const answer = await ask(app);
    expect(answer.status).toBe(500);
    expect(answer.json()).toEqual({ code, message: expect.stringMatching(message) });
  });

  test.each<[string, unknown]>([
    ["true", true],
    ["a function that trusts everyone", () => true],
    // Express itself takes no `/0`.
    ["all of IPv4 in two halves", ["0.0.0.0/1", "128.0.0.0/1"]],
    ["all of IPv6 in two halves", "loopback, ::/1, 8000::/1"],
    ["IPv4 as it is in IPv6", "::ffff:0:0/96"],
    ["more hops than anybody has", 1000],
    ["hops by a function", (_address: string, hop: number) => hop < 100],
  ])("trust proxy that trusts everybody stops the start: %s", (_how, setting) => {
    const error = expect.objectContaining({
      code: "ERR_TRUST_PROXY",
      message: expect.stringContaining('app.set("trust proxy", 1)'),
    });
    const before = create().set("trust proxy", setting);
    expect(() => before.use("/app", byoSession(connection()))).toThrow(error);
    const after = create().use([byoSession(connection())]);
    expect(() => after.set("trust proxy", setting)).toThrow(error);
    // A mounted app has the setting of the one around it.
    const inner = create().use(byoSession(connection()));
    expect(() => create().set("trust proxy", setting).use("/inner", inner)).toThrow(error);
    const around = create().use("/inner", create().use(byoSession(connection())));
    expect(() => around.set("trust proxy", setting)).toThrow(error);
  });

  test.each<[string, unknown]>([
    ["no proxy", false],
    ["one hop", 1],
    ["ten hops", 10],
    ["names of networks", "loopback, linklocal, uniquelocal"],
    ["networks", ["10.0.0.0/8", "2001:db8::/32"]],
    ["a function", (address: string) => address.startsWith("10.")],
  ])("trust proxy that trusts somebody starts: %s", async (_how, setting) => {
    const app = create().use(byoSession(connection())).set("trust proxy", setting);
    app.get("/", (req, res) => res.json([req.session, req.app.get("trust proxy")]));
    expect((await ask(app)).status).toBe(200);
  });

  test("behind a router, which knows no app, each request is refused", async () => {
    const app = create().set("trust proxy", true);
    app.use(express.Router().use(byoSession(connection())));
    tellErrors(app);
    const answer = await ask(app);
    expect([answer.status, answer.json()]).toEqual([500, expect.objectContaining({ code: "ERR_TRUST_PROXY" })]);
  });

  test("trust proxy: true with `clientIp` is fine", async () => {
    const app = create();
    app.set("trust proxy", true);
    app.use(byoSession({ ...connection(), clientIp: (req) => req.socket.remoteAddress }));
    app.get("/", (req, res) => res.json({ session: req.session }));
    expect((await ask(app)).status).toBe(200);
  });
});

function keptByOther() {
  return expressSession({ secret: "a secret of the test", resave: false, saveUninitialized: true });
}

describe("Express 5", () => {
  test("a rejected handler keeps the successor's Set-Cookie", async () => {
    const app = await startSessionsApp({
      sidecarUrl: sidecar.url,
      routes: (express) => express.get("/rejects", async () => Promise.reject(new Error("rejected on purpose"))),
    });
    const browser = await app.loggedIn();
    await sidecar.advance(3700);
    const answer = await browser.fetch("/rejects");
    expect([answer.status, answer.setCookies.length]).toEqual([500, 1]);
  });
});

describe("beside another session library", () => {
  test("req.session stays the other's, req.byo is ours, and both cookies arrive", async () => {
    const app = express();
    app.use(keptByOther());
    app.use(besideOthers(connection()));
    app.use(express.json());
    app.post("/login", async (req, res) => {
      Object.assign(req.session ?? {}, { cart: ["book"] });
      res.json(await req.byo.login({ userId: "ada" }));
    });
    app.get("/me", (req, res) => {
      res.json({ cart: Reflect.get(req.session ?? {}, "cart"), userId: req.byo.session?.userId });
    });
    const browser = createBrowserClient((await serve(app)).url);
    const login = await browser.fetch("/login", { json: {} });
    expect(login.setCookies.map((line) => line.split("=")[0]).sort()).toEqual([COOKIE, "connect.sid"]);
    expect((await browser.fetch("/me")).json()).toEqual({ cart: ["book"], userId: "ada" });
  });

  test("sessionProperty gives ours another name", async () => {
    const app = express();
    app.use(keptByOther());
    app.use(byoSession({ ...connection(), sessionProperty: "auth" }));
    app.get("/", (req, res) =>
      res.json({ ours: Reflect.get(req, "auth"), theirs: typeof Reflect.get(req, "sessionID") }),
    );
    expect((await ask(app)).json()).toEqual({ ours: null, theirs: "string" });
  });
});

describe("a client of the application's own", () => {
  test("the public one works, with every row of a session's life", async () => {
    const app = await startSessionsApp({
      sidecarUrl: sidecar.url,
      options: { client: createOfficialClient(connection()) },
      routes: (router) => {
        router.get("/list", (req, res, next) => {
          req.byo.listSessions().then((sessions) => res.json(sessions), next);
        });
        router.post("/logout", (req, res, next) => {
          req.byo.logout().then(() => res.sendStatus(204), next);
        });
      },
    });
    const browser = await app.loggedIn({ userId: "official", tags: ["plan:pro"] });
    expect((await browser.fetch("/me")).json()).toMatchObject({ session: { userId: "official", tags: ["plan:pro"] } });
    await sidecar.advance(3700);
    expect((await browser.fetch("/open")).setCookies).toHaveLength(1);
    expect((await browser.fetch("/list")).json()).toHaveLength(1);
    const token = await browser.cookie(COOKIE);
    await browser.fetch("/logout", { method: "POST" });
    const replay = await app.browser().fetch("/me", { headers: { cookie: `${COOKIE}=${token}` } });
    expect(replay.json()).toMatchObject({ reason: "LoggedOut" });
  });

  test("its network failure, which has no details, is 503", async () => {
    const client = createOfficialClient({ url: "http://127.0.0.1:1", integrationKey: TEST_INTEGRATION_KEY });
    const app = await startSessionsApp({ sidecarUrl: sidecar.url, options: { client } });
    const answer = await app.browser().fetch("/open", { headers: { cookie: `${COOKIE}=x` } });
    expect(answer.status).toBe(503);
    expect(answer.json()).toEqual({ errorType: "Unavailable", reason: "SidecarUnavailable" });
  });

  test("it has no deadline, so the middleware's holds", async () => {
    const silent = await serve(() => {});
    const client = createOfficialClient({ url: silent.url, integrationKey: TEST_INTEGRATION_KEY });
    const app = await startSessionsApp({ sidecarUrl: sidecar.url, options: { client, timeoutMs: 150 } });
    const startedMs = performance.now();
    const answer = await app.browser().fetch("/open", { headers: { cookie: `${COOKIE}=x` } });
    expect(answer.status).toBe(503);
    expect(performance.now() - startedMs).toBeLessThan(1500);
  });
});

describe("the client's address", () => {
  test("is the framework's trusted view, or what clientIp says", async () => {
    const own = await startSessionsApp({
      sidecarUrl: sidecar.url,
      options: { clientIp: (req) => req.get("x-real-ip") },
    });
    const userId = "by-real-ip";
    const login = { json: { userId, tags: ["test:home"] }, headers: { "x-real-ip": "203.0.113.9" } };
    const browser = own.browser({ ip: "198.51.100.1" });
    await browser.fetch("/login", login);
    const { sessions } = await sidecar.run("FetchAllSessionsForUser", { userId });
    expect(sessions[0]?.ipAddress).toBe("203.0.113.9");
    expect((await browser.fetch("/me", { headers: { "x-real-ip": "203.0.113.9" } })).status).toBe(200);
    expect((await browser.fetch("/me", { headers: { "x-real-ip": "203.0.113.10" } })).status).toBe(403);
  });
});
