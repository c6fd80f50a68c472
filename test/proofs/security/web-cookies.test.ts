import { byoSession, ConfigurationError } from "@byo-session/express";
import { beforeAll, describe, expect, it } from "vitest";
import { COOKIE, type SessionsApp, startSessionsApp } from "../../frameworks/express/sessions-app.ts";
import type { BrowserAnswer } from "../../harness/browser-client.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";

let sidecar: TestSidecar;
let app: SessionsApp;

beforeAll(async () => {
  sidecar = await startTestSidecar();
  app = await startSessionsApp({
    sidecarUrl: sidecar.url,
    options: { routes: { prefix: "/session" } },
    routes: (express) => {
      express.post("/reauthenticate", (req, res, next) => {
        req.byo.reauthenticate().then((session) => res.json(session), next);
      });
      express.get("/cached", (_req, res) => {
        res.set({ "Cache-Control": "public, max-age=3600", "CDN-Cache-Control": "max-age=3600", ETag: '"1"' });
        res.send("for everyone");
      });
      express.get("/throws", () => {
        throw new Error("broken on purpose");
      });
      express.post("/logout-and-throw", async (req) => {
        await req.byo.logout();
        throw new Error("broken on purpose");
      });
    },
  });
});

function withCookie(path: string, token: string, more: object = {}) {
  return app.browser().fetch(path, { headers: { cookie: `${COOKIE}=${token}` }, ...more });
}

async function tokenOf(browser: Awaited<ReturnType<SessionsApp["loggedIn"]>>): Promise<string> {
  const token = await browser.cookie(COOKIE);
  if (token === undefined) throw new Error("the browser has no session cookie");
  return token;
}

const SET = /^__Host-sessionToken=byo_sess_[\w.-]+; Max-Age=\d+; Path=\/; HttpOnly; Secure; SameSite=Lax$/;
const CLEARED =
  /^__Host-sessionToken=; Max-Age=0; Path=\/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax$/;

describe("the cookie", () => {
  it("06 a token counts from the cookie only: not from the address, the body or any other header", async () => {
    const token = await tokenOf(await app.loggedIn());
    const query = `?${COOKIE}=${token}&sid=${token}&sessionToken=${token}&token=${token}&access_token=${token}`;
    const headers = {
      authorization: `Bearer ${token}`,
      "session-token": token,
      "x-session-token": token,
      "set-cookie": `${COOKIE}=${token}`,
    };
    const body = { [COOKIE]: token, sessionToken: token, sid: token };
    const attempts = [
      await app.browser().fetch(`/me${query}`),
      await app.browser().fetch(`/me/;${COOKIE}=${token}`),
      await app.browser().fetch("/me", { headers }),
      await app.browser().fetch("/me", { method: "POST", json: body }),
      await app.browser().fetch("/me", { method: "POST", form: body }),
      // Other names of cookies, and one that only ends like ours.
      await app.browser().fetch("/me", {
        headers: {
          cookie: `sessionToken=${token}; sid=${token}; x${COOKIE}=${token}; ${COOKIE.toLowerCase()}=${token}`,
        },
      }),
    ];
    for (const { status } of attempts) expect([401, 404]).toContain(status);
    expect((await withCookie("/me", token)).status).toBe(200);
  });

  it("08 fixation: a session planted before the login is not the user's afterwards, and is dead", async () => {
    const attacker = await app.loggedIn({ userId: "attacker" });
    const planted = await tokenOf(attacker);
    const victim = app.browser();
    await victim.setCookie(`${COOKIE}=${planted}; Path=/; Secure`);
    await victim.fetch("/login", { json: { userId: "victim" }, headers: { cookie: `${COOKIE}=${planted}` } });
    const own = await tokenOf(victim);
    expect(own).not.toBe(planted);
    expect((await withCookie("/me", own)).json()).toMatchObject({ session: { userId: "victim" } });
    expect((await withCookie("/me", planted)).json()).toMatchObject({ reason: "LoggedOut" });
    // An invented one is not adopted either.
    const invented = planted.replace(/.{43}$/, "A".repeat(43));
    const { setCookies } = await app
      .browser()
      .fetch("/login", { json: { userId: "victim" }, headers: { cookie: `${COOKIE}=${invented}` } });
    expect(setCookies.join()).not.toContain(invented);
    expect((await withCookie("/me", invented)).status).toBe(401);
  });

  it("08 re-authentication gives a new token, and the one before is dead", async () => {
    const browser = await app.loggedIn({ userId: "ada", tags: ["role:user"] });
    const before = await tokenOf(browser);
    expect((await browser.fetch("/reauthenticate", { method: "POST" })).json()).toMatchObject({
      userId: "ada",
      tags: ["role:user"],
    });
    const after = await tokenOf(browser);
    expect(after).not.toBe(before);
    expect((await withCookie("/me", before)).status).toBe(401);
    expect((await withCookie("/me", after)).status).toBe(200);
  });

  it("09 after the logout a copy of the cookie opens nothing, on another server of the app neither", async () => {
    const other = await startSessionsApp({ sidecarUrl: (await startTestSidecar({ database: sidecar.database })).url });
    const browser = await app.loggedIn();
    const copy = await tokenOf(browser);
    expect((await browser.fetch("/session/logout", { method: "POST" })).status).toBe(204);
    for (const server of [app, other]) {
      const answer = await server.browser().fetch("/me", { headers: { cookie: `${COOKIE}=${copy}` } });
      expect(answer).toMatchObject({ status: 401 });
      expect(answer.json()).toMatchObject({ reason: "LoggedOut" });
    }
  });

  it("12 a browser that ignores Max-Age is refused by the server, and told to forget", async () => {
    const short = await startTestSidecar({ config: { defaults: { absolute_lifetime_secs: 600 } } });
    const server = await startSessionsApp({ sidecarUrl: short.url });
    const browser = await server.loggedIn();
    const kept = await tokenOf(browser);
    await short.advance(601);
    const answer = await server.browser().fetch("/me", { headers: { cookie: `${COOKIE}=${kept}` } });
    expect(answer.json()).toMatchObject({ reason: "Expired" });
    expect(answer.setCookies).toEqual([expect.stringMatching(CLEARED)]);
  });

  it("14 a user lists and ends own sessions only; another's id is 404 and lives", async () => {
    const mallory = await app.loggedIn({ userId: "mallory" });
    const victim = await app.loggedIn({ userId: "victim-14" });
    const { session } = (await victim.fetch("/me")).json<{ session: { sessionId: string } }>();
    const listed = (await mallory.fetch("/session/list")).text;
    expect(listed).not.toContain(session.sessionId);
    expect(listed).not.toContain("byo_sess_");
    const foreign = await mallory.fetch(`/session/${session.sessionId}`, { method: "DELETE" });
    const unknown = await mallory.fetch("/session/00000000-0000-4000-8000-000000000000", { method: "DELETE" });
    expect(foreign.status).toBe(404);
    expect(foreign.text).toBe(unknown.text);
    for (const path of [
      "/session/%2e%2e",
      "/session/*",
      "/session/..%2flist",
      "/session/__proto__",
      "/session/constructor",
    ]) {
      expect((await mallory.fetch(path, { method: "DELETE" })).status, path).toBe(404);
    }
    expect((await victim.fetch("/me")).status).toBe(200);
  });

  it("18 without its sidecar the app answers 503, keeps the cookie and runs no handler", async () => {
    const lonely = await startTestSidecar({ database: sidecar.database });
    const server = await startSessionsApp({ sidecarUrl: lonely.url });
    const browser = await server.loggedIn();
    await lonely.stop();
    for (const path of ["/me", "/open"]) {
      const answer = await browser.fetch(path);
      expect(answer).toMatchObject({ status: 503, setCookies: [] });
      expect(answer.json()).toEqual({ errorType: "Unavailable", reason: "SidecarUnavailable" });
    }
  });

  it("40 and 42: every Set-Cookie has its attributes, and no answer with one can be stored", async () => {
    const answers: [what: string, BrowserAnswer][] = [];
    const browser = app.browser();
    answers.push(["login", await browser.fetch("/login", { json: { userId: "ada" } })]);
    await sidecar.advance(3601);
    answers.push(["rotation", await browser.fetch("/cached")]);
    await browser.fetch("/me");
    await sidecar.advance(3601);
    answers.push(["rotation on a failure", await browser.fetch("/throws")]);
    await browser.fetch("/me");
    answers.push(["re-authentication", await browser.fetch("/reauthenticate", { method: "POST" })]);
    const token = await tokenOf(browser);
    answers.push(["logout", await browser.fetch("/session/logout", { method: "POST" })]);
    answers.push(["a dead cookie", await withCookie("/cached", token)]);
    answers.push(["an invented cookie", await withCookie("/me", "nonsense")]);
    const leaving = await app.loggedIn();
    answers.push(["logout and a failure", await leaving.fetch("/logout-and-throw", { method: "POST" })]);

    const lines = answers.flatMap(([, { setCookies }]) => setCookies);
    expect(lines.filter((line) => SET.test(line))).toHaveLength(4);
    expect(lines.filter((line) => CLEARED.test(line))).toHaveLength(4);
    expect(lines).toHaveLength(8);
    for (const [what, { headers, setCookies }] of answers) {
      expect(setCookies, what).toHaveLength(1);
      expect(headers["cache-control"], what).toBe("private, no-store");
      expect(String(headers.vary).toLowerCase(), what).toContain("cookie");
      expect(headers, what).not.toHaveProperty("cdn-cache-control");
    }
    // Nothing is due for rotation: an ordinary request sets no cookie, and may be cached as the app says.
    const plain = await (await app.loggedIn()).fetch("/cached");
    expect(plain.setCookies).toEqual([]);
    expect(plain.headers["cache-control"]).toBe("public, max-age=3600");
  });

  it("42 a guard's refusal and every ready-made route are not stored either", async () => {
    const browser = await app.loggedIn();
    const answers = [
      await app.browser().fetch("/me"),
      await browser.fetch("/session"),
      await browser.fetch("/session/list"),
      await browser.fetch("/session/logout"),
      await app.browser().fetch("/session/list"),
      await browser.fetch("/me", { method: "POST", site: "cross-site" }),
    ];
    for (const { headers, status } of answers) expect(headers["cache-control"], String(status)).toContain("no-store");
  });

  it("41 production refuses secure: false and cookies that browsers would drop", () => {
    const connection = { url: "http://127.0.0.1:1", integrationKey: "api_x" };
    const before = process.env.NODE_ENV;
    process.env.NODE_ENV = "production";
    try {
      for (const cookie of [
        { secure: false },
        { secure: false, name: "sid" },
        { name: "__Host-sid", path: "/app" },
        { name: "__Host-sid", domain: "example.com" },
        { name: "__Secure-sid", secure: false },
        { sameSite: "none" as const, secure: false },
      ]) {
        expect(() => byoSession({ ...connection, cookie }), JSON.stringify(cookie)).toThrow(ConfigurationError);
      }
      expect(() => byoSession(connection)).not.toThrow();
    } finally {
      process.env.NODE_ENV = before;
    }
  });
});
