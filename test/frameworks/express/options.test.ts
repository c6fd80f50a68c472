import { byoSession } from "@byo-session/express";
import { beforeAll, describe, expect, test } from "vitest";
import { startTcpProxy } from "../../harness/tcp-proxy.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { COOKIE, startSessionsApp } from "./sessions-app.ts";

let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar();
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

describe("a sidecar that gives no answer", () => {
  test("the sidecar is frozen: 503 at the deadline", async () => {
    const proxy = await startTcpProxy(Number(new URL(sidecar.url).port));
    const frozen = await startSessionsApp({
      sidecarUrl: `http://127.0.0.1:${proxy.port}`,
      options: { timeoutMs: 200 },
    });
    const browser = await frozen.loggedIn();
    proxy.freeze();
    const startedMs = performance.now();
    const answer = await browser.fetch("/me");
    const tookMs = performance.now() - startedMs;
    expect(answer.status).toBe(503);
    expect(tookMs).toBeGreaterThan(190);
    expect(tookMs).toBeLessThan(1500);
    proxy.thaw();
    expect((await browser.fetch("/me")).status).toBe(200);
  });

  test("a wrong integration key is our own fault, not the user's: 503", async () => {
    const { url } = sidecar;
    const misconfigured = await startSessionsApp({
      sidecarUrl: url,
      options: { url, integrationKey: `api_${"x".repeat(40)}` },
    });
    const app = await startSessionsApp({ sidecarUrl: url });
    const token = await (await app.loggedIn()).cookie(COOKIE);
    const answer = await misconfigured.browser().fetch("/open", { headers: { cookie: `${COOKIE}=${token}` } });
    expect(answer.status).toBe(503);
    expect(answer.setCookies).toEqual([]);
  });
});

test("the options are checked when the app starts", () => {
  expect(() => byoSession({ url: sidecar.url, integrationKey: "api_x", timeout: 5 } as object)).toThrow(
    /unknown option/,
  );
});
