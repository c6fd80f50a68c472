import { byoSession } from "@byo-session/express";
import { beforeAll, describe, expect, test } from "vitest";
import { startTestSidecar, type TestSidecar } from "../harness/test-sidecar.ts";
import { COOKIE, type SessionsApp, startSessionsApp } from "./sessions-app.ts";

let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar();
});

/** Lets nobody pass until so many wait. */
function barrier(parties: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let waiting = 0;
  return () => {
    waiting++;
    if (waiting === parties) resolve();
    return promise;
  };
}

async function callsOf(work: () => Promise<unknown>): Promise<number> {
  const count = async () =>
    [...(await sidecar.metrics()).entries()]
      .filter(([name]) => name.startsWith("byo_commands_total") || /commands?_.*count/.test(name))
      .reduce((sum, [, value]) => sum + value, 0);
  const before = await count();
  await work();
  return (await count()) - before;
}

describe("what costs a call", () => {
  let app: SessionsApp;

  beforeAll(async () => {
    app = await startSessionsApp({
      sidecarUrl: sidecar.url,
      options: { skip: (req) => req.path.startsWith("/assets") },
      routes: (router) => router.get("/assets/app.js", (req, res) => res.json({ session: req.session })),
    });
  });

  test("a session is one call; no token, none", async () => {
    const browser = await app.loggedIn();
    expect(await callsOf(() => browser.fetch("/open"))).toBe(1);
    expect(await callsOf(() => app.browser().fetch("/open"))).toBe(0);
  });

  test("skip: none, and no session", async () => {
    const browser = await app.loggedIn();
    expect(
      await callsOf(async () => expect((await browser.fetch("/assets/app.js")).json()).toEqual({ session: null })),
    ).toBe(0);
  });
});

describe("lazy: true", () => {
  let app: SessionsApp;

  beforeAll(async () => {
    app = await startSessionsApp({
      sidecarUrl: sidecar.url,
      options: { lazy: true },
      routes: (router) => {
        router.get("/too-early", (req, res) => {
          try {
            res.json(req.session);
          } catch (error) {
            res.send(Reflect.get(Object(error), "code"));
          }
        });
        router.get("/untouched", (_req, res) => res.send("no session needed"));
        router.get("/loaded", (req, res, next) => {
          req.byo.getSession().then((session) => res.json({ same: session === req.session, session }), next);
        });
        router.get("/ten-times", (req, res, next) => {
          Promise.all(Array.from({ length: 10 }, () => req.byo.getSession())).then(
            (all) => res.json(new Set(all).size),
            next,
          );
        });
        router.get("/after-the-headers", async (req, res) => {
          res.flushHeaders();
          res.end(JSON.stringify(await req.byo.getSession()));
        });
      },
    });
  });

  test("a route that never touches the session costs no call", async () => {
    const browser = await app.loggedIn();
    expect(await callsOf(() => browser.fetch("/untouched"))).toBe(0);
    expect(await callsOf(() => browser.fetch("/ten-times"))).toBe(1);
  });

  test("getSession loads it; reading it before says so", async () => {
    const browser = await app.loggedIn();
    expect((await browser.fetch("/loaded")).json()).toMatchObject({ same: true, session: { tags: [] } });
    expect((await browser.fetch("/me")).status).toBe(200);
    expect((await browser.fetch("/too-early")).text).toBe("ERR_SESSION_NOT_LOADED");
  });

  test("after the headers nothing rotates: the successor could not reach the browser", async () => {
    const browser = await app.loggedIn();
    await sidecar.advance(3700);
    expect((await browser.fetch("/after-the-headers")).json()).toMatchObject({ tags: [] });
    const [row] = await sidecar.sql<{ pending: boolean }>(
      "SELECT next_hash IS NOT NULL AS pending FROM byo.sessions ORDER BY created_at DESC LIMIT 1",
    );
    expect(row?.pending).toBe(false);
  });
});

describe("prefetches are validated and never rotated", () => {
  test.each([
    ["sec-purpose", "prefetch"],
    ["sec-purpose", "prefetch;prerender"],
    ["purpose", "prefetch"],
    ["next-router-prefetch", "1"],
    ["next-router-segment-prefetch", "/_tree"],
  ])("%s: %s", async (name, value) => {
    const app = await startSessionsApp({ sidecarUrl: sidecar.url });
    const browser = await app.loggedIn();
    await sidecar.advance(3700);
    const prefetched = await browser.fetch("/me", { headers: { [name]: value } });
    expect([prefetched.status, prefetched.setCookies]).toEqual([200, []]);
    expect((await browser.fetch("/me")).setCookies).toHaveLength(1);
  });
});

describe("late responses", () => {
  test("a successor that is older than 10 s is dropped, a login is not", { timeout: 30_000 }, async () => {
    const app = await startSessionsApp({
      sidecarUrl: sidecar.url,
      routes: (router) => {
        const slowly = (answer: () => void) => setTimeout(answer, 10_300);
        router.get("/slow", (_req, res) => void slowly(() => res.send("at last")));
        router.get("/slow-login", (req, res, next) => {
          req.byo.login({ userId: "slow" }).then(() => slowly(() => res.send("at last")), next);
        });
      },
    });
    const rotating = await app.loggedIn();
    const ended = await app.loggedIn();
    await sidecar.run("InvalidateSessionByToken", { sessionToken: (await ended.cookie(COOKIE)) ?? "" });
    await sidecar.advance(3700);
    const [slowRotation, slowClearing, slowLogin] = await Promise.all([
      rotating.fetch("/slow"),
      ended.fetch("/slow"),
      app.browser().fetch("/slow-login"),
    ]);
    expect([slowRotation.text, slowRotation.setCookies]).toEqual(["at last", []]);
    expect([slowClearing.text, slowClearing.setCookies]).toEqual(["at last", []]);
    expect(slowLogin.setCookies).toHaveLength(1);
    // What was dropped comes again.
    expect((await rotating.fetch("/open")).setCookies).toHaveLength(1);
  });
});

describe("legacySession", () => {
  let app: SessionsApp;
  const allTenAreHere = barrier(10);

  beforeAll(async () => {
    app = await startSessionsApp({
      sidecarUrl: sidecar.url,
      options: {
        legacySession: async (req) => {
          const legacyId = /old=([^;]+)/.exec(req.get("cookie") ?? "")?.[1];
          if (legacyId === undefined) return null;
          if (legacyId === "ten") await allTenAreHere();
          const authenticatedAt = Math.floor(Date.now() / 1000) - (legacyId.startsWith("aged") ? 30 : 1) * 86_400;
          return { userId: `legacy-${legacyId}`, legacyId, authenticatedAt, tags: ["plan:old"] };
        },
      },
      routes: (router) =>
        router.post("/logout", (req, res, next) => {
          req.byo.logout().then(() => res.sendStatus(204), next);
        }),
    });
  });

  test("turns an old session into a new one, whose life counts from the old login", async () => {
    const browser = app.browser();
    await browser.setCookie("old=one");
    const answer = await browser.fetch("/me");
    expect(answer.status).toBe(200);
    const { session } = answer.json<{
      session: { userId: string; authenticatedAt: number; expiresAt: number; tags: string[] };
    }>();
    expect(session).toMatchObject({ userId: "legacy-one", tags: ["plan:old"] });
    expect(session.expiresAt - session.authenticatedAt).toBe(1_209_600);
    expect(Date.now() / 1000 - session.authenticatedAt).toBeGreaterThan(80_000);
    expect(answer.setCookies).toHaveLength(1);
    expect((await browser.fetch("/me")).json()).toEqual({ session });
  });

  test("once: also after the log-out the old cookie makes no second one", async () => {
    const browser = app.browser();
    await browser.setCookie("old=two");
    await browser.fetch("/me");
    await browser.fetch("/logout", { method: "POST" });
    expect(await browser.cookie(COOKIE)).toBeUndefined();
    const again = await browser.fetch("/me");
    expect(again.status).toBe(401);
    expect(again.json()).toEqual({ errorType: "Unauthorized", reason: "LegacySessionUsed" });
    expect((await sidecar.run("FetchAllSessionsForUser", { userId: "legacy-two" })).sessions).toEqual([]);
  });

  test("ten requests at once share the one new session", async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => app.browser().fetch("/open", { headers: { cookie: "old=ten" } })),
    );
    const ids = answers.map((answer) => answer.json<{ session: { sessionId: string } | null }>().session?.sessionId);
    const { sessions } = await sidecar.run("FetchAllSessionsForUser", { userId: "legacy-ten" });
    expect(sessions).toHaveLength(1);
    expect(ids).toEqual(Array(10).fill(sessions[0]?.sessionId));
  });

  test("an old session whose time is over makes none", async () => {
    const browser = app.browser();
    await browser.setCookie("old=aged");
    expect((await browser.fetch("/me")).json()).toEqual({ errorType: "Unauthorized", reason: "LegacySessionExpired" });
  });
});

test("the options are checked when the app starts", () => {
  expect(() => byoSession({ url: sidecar.url, integrationKey: "api_x", timeout: 5 } as object)).toThrow(
    /no such option/,
  );
});
