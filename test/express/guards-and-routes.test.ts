import { byoSession, requireSession, safeReturnTo } from "@byo-session/express";
import express from "express";
import { beforeAll, describe, expect, test } from "vitest";
import { createBrowserClient } from "../harness/browser-client.ts";
import { serve } from "../harness/serve.ts";
import { TEST_INTEGRATION_KEY } from "../harness/sidecar-environment.ts";
import { startTestSidecar, type TestSidecar } from "../harness/test-sidecar.ts";
import { COOKIE, EXPRESS_VERSIONS, type SessionsApp, startSessionsApp } from "./sessions-app.ts";

let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar();
});

describe("requireSession", () => {
  let app: SessionsApp;

  beforeAll(async () => {
    app = await startSessionsApp({
      sidecarUrl: sidecar.url,
      options: { loginUrl: "/sign-in?from=guard", trustedOrigins: ["https://admin.example"] },
      routes: (router) => {
        router.get("/tagged", requireSession({ tags: ["plan:pro", "role:admin"] }), (_req, res) => res.send("in"));
        router.get("/recent", requireSession({ maxAuthAgeSecs: 300 }), (_req, res) => res.send("in"));
        router.get("/bound", requireSession({ device: "required" }), (_req, res) => res.send("in"));
      },
    });
  });

  test("a page load is sent to the login page, with where to return to", async () => {
    const answer = await app.browser().fetch("/me?tab=1&x=%2F", { navigate: true });
    expect(answer.status).toBe(302);
    expect(answer.headers.location).toBe(`/sign-in?from=guard&returnTo=${encodeURIComponent("/me?tab=1&x=%2F")}`);
    expect(answer.headers["cache-control"]).toBe("private, no-store");
  });

  test("a call is not: a script could not tell the login page from an answer", async () => {
    const calls = [
      await app.browser().fetch("/me"),
      await app.browser().fetch("/me", { method: "POST", navigate: true }),
      await app.browser().fetch("/me", { headers: { "sec-fetch-mode": undefined, accept: "application/json" } }),
    ];
    for (const answer of calls) {
      expect(answer.status).toBe(401);
      expect(answer.json()).toEqual({ errorType: "Unauthorized", reason: "NoSession" });
    }
  });

  test("a browser without Fetch Metadata tells by what it accepts", async () => {
    const answer = await app
      .browser()
      .fetch("/me", { headers: { "sec-fetch-mode": undefined, accept: "text/html,*/*" } });
    expect(answer.status).toBe(302);
  });

  test("tags: all of them, else 403, for a page load too", async () => {
    const some = await app.loggedIn({ tags: ["plan:pro"] });
    expect((await some.fetch("/tagged", { navigate: true })).status).toBe(403);
    const all = await app.loggedIn({ tags: ["role:admin", "plan:pro"] });
    expect((await all.fetch("/tagged")).text).toBe("in");
  });

  test("maxAuthAgeSecs: by the sidecar's clock", async () => {
    const browser = await app.loggedIn();
    expect((await browser.fetch("/recent")).text).toBe("in");
    await sidecar.sql("UPDATE byo.sessions SET created_at = created_at - interval '400 seconds'");
    const answer = await browser.fetch("/recent");
    expect(answer.status).toBe(401);
    expect(answer.json()).toEqual({ errorType: "Unauthorized", reason: "ReauthenticationRequired" });
    expect((await browser.fetch("/me")).status).toBe(200);
  });

  test("device: a session without one does not pass", async () => {
    const answer = await (await app.loggedIn()).fetch("/bound");
    expect(answer.json()).toEqual({ errorType: "Unauthorized", reason: "DeviceVerificationRequired" });
    // Logging in again would not help: no redirect for a page load either.
    expect((await (await app.loggedIn()).fetch("/bound", { navigate: true })).status).toBe(401);
  });

  test("a CORS preflight is never 401, and no handler runs for it", async () => {
    const preflight = (origin: string) =>
      app.browser().fetch("/me", {
        method: "OPTIONS",
        headers: { origin, "access-control-request-method": "GET", "access-control-request-headers": "dpop" },
      });
    const trusted = await preflight("https://admin.example");
    expect(trusted.status).toBe(204);
    expect(trusted.text).toBe("");
    expect(trusted.headers["access-control-allow-origin"]).toBe("https://admin.example");
    expect(trusted.headers["access-control-allow-credentials"]).toBe("true");
    for (const origin of ["https://evil.example", "https://admin.example.evil.example", "null"]) {
      const other = await preflight(origin);
      expect(other.status).toBe(204);
      expect(other.headers).not.toHaveProperty("access-control-allow-origin");
    }
  });

  test.each([
    [{ tag: ["a:b"] }, "no such requirement: tag"],
    [{ device: "any" }, '`device`: expected "required"'],
    [{ maxAuthAgeSecs: Number.NaN }, "`maxAuthAgeSecs`: expected seconds"],
    [{ tags: "role:admin" }, "`tags`: expected a list"],
  ])("requirements that would not be looked at stop the start: %j", (requirements, message) => {
    expect(() => requireSession(requirements as object)).toThrow(message);
  });

  test("without byoSession() before it: an error that says so, not an open door", async () => {
    const bare = express();
    bare.get("/me", requireSession(), (_req, res) => res.send("in"));
    bare.use((error: Error & { code?: string }, _req: express.Request, res: express.Response, _next: unknown) => {
      res.status(500).json({ code: error.code, message: error.message });
    });
    const answer = await createBrowserClient((await serve(bare)).url).fetch("/me");
    expect(answer.status).toBe(500);
    expect(answer.json()).toMatchObject({
      code: "ERR_NOT_MOUNTED",
      message: expect.stringContaining("app.use(byoSession())"),
    });
  });
});

describe("safeReturnTo", () => {
  test.each([
    ["/me?tab=1#top", "/me?tab=1#top"],
    ["me", "/me"],
    ["//evil.example/x", "/"],
    ["/\\evil.example", "/"],
    ["/\t/evil.example", "/"],
    ["\\\\evil.example", "/"],
    ["https://evil.example/", "/"],
    ["/.//evil.example", "/"],
    ["/x/..//evil.example", "/"],
    ["javascript:alert(1)", "/"],
    ["http:evil.example", "/evil.example"],
    [undefined, "/"],
    [["/a", "/b"], "/"],
  ])("%j becomes %j", (given, expected) => {
    expect(safeReturnTo(given)).toBe(expected);
  });
});

describe.each(EXPRESS_VERSIONS)("%s: the ready-made routes", (_name, create) => {
  let app: SessionsApp;

  beforeAll(async () => {
    app = await startSessionsApp({
      create,
      sidecarUrl: sidecar.url,
      options: { routes: { prefix: "/session" }, loginUrl: "/sign-in" },
      routes: (router) => router.get("/sessions-of-the-app", (_req, res) => res.send("the app's own")),
    });
  });

  test("GET /: who am I", async () => {
    const anonymous = await app.browser().fetch("/session");
    expect([anonymous.status, anonymous.json()]).toEqual([200, { session: null, reason: "NoSession" }]);
    expect(anonymous.headers["cache-control"]).toBe("private, no-store");
    const browser = await app.loggedIn({ userId: "ada" });
    expect((await browser.fetch("/session/")).json()).toMatchObject({ session: { userId: "ada" } });
    expect((await app.browser().fetch("/sessions-of-the-app")).text).toBe("the app's own");
  });

  test("GET /list and DELETE /:sessionId: own sessions only", async () => {
    const login = { userId: `routes-${_name}` };
    const [here, there] = [await app.loggedIn(login), await app.loggedIn(login)];
    const { sessions } = (await here.fetch("/session/list")).json<{
      sessions: { sessionId: string; current: boolean }[];
    }>();
    expect(sessions).toHaveLength(2);
    const other = sessions.find(({ current }) => !current);
    expect((await (await app.loggedIn()).fetch(`/session/${other?.sessionId}`, { method: "DELETE" })).status).toBe(404);
    expect((await here.fetch(`/session/${other?.sessionId}`, { method: "DELETE" })).status).toBe(204);
    expect((await there.fetch("/me")).status).toBe(401);
    const mine = sessions.find(({ current }) => current);
    const own = await here.fetch(`/session/${mine?.sessionId}`, { method: "DELETE" });
    expect(own.setCookies[0]).toMatch(new RegExp(`^${COOKIE}=;`));
  });

  test("POST /logout: 204 for a call, 303 for an HTML form", async () => {
    const browser = await app.loggedIn();
    const called = await browser.fetch("/session/logout", { method: "POST" });
    expect([called.status, called.text]).toEqual([204, ""]);
    expect(called.setCookies[0]).toMatch(/Max-Age=0/);
    const form = await (await app.loggedIn()).fetch("/session/logout", { form: {}, navigate: true });
    expect([form.status, form.headers.location]).toEqual([303, "/sign-in"]);
  });

  test("GET /logout is 405 and logs nobody out", async () => {
    const browser = await app.loggedIn();
    const answer = await browser.fetch("/session/logout");
    expect([answer.status, answer.headers.allow]).toEqual([405, "POST"]);
    expect((await browser.fetch("/me")).status).toBe(200);
  });

  test("POST /logout from another site is refused and logs nobody out", async () => {
    const browser = await app.loggedIn();
    expect((await browser.fetch("/session/logout", { method: "POST", site: "cross-site" })).status).toBe(403);
    expect((await browser.fetch("/me")).status).toBe(200);
  });

  test("POST /logout-others", async () => {
    const login = { userId: `others-${_name}` };
    const [here] = [await app.loggedIn(login), await app.loggedIn(login)];
    const answer = await here.fetch("/session/logout-others", { method: "POST" });
    expect([answer.status, answer.json()]).toEqual([200, { sessionsInvalidated: 1 }]);
  });

  test("what is no route is 404, and a list needs a session", async () => {
    const browser = app.browser();
    expect((await browser.fetch("/session/a/b")).json()).toEqual({ errorType: "NotFound", reason: "RouteNotFound" });
    expect((await browser.fetch("/session/%2e%2e", { method: "DELETE" })).status).toBe(404);
    expect((await browser.fetch("/session/__proto__")).status).toBe(405);
    expect((await browser.fetch("/session/list")).json()).toEqual({ errorType: "Unauthorized", reason: "NoSession" });
  });
});

test("in development a guard's answer names its reason in a header too", async () => {
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = "development";
  try {
    const app = express();
    app.use(byoSession({ url: sidecar.url, integrationKey: TEST_INTEGRATION_KEY }));
    app.get("/me", requireSession(), (_req, res) => res.send("in"));
    const answer = await createBrowserClient((await serve(app)).url).fetch("/me");
    expect(answer.headers["session-reason"]).toBe("NoSession");
  } finally {
    process.env.NODE_ENV = before;
  }
});
