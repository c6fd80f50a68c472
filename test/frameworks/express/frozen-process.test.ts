import { randomBytes } from "node:crypto";
import { byoSession, requireSession } from "@byo-session/express";
import express from "express";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type BrowserClient, createBrowserClient } from "../../harness/browser-client.ts";
import { serve } from "../../harness/serve.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { COOKIE } from "./sessions-app.ts";

const FROZEN_SECS = 3600;

let sidecar: TestSidecar;
let browser: BrowserClient;

beforeEach(async () => {
  sidecar = await startTestSidecar({ env: { ENCRYPTION_KEY: randomBytes(32).toString("base64") } });
  const { url, integrationKey } = sidecar;
  const app = express().set("env", "test");
  app.use(byoSession({ url, integrationKey, timeoutMs: 10_000, stateless: { revocationDelaySecs: 60 } }));
  app.post("/login", (req, res, next) => {
    req.byo.login({ userId: "ada" }).then((session) => res.json(session), next);
  });
  app.get("/me", requireSession(), (req, res) => void res.json(req.session));
  app.get("/recent", requireSession({ maxAuthAgeSecs: 600 }), (_req, res) => void res.send("in"));
  browser = createBrowserClient((await serve(app)).url);
  expect((await browser.fetch("/login", { method: "POST" })).status).toBe(200);
});

afterEach(() => void vi.restoreAllMocks());

/** As on a platform that freezes what has nothing to do: the monotonic clock stands still meanwhile. */
async function freeze(): Promise<void> {
  await sidecar.advance(FROZEN_SECS);
  const { now } = Date;
  vi.spyOn(Date, "now").mockImplementation(() => now() + FROZEN_SECS * 1000);
}

it("does not take a login for recent that was so before it was frozen", async () => {
  expect((await browser.fetch("/recent")).status).toBe(200);
  await freeze();
  const answer = await browser.fetch("/recent");
  expect(answer.status).toBe(401);
  expect(answer.json()).toMatchObject({ reason: "ReauthenticationRequired" });
});

it("shows no session by a signed cookie that has expired meanwhile", async () => {
  const isShown = async () => {
    const { status, setCookies } = await browser.fetch("/me");
    return [status, setCookies];
  };
  // From the second one on it shows the session by itself.
  await expect.poll(isShown, { timeout: 10_000 }).toEqual([200, []]);
  await sidecar.run("InvalidateAllSessionsForUser", { userId: "ada" });
  // A thief's: no browser sends an expired cookie.
  const values = await Promise.all([COOKIE, `${COOKIE}-stateless`].map(async (n) => `${n}=${await browser.cookie(n)}`));
  const copied = { headers: { cookie: values.join("; ") }, dropAnswer: true };
  expect((await browser.fetch("/me", copied)).status).toBe(200);
  await freeze();
  const answer = await browser.fetch("/me", copied);
  expect([answer.status, answer.json()]).toMatchObject([401, { reason: "Revoked" }]);
});
