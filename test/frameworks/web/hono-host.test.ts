import { byoSession, requireSession } from "@byo-session/web/hono";
import { Hono, type MiddlewareHandler } from "hono";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { COOKIE, UNTIL_ROTATION_SECS } from "../conformance/case.ts";

const CHROME = { "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36" };

let sidecar: TestSidecar;
let options: { url: string; integrationKey: string; clientIp: () => string };
beforeAll(async () => {
  sidecar = await startTestSidecar();
  options = { url: sidecar.url, integrationKey: sidecar.integrationKey, clientIp: () => "203.0.113.9" };
});

async function loggedIn(userId: string): Promise<Record<string, string>> {
  const { sessionToken } = await sidecar.run("CreateSession", { userId, userAgent: CHROME["user-agent"] });
  return { ...CHROME, cookie: `${COOKIE}=${sessionToken}` };
}

/** The codes of the errors that an app's requests end with. */
function codesOf(app: Hono): unknown[] {
  const codes: unknown[] = [];
  app.onError((error, c) => {
    codes.push(Reflect.get(error, "code"));
    return c.text("failed", 500);
  });
  return codes;
}

describe("an app below a path", () => {
  const routes = { prefix: "/session" };

  it.each([
    ["app.route()", (sessions: MiddlewareHandler) => new Hono().route("/shop", new Hono().use(sessions))],
    ["basePath()", (sessions: MiddlewareHandler) => new Hono().basePath("/shop").use(sessions)],
    [
      "both, with a parameter",
      (sessions: MiddlewareHandler) => new Hono().route("/:any", new Hono().basePath("/in").use(sessions)),
    ],
  ])("%s: the ready-made routes are below it", async (_way, mount) => {
    const app = mount(byoSession({ ...options, routes }));
    const path = _way.startsWith("both") ? "/shop/in" : "/shop";
    const answer = await app.request(`${path}/session`);
    expect([answer.status, await answer.json()]).toEqual([200, { session: null, reason: "NoSession" }]);
    expect((await app.request("/session")).status).toBe(404);
  });

  it("at the root nothing is taken off", async () => {
    const app = new Hono().use(byoSession({ ...options, routes }));
    expect((await app.request("/session")).status).toBe(200);
    expect((await app.request("/shop/session")).status).toBe(404);
  });
});

describe("what other middlewares say of the response", () => {
  const keepIt: MiddlewareHandler = async (c, next) => {
    c.res.headers.set("Cache-Control", "public, max-age=600");
    c.res.headers.append("Set-Cookie", "own=1");
    await next();
    c.header("X-After", "1");
  };

  it("a guard's answer is kept by no cache all the same", async () => {
    const app = new Hono().use(keepIt).use(byoSession(options)).use(requireSession());
    const { status, headers } = await app.request("/me");
    expect([status, headers.get("cache-control"), headers.get("x-after")]).toEqual([401, "private, no-store", "1"]);
    expect(headers.getSetCookie()).toEqual(["own=1"]);
  });

  it("nor is a refusal before any route", async () => {
    const app = new Hono().use(keepIt).use(byoSession(options));
    const refused = await app.request("/me", { method: "POST", headers: { "sec-fetch-site": "cross-site" } });
    expect([refused.status, refused.headers.get("cache-control")]).toEqual([403, "private, no-store"]);
  });

  it("nor a response with the session's cookie, and each cookie is there once", async () => {
    const app = new Hono()
      .use(keepIt)
      .use(byoSession(options))
      .get("/", (c) => c.text("public"));
    const headers = await loggedIn("kept");
    await sidecar.advance(UNTIL_ROTATION_SECS);
    const rotating = await app.request("/", { headers });
    expect(rotating.headers.get("cache-control")).toBe("private, no-store");
    expect(rotating.headers.getSetCookie()).toEqual(["own=1", expect.stringMatching(`^${COOKIE}=`)]);
    expect(await rotating.text()).toBe("public");
  });
});

describe("the variables of the context", () => {
  it("are those of now, by get() and by var, and are no names of another's", async () => {
    const app = new Hono().use(byoSession(options)).post("/", async (c) => {
      c.set("session", null);
      return c.text("unreachable");
    });
    app.get("/", async (c) => {
      const before = [c.get("session"), c.var.session];
      const session = await c.var.byo.login({ userId: "ada" });
      Reflect.apply(c.set, c, ["own", 1]);
      return c.json({ before, same: c.get("session") === session && c.var.session === session, own: c.var });
    });
    const codes = codesOf(app);
    expect(await (await app.request("/", { headers: CHROME })).json()).toEqual({
      before: [null, null],
      same: true,
      own: { own: 1 },
    });
    expect((await app.request("/", { method: "POST" })).status).toBe(500);
    expect(codes).toEqual(["ERR_SESSION_PROPERTY_TAKEN"]);
  });

  it("taken before: an error that says so, and another name for the session", async () => {
    const other: MiddlewareHandler = (c, next) => {
      Reflect.apply(c.set, c, ["session", "another library's"]);
      return next();
    };
    const app = new Hono().use(other).use(byoSession(options));
    const codes = codesOf(app);
    await app.request("/");
    expect(codes).toEqual(["ERR_SESSION_PROPERTY_TAKEN"]);
    const both = new Hono().use(other).use(byoSession({ ...options, sessionProperty: "login" }));
    both.get("/", (c) => c.json([c.get("session"), Reflect.apply(c.get, c, ["login"]), c.var.byo.session]));
    expect(await (await both.request("/")).json()).toEqual(["another library's", null, null]);
  });
});

it("mounted twice, or not at all: an error that says so", async () => {
  const app = new Hono().get("/guarded", requireSession(), (c) => c.text("in"));
  app.use("/twice", byoSession(options)).use("/twice", byoSession(options));
  const codes = codesOf(app);
  expect((await app.request("/guarded")).status).toBe(500);
  expect((await app.request("/twice")).status).toBe(500);
  expect(codes).toEqual(["ERR_NOT_MOUNTED", "ERR_MOUNTED_TWICE"]);
});

it("an action's error is answered without an error handler, and comes to one where there is one", async () => {
  const create = () => {
    const app = new Hono().use(byoSession(options));
    return app.get("/list", async (c) => c.json(await c.var.byo.listSessions()));
  };
  const logged = vi.spyOn(console, "error");
  const answer = await create().request("/list");
  expect([answer.status, await answer.json()]).toEqual([401, { errorType: "Unauthorized", reason: "NoSession" }]);
  expect(answer.headers.get("cache-control")).toBe("private, no-store");
  expect(logged).not.toHaveBeenCalled();
  const own = create();
  const codes = codesOf(own);
  await own.request("/list");
  expect(codes).toEqual(["ERR_NO_SESSION"]);
});

it("without `clientIp` the start says, once, that there is no address", async () => {
  const warned = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const { url, integrationKey } = options;
  const app = new Hono().use(byoSession({ url, integrationKey }));
  await app.request("/");
  await app.request("/");
  expect(warned.mock.calls).toEqual([[expect.stringContaining("clientIp")]]);
});
