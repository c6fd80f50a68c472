import { corsHeaders } from "@byo-session/express";
import { beforeAll, describe, expect, test } from "vitest";
import { startTestSidecar, type TestSidecar } from "../harness/test-sidecar.ts";
import { COOKIE, type SessionsApp, startSessionsApp } from "./sessions-app.ts";

let sidecar: TestSidecar;
let app: SessionsApp;

beforeAll(async () => {
  sidecar = await startTestSidecar();
  app = await startSessionsApp({
    sidecarUrl: sidecar.url,
    options: { bearer: true, trustedOrigins: ["https://spa.example"] },
    routes: (router) => {
      router.use("/api", (req, res, next) => {
        res.set(corsHeaders(req));
        next();
      });
      router.get("/api/me", (req, res) => res.json({ session: req.session }));
      router.post("/api/again", (req, res, next) => {
        req.byo.reauthenticate().then(() => res.sendStatus(204), next);
      });
      router.post("/api/logout", (req, res, next) => {
        req.byo.logout().then(() => res.sendStatus(204), next);
      });
    },
  });
});

async function loginAsApi(): Promise<string> {
  const answer = await app.browser().fetch("/login", { json: { userId: "ada", via: "bearer" } });
  expect(answer.setCookies).toEqual([]);
  expect(answer.headers["cache-control"]).toBe("private, no-store");
  return String(answer.headers["session-token"]);
}

function ask(path: string, token: string, method = "GET") {
  return app.browser().fetch(path, { method, headers: { authorization: `Bearer ${token}` } });
}

describe("bearer: true", () => {
  test("the token works from the header, and a successor travels in Session-Token, never as a cookie", async () => {
    const token = await loginAsApi();
    const plain = await ask("/me", token);
    expect(plain.json()).toMatchObject({ session: { userId: "ada" } });
    expect(plain.headers).not.toHaveProperty("session-token");
    await sidecar.advance(3700);
    const rotated = await ask("/me", token);
    const successor = String(rotated.headers["session-token"]);
    expect(successor).toMatch(/^byo_sess_/);
    expect(successor).not.toBe(token);
    expect(rotated.setCookies).toEqual([]);
    expect(rotated.headers["cache-control"]).toBe("private, no-store");
    expect((await ask("/me", successor)).status).toBe(200);
  });

  test("a Bearer request is exempt from the cross-site rule, but not with a cookie beside it", async () => {
    const token = await loginAsApi();
    const crossSite = { method: "POST", site: "cross-site" } as const;
    const bearer = await app.browser().fetch("/me", { ...crossSite, headers: { authorization: `Bearer ${token}` } });
    expect(bearer.status).toBe(200);
    const both = { authorization: `Bearer ${token}`, cookie: `${COOKIE}=${token}` };
    expect((await app.browser().fetch("/me", { ...crossSite, headers: both })).status).toBe(403);
    expect((await app.browser().fetch("/me", crossSite)).status).toBe(403);
  });

  test("re-authentication and log-out go the way the token came", async () => {
    const token = await loginAsApi();
    const again = await ask("/api/again", token, "POST");
    expect(again.setCookies).toEqual([]);
    const fresh = String(again.headers["session-token"]);
    expect((await ask("/me", token)).json()).toMatchObject({ reason: "LoggedOut" });
    const out = await ask("/api/logout", fresh, "POST");
    expect([out.status, out.setCookies]).toEqual([204, []]);
    expect((await ask("/me", fresh)).status).toBe(401);
  });

  test("a refused Bearer token sets and clears no cookie", async () => {
    const answer = await ask("/open", "some.other.jwt");
    expect(answer.json()).toEqual({ session: null });
    expect(answer.setCookies).toEqual([]);
  });

  test("corsHeaders names a trusted origin only, letter by letter", async () => {
    const from = (origin?: string) => app.browser().fetch("/api/me", { headers: { origin } });
    const trusted = await from("https://spa.example");
    expect(trusted.headers).toMatchObject({
      "access-control-allow-origin": "https://spa.example",
      "access-control-allow-credentials": "true",
      vary: "Origin",
    });
    expect(trusted.headers["access-control-expose-headers"]).toContain("Session-Token");
    for (const origin of ["https://spa.example.evil", "https://evil.example", "null", undefined]) {
      expect((await from(origin)).headers).not.toHaveProperty("access-control-allow-origin");
    }
  });
});
