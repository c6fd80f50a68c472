import { beforeAll, describe, expect, test } from "vitest";
import type { BrowserClient } from "../harness/browser-client.ts";
import { startTestSidecar, type TestSidecar } from "../harness/test-sidecar.ts";
import { COOKIE, type SessionsApp, startSessionsApp } from "./sessions-app.ts";

let sidecar: TestSidecar;
let app: SessionsApp;

beforeAll(async () => {
  sidecar = await startTestSidecar();
  app = await startSessionsApp({
    sidecarUrl: sidecar.url,
    options: {
      cookie: {
        name: "sid",
        domain: "127.0.0.1",
        previous: [{ name: COOKIE }, { domain: "old.example", path: "/app" }],
      },
    },
    routes: (express) =>
      express.post("/logout", (req, res, next) => {
        req.byo.logout().then(() => res.sendStatus(204), next);
      }),
  });
});

async function tokenOf(browser: BrowserClient): Promise<string> {
  const token = await browser.cookie("sid");
  if (token === undefined) throw new Error("the browser has no session cookie");
  return token;
}

function ask(path: string, ...tokens: string[]) {
  return app.browser().fetch(path, { headers: { cookie: tokens.map((token) => `sid=${token}`).join("; ") } });
}

/** The tokens of one session over several rotations, oldest first. */
async function tokensOfOneSession(rotations: number): Promise<string[]> {
  const browser = await app.loggedIn();
  const tokens = [await tokenOf(browser)];
  for (let i = 0; i < rotations; i++) {
    await sidecar.advance(3700);
    await browser.fetch("/open");
    tokens.push(await tokenOf(browser));
  }
  await browser.fetch("/open");
  return tokens;
}

const FORGED = `byo_sess_${"A".repeat(22)}.00000001.${"A".repeat(22)}.${"A".repeat(43)}`;

describe("several cookies of one name", () => {
  test("of one session: the newest is taken first, so an older one is never a replay", async () => {
    const [oldest = "", , newest = ""] = await tokensOfOneSession(2);
    await sidecar.advance(120);
    expect((await ask("/me", oldest, newest)).status).toBe(200);
    expect((await ask("/me", newest, oldest)).status).toBe(200);
    expect((await ask("/me", newest)).status).toBe(200);
    // Alone the old one is the replay that ends the session.
    expect((await ask("/me", oldest)).json()).toMatchObject({ reason: "TokenReused" });
  });

  test("a forged newer one does not hide the good one", async () => {
    const token = await tokenOf(await app.loggedIn());
    const forged = token.replace(/\.00000001\.[^.]+\..*/, `.00000009.${"A".repeat(22)}.${"A".repeat(43)}`);
    expect((await ask("/me", forged, token)).status).toBe(200);
  });

  test("two different valid sessions: neither, and both are cleared", async () => {
    const first = await tokenOf(await app.loggedIn());
    const second = await tokenOf(await app.loggedIn());
    const guarded = await ask("/me", first, second);
    expect(guarded.status).toBe(401);
    expect(guarded.json()).toEqual({ errorType: "Unauthorized", reason: "ConflictingCookies" });
    expect(guarded.setCookies).toHaveLength(3);
    const open = await ask("/open", second, first);
    expect(open.json()).toEqual({ session: null });
    expect((await ask("/me", first)).status).toBe(200);
  });

  test("a valid one and one that has ended: the valid one", async () => {
    const ended = await tokenOf(await app.loggedIn());
    await sidecar.run("InvalidateSessionByToken", { sessionToken: ended });
    const token = await tokenOf(await app.loggedIn());
    const answer = await ask("/me", ended, token);
    expect(answer.status).toBe(200);
    expect(answer.setCookies).toEqual([]);
  });

  test("the same value twice is one cookie", async () => {
    const token = await tokenOf(await app.loggedIn());
    expect((await ask("/me", token, token)).status).toBe(200);
  });

  test("at most three are looked at: a hundred cost no more calls", async () => {
    const before = (await sidecar.metrics()).entries();
    const refusals = (entries: Iterable<[string, number]>) =>
      [...entries].filter(([name]) => /refus/i.test(name)).reduce((sum, [, count]) => sum + count, 0);
    const many = Array.from({ length: 100 }, (_, i) =>
      FORGED.replace("AAAA.00000001", `${String(i).padStart(4, "0")}.00000001`),
    );
    const earlier = refusals(before);
    const answer = await ask("/me", ...many);
    expect(answer.status).toBe(401);
    expect(refusals((await sidecar.metrics()).entries()) - earlier).toBe(3);
  });
});

describe("the places of the cookie", () => {
  test("log-out clears every place that is configured", async () => {
    const browser = await app.loggedIn();
    const { setCookies } = await browser.fetch("/logout", { method: "POST" });
    expect(setCookies.map((line) => line.replace(/ Expires=[^;]+;/, ""))).toEqual([
      "sid=; Max-Age=0; Domain=127.0.0.1; Path=/; HttpOnly; Secure; SameSite=Lax",
      `${COOKIE}=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax`,
      "sid=; Max-Age=0; Domain=old.example; Path=/app; HttpOnly; Secure; SameSite=Lax",
    ]);
  });
});
