import type { Express, Request } from "express";
import { beforeAll, describe, expect, test } from "vitest";
import type { BrowserClient } from "../harness/browser-client.ts";
import { startTcpProxy } from "../harness/tcp-proxy.ts";
import { startTestSidecar, type TestSidecar } from "../harness/test-sidecar.ts";
import { COOKIE, EXPRESS_VERSIONS, type SessionsApp, startSessionsApp } from "./sessions-app.ts";

/** Runs an action of `req.byo` and answers what it gave; what it throws is left to the app. */
function actionRoutes(app: Express): void {
  const routes: Record<string, (req: Request) => Promise<unknown>> = {
    logout: (req) => req.byo.logout(),
    "logout-others": (req) => req.byo.logoutOthers(),
    "logout-everywhere": (req) => req.byo.logoutEverywhere(),
    list: (req) => req.byo.listSessions(),
    revoke: (req) => req.byo.revoke(req.body.sessionId),
    update: (req) => req.byo.update(req.body),
    "set-tags": (req) => req.byo.setTags(req.body),
    reauthenticate: (req) => req.byo.reauthenticate(),
    "login-then-read": async (req) => {
      const session = await req.byo.login(req.body);
      return { same: req.session === session && req.byo.session === session, session };
    },
    "login-then-logout": async (req) => {
      await req.byo.login(req.body);
      await req.byo.logout();
      return { session: req.session };
    },
    "change-the-session": async (req) => {
      const { session } = req;
      if (!session) return [];
      const attempts = [
        () => Object.assign(session, { userId: "root" }),
        () => Object.assign(session.tags, ["role:admin"]),
        () => Object.assign(Object(session.metadata).deep, { more: 1 }),
      ];
      return attempts.map((attempt) => {
        try {
          return String(attempt());
        } catch (error) {
          return error instanceof TypeError ? "refused" : String(error);
        }
      });
    },
  };
  for (const [path, run] of Object.entries(routes)) {
    app.post(`/${path}`, (req, res, next) => {
      run(req).then((value) => res.json({ value }), next);
    });
  }
  app.post("/login-late", async (req, res) => {
    res.write("head is out ");
    const code = await req.byo.login({ userId: "late" }).then(
      () => "logged in",
      (error: { code: string }) => error.code,
    );
    res.end(code);
  });
}

/** The response is on its way before the login is through. */
function impatientRoute(app: Express): void {
  app.post("/login-not-awaited", (req, res) => {
    req.byo.login({ userId: "impatient" }).catch((error: { code: string }) => impatience.push(error.code));
    res.send("done");
  });
}
const impatience: string[] = [];

let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar({
    config: {
      tags: [
        { tag: "test:single", max_concurrent_sessions_per_user_per_tag: 1, on_session_limit_exceeded: "reject_new" },
      ],
      on_create_only_tags: ["fixed"],
    },
  });
});

describe.each(EXPRESS_VERSIONS)("%s: req.byo", (_name, create) => {
  let app: SessionsApp;

  beforeAll(async () => {
    app = await startSessionsApp({
      create,
      sidecarUrl: sidecar.url,
      routes: (router) => {
        actionRoutes(router);
        impatientRoute(router);
      },
    });
  });

  async function act(browser: BrowserClient, path: string, json: unknown = {}) {
    const answer = await browser.fetch(`/${path}`, { json });
    return { ...answer, value: answer.status === 200 ? answer.json<{ value: unknown }>().value : undefined };
  }

  test("login: the session is there in the same request and in the next", async () => {
    const browser = app.browser();
    const { value, setCookies } = await act(browser, "login-then-read", {
      userId: "ada",
      tags: ["plan:pro"],
      metadata: { theme: "dark" },
    });
    expect(value).toMatchObject({
      same: true,
      session: { userId: "ada", tags: ["plan:pro"], metadata: { theme: "dark" }, hasDeviceRegistered: false },
    });
    expect(setCookies).toHaveLength(1);
    expect(setCookies[0]).toMatch(
      /^__Host-sessionToken=byo_sess_[\w.-]+; Max-Age=1209(600|599); Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    const { session } = (await browser.fetch("/me")).json<{ session: Record<string, unknown> }>();
    expect(session).toEqual((value as { session: unknown }).session);
    expect(session.authenticatedAt).toBe(session.createdAt);
  });

  test("login: a session fixed beforehand is never adopted, and dies", async () => {
    const attacker = await app.loggedIn();
    const planted = await attacker.cookie(COOKIE);
    const victim = app.browser();
    await victim.setCookie(`${COOKIE}=${planted}; Path=/; Secure; HttpOnly`);
    await act(victim, "login-then-read", { userId: "victim" });
    expect(await victim.cookie(COOKIE)).not.toBe(planted);
    expect((await attacker.fetch("/me")).json()).toMatchObject({ reason: "LoggedOut" });
    expect((await victim.fetch("/me")).json()).toMatchObject({ session: { userId: "victim" } });
  });

  test("login with persistent: false: no Max-Age, at the rotation neither", async () => {
    const browser = app.browser();
    const { setCookies } = await act(browser, "login-then-read", { userId: "guest", persistent: false });
    expect(setCookies[0]).not.toMatch(/max-age|expires/i);
    await sidecar.advance(3700);
    const rotated = await browser.fetch("/me");
    expect(rotated.status).toBe(200);
    expect(rotated.setCookies).toHaveLength(1);
    expect(rotated.setCookies[0]).not.toMatch(/max-age|expires/i);
    expect((await browser.fetch("/me")).status).toBe(200);
  });

  test("login after the headers: ERR_HEADERS_SENT, and no session is made", async () => {
    const browser = app.browser();
    const answer = await browser.fetch("/login-late", { method: "POST" });
    expect(answer.text).toBe("head is out ERR_HEADERS_SENT");
    expect((await sidecar.run("FetchAllSessionsForUser", { userId: "late" })).sessions).toEqual([]);
  });

  test("login that is not awaited: ERR_HEADERS_SENT, and the session is ended again", async () => {
    const answer = await app.browser().fetch("/login-not-awaited", { method: "POST" });
    expect([answer.text, answer.setCookies]).toEqual(["done", []]);
    await expect.poll(() => impatience).toContain("ERR_HEADERS_SENT");
    expect((await sidecar.run("FetchAllSessionsForUser", { userId: "impatient" })).sessions).toEqual([]);
  });

  test("login over a limit: unhandled, the answer is a 409 in the guards' form", async () => {
    const login = { userId: `limited-${_name}`, tags: ["test:single"] };
    const browser = await app.loggedIn(login);
    const second = await act(app.browser(), "login-then-read", login);
    expect(second.status).toBe(409);
    expect(second.json()).toEqual({ errorType: "Conflict", reason: "SessionLimitExceeded" });
    expect(second.headers["cache-control"]).toBe("private, no-store");
    // The browser that holds the one session replaces it.
    expect((await act(browser, "login-then-read", login)).status).toBe(200);
    expect((await browser.fetch("/me")).status).toBe(200);
  });

  test("login with a tag that is none: 400", async () => {
    const answer = await act(app.browser(), "login-then-read", { userId: "ada", tags: ["no tag"] });
    expect(answer.status).toBe(400);
    expect(answer.json()).toEqual({ errorType: "BadRequest", reason: "BadRequest" });
  });

  test("login and log-out in one request: nothing is left", async () => {
    const browser = app.browser();
    const { value } = await act(browser, "login-then-logout", { userId: "brief" });
    expect(value).toEqual({ session: null });
    expect(await browser.cookie(COOKIE)).toBeUndefined();
    expect((await sidecar.run("FetchAllSessionsForUser", { userId: "brief" })).sessions).toEqual([]);
  });

  test("logout ends the session for every copy of the cookie; twice is fine", async () => {
    const browser = await app.loggedIn();
    const token = await browser.cookie(COOKIE);
    expect((await act(browser, "logout")).status).toBe(200);
    expect(await browser.cookie(COOKIE)).toBeUndefined();
    const replay = await app.browser().fetch("/me", { headers: { cookie: `${COOKIE}=${token}` } });
    expect(replay.json()).toMatchObject({ reason: "LoggedOut" });
    expect((await act(browser, "logout")).status).toBe(200);
  });

  test("listSessions, revoke, logoutOthers, logoutEverywhere", async () => {
    const userId = `many-${_name}`;
    const [here, there, third] = [
      await app.loggedIn({ userId }),
      await app.loggedIn({ userId }),
      await app.loggedIn({ userId }),
    ];
    const listed = (await act(here, "list")).value as { sessionId: string; current: boolean; device: object }[];
    expect(listed).toHaveLength(3);
    expect(listed.filter(({ current }) => current)).toHaveLength(1);
    expect(listed[0]?.device).toMatchObject({ browser: "Chrome", os: "Linux" });

    const ids = ((await act(there, "list")).value as typeof listed).filter(({ current }) => current);
    await act(here, "revoke", { sessionId: ids[0]?.sessionId });
    expect((await there.fetch("/me")).json()).toMatchObject({ reason: "Revoked" });

    expect((await act(here, "logout-others")).value).toBe(1);
    expect((await third.fetch("/me")).status).toBe(401);
    expect((await here.fetch("/me")).status).toBe(200);

    expect((await act(here, "logout-everywhere")).value).toBe(1);
    expect((await here.fetch("/me")).json()).toMatchObject({ reason: "NoSession" });
  });

  test("another user's session is not found", async () => {
    const stranger = await app.loggedIn();
    const { session } = (await stranger.fetch("/open")).json<{ session: { sessionId: string } }>();
    const answer = await act(await app.loggedIn(), "revoke", { sessionId: session.sessionId });
    expect(answer.status).toBe(404);
    expect(answer.json()).toEqual({ errorType: "NotFound", reason: "SessionNotFound" });
    expect((await stranger.fetch("/me")).status).toBe(200);
  });

  test("update and setTags: seen at once and afterwards; metadata moves no authority", async () => {
    const browser = await app.loggedIn({ tags: ["plan:free"], metadata: { a: 1 } });
    const updated = (await act(browser, "update", { metadata: { tags: ["role:admin"] }, tags: ["role:admin"] })).value;
    expect(updated).toMatchObject({ tags: ["plan:free"], metadata: { tags: ["role:admin"] } });
    const tagged = (await act(browser, "set-tags", { add: ["plan:pro"], remove: ["plan:free"] })).value;
    expect(tagged).toMatchObject({ tags: ["plan:pro"] });
    expect((await browser.fetch("/me")).json()).toMatchObject({
      session: { tags: ["plan:pro"], metadata: { tags: ["role:admin"] } },
    });
    expect((await act(browser, "update", { metadata: null })).value).not.toHaveProperty("metadata");
    expect((await act(browser, "set-tags", { add: ["fixed:x"] })).status).toBe(400);
  });

  test("reauthenticate: a new session with the same tags and metadata, the old one dead", async () => {
    const browser = await app.loggedIn({ tags: ["plan:pro"], metadata: { a: [1] } });
    const before = await browser.cookie(COOKIE);
    const { session: old } = (await browser.fetch("/open")).json<{ session: Record<string, unknown> }>();
    await sidecar.advance(100);
    const fresh = (await act(browser, "reauthenticate")).value as Record<string, unknown>;
    expect(fresh).toMatchObject({ userId: old.userId, tags: ["plan:pro"], metadata: { a: [1] } });
    expect(fresh.sessionId).not.toBe(old.sessionId);
    expect(Number(fresh.authenticatedAt)).toBeGreaterThanOrEqual(Number(old.authenticatedAt) + 100);
    const replay = await app.browser().fetch("/me", { headers: { cookie: `${COOKIE}=${before}` } });
    expect(replay.status).toBe(401);
  });

  test("the session cannot be changed, however deep", async () => {
    const browser = await app.loggedIn({ tags: ["plan:pro"], metadata: { deep: {} } });
    expect((await act(browser, "change-the-session")).value).toEqual(["refused", "refused", "refused"]);
  });

  test("without a session: 401 NoSession from every action that needs one", async () => {
    for (const path of [
      "logout-others",
      "logout-everywhere",
      "list",
      "revoke",
      "update",
      "set-tags",
      "reauthenticate",
    ]) {
      const answer = await act(app.browser(), path, { sessionId: "x", metadata: 1 });
      expect([path, answer.status, answer.json()]).toEqual([
        path,
        401,
        { errorType: "Unauthorized", reason: "NoSession" },
      ]);
    }
  });

  test("an error handler of the app's own comes first", async () => {
    const own = await startSessionsApp({
      create,
      sidecarUrl: sidecar.url,
      routes: (express) => {
        actionRoutes(express);
        express.use((error: { code?: string }, _req: Request, res: import("express").Response, _next: unknown) => {
          res.status(418).json({ code: error.code });
        });
      },
    });
    const answer = await own.browser().fetch("/list", { method: "POST" });
    expect([answer.status, answer.json()]).toEqual([418, { code: "ERR_NO_SESSION" }]);
  });
});

test("an action while the sidecar is away: 503, and the log-out is not claimed", async () => {
  const proxy = await startTcpProxy(Number(new URL(sidecar.url).port));
  const app = await startSessionsApp({
    sidecarUrl: `http://127.0.0.1:${proxy.port}`,
    routes: actionRoutes,
    options: { lazy: true },
  });
  const browser = await app.loggedIn();
  await proxy.cut();
  for (const path of ["logout", "list", "login-then-read"]) {
    const answer = await browser.fetch(`/${path}`, { json: { userId: "ada" } });
    expect([path, answer.status]).toEqual([path, 503]);
    expect(answer.json()).toEqual({ errorType: "Unavailable", reason: "SidecarUnavailable" });
    expect(answer.setCookies).toEqual([]);
  }
  await proxy.restore();
  // The sidecar may be left alone for a moment after several failures in a row.
  await expect.poll(async () => (await browser.fetch("/me")).status, { timeout: 5000 }).toBe(200);
});
