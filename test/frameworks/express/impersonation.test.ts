import { once } from "node:events";
import { createClient, type UpgradeResult } from "@byo-session/core";
import { authenticateUpgrade, requireSession } from "@byo-session/express";
import { createClient as createPublicClient } from "@propelauth/byo-node";
import type { Response } from "express";
import { beforeAll, describe, expect, test } from "vitest";
import { askForSocket } from "../../harness/ask-for-socket.ts";
import { createDeviceKey } from "../../harness/device-key.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { createDeviceBrowser, PUBLIC_URL } from "../conformance/device-browser.ts";
import { answerUpgrades } from "../conformance/hosts/answer-upgrades.ts";
import { COOKIE, type MiddlewareOptions, startSessionsApp } from "./sessions-app.ts";

const IMPERSONATION = `${COOKIE}-impersonation`;
const EMPLOYEE = "ada@support.example";

let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar({
    configFiles: {
      "user_impersonation.jsonc": { enabled: true, who_can_impersonate: { allowed_employee_emails: [EMPLOYEE] } },
    },
  });
});

async function startApp(options: MiddlewareOptions = {}) {
  const tell = (res: Response, work: Promise<unknown>) =>
    work.then(
      (value) => void res.json({ value }),
      ({ code, reason, message }) => void res.status(400).json({ code, reason, message }),
    );
  const app = await startSessionsApp({
    sidecarUrl: sidecar.url,
    options,
    routes: (routes) => {
      routes.post("/impersonate", (req, res) => {
        void tell(res, req.byo.impersonate({ employeeEmail: EMPLOYEE, targetUserId: "customer", ...req.body }));
      });
      routes.post("/stop", (req, res) => void tell(res, req.byo.stopImpersonating()));
      routes.get("/watch", (req, res) => void tell(res, (async () => req.byo.watch({}))()));
      routes.get("/list", (req, res) => void tell(res, req.byo.listSessions()));
      const allowed = requireSession({ impersonation: "allow" });
      routes.post("/two-guards", allowed, requireSession(), (req, res) => void res.json({ session: req.session }));
      routes.post("/late", async (req, res) => {
        res.flushHeaders();
        const code = await req.byo
          .impersonate({ employeeEmail: EMPLOYEE, targetUserId: "late" })
          .then(String, (e) => e.code);
        res.end(code);
      });
    },
  });
  return app;
}

async function impersonating(options?: MiddlewareOptions) {
  const app = await startApp(options);
  const browser = await app.loggedIn();
  const answer = await browser.fetch("/impersonate", { json: {} });
  if (answer.status !== 200) throw new Error(answer.text);
  return { app, browser };
}

describe("where an employee acts as a user", () => {
  test("no WebSocket opens, and nothing is watched", async () => {
    const { app, browser } = await impersonating();
    answerUpgrades(app.server, (req) => authenticateUpgrade(req, { sessions: app.sessions }));
    const cookie = `${COOKIE}=${await browser.cookie(COOKIE)}; ${IMPERSONATION}=${await browser.cookie(IMPERSONATION)}`;
    const [answer] = await once(askForSocket(app.url, "/socket", { cookie }), "data");
    expect(answer).toMatch(/^HTTP\/1.1 403 .*"reason":"ImpersonationReadOnly"/s);
    expect((await browser.fetch("/watch")).json()).toMatchObject({
      code: "ERR_REFUSED",
      reason: "ImpersonationRefused",
    });
    await browser.fetch("/stop", { method: "POST" });
    expect((await browser.fetch("/watch")).json()).not.toHaveProperty("code");
  });

  test("no socket opens where it may change something either, nor over polling", async () => {
    const { app, browser } = await impersonating({ impersonation: "allow" });
    const cookie = `${COOKIE}=${await browser.cookie(COOKIE)}; ${IMPERSONATION}=${await browser.cookie(IMPERSONATION)}`;
    for (const upgrade of ["websocket", "none"]) {
      const opened = new Promise<UpgradeResult>((resolve) => {
        app.server.once("upgrade", async (req, socket) => {
          resolve(await authenticateUpgrade(req, { sessions: app.sessions }));
          socket.destroy();
        });
      });
      askForSocket(app.url, "/socket", { cookie, upgrade });
      expect(await opened).toMatchObject({ ok: false, status: 403, reason: "ImpersonationRefused" });
    }
  });

  test("the user's sessions are listed, and none is the current one", async () => {
    const app = await startApp();
    const customer = await app.loggedIn({ userId: "customer-with-sessions" });
    const browser = await app.loggedIn();
    await browser.fetch("/impersonate", { json: { targetUserId: "customer-with-sessions" } });
    const { value } = (await browser.fetch("/list")).json<{ value: { current: boolean }[] }>();
    expect(value).toMatchObject([{ current: false }]);
    expect((await customer.fetch("/me")).status).toBe(200);
  });

  test("a guard that allows it opens those behind it that say nothing", async () => {
    const { browser } = await impersonating();
    const answer = await browser.fetch("/two-guards", { method: "POST" });
    expect(answer.json()).toMatchObject({ session: { userId: "customer" } });
  });
});

describe("it stops", () => {
  test("where the session is loaded only when it is asked for", async () => {
    const { browser } = await impersonating({ lazy: true });
    const stopped = await browser.fetch("/stop", { method: "POST" });
    expect(stopped.json()).toMatchObject({ value: { userId: expect.stringMatching(/^user-/) } });
    expect(await browser.cookie(IMPERSONATION)).toBeUndefined();
  });

  test("without a proof of the employee's device, and shows no session that needs one", async () => {
    const options = { publicUrl: PUBLIC_URL, routes: { prefix: "/session" } };
    const app = await startApp(options);
    const browser = createDeviceBrowser({ browser: () => app.browser() }, createDeviceKey());
    for (const path of ["/stop", "/session/stop-impersonating"]) {
      await browser.prove("/login", { json: { userId: "employee" } });
      await browser.prove("/me");
      const started = await browser.prove("/impersonate", { json: { targetUserId: "looked-at" } });
      expect(started.json()).toMatchObject({ value: { userId: "looked-at" } });
      const { status, text } = await browser.fetch(path, { method: "POST" });
      expect([status, text]).toEqual(path === "/stop" ? [200, '{"value":null}'] : [204, ""]);
      expect(await browser.cookie(IMPERSONATION)).toBeUndefined();
      expect((await browser.prove("/me")).json()).toMatchObject({ session: { userId: "employee" } });
    }
    const { sessions } = await sidecar.run("FetchAllImpersonationSessionsForUser", { userId: "looked-at" });
    expect(sessions).toEqual([]);
  });
});

describe("it cannot start", () => {
  test("after the headers are sent", async () => {
    const app = await startApp();
    const browser = await app.loggedIn();
    expect((await browser.fetch("/late", { method: "POST" })).text).toBe("ERR_HEADERS_SENT");
    const { sessions } = await sidecar.run("FetchAllImpersonationSessionsForUser", { userId: "late" });
    expect(sessions).toEqual([]);
  });

  test("from a Bearer session", async () => {
    const app = await startApp({ bearer: true });
    const client = app.browser();
    const login = await client.fetch("/login", { json: { userId: "eve", via: "bearer" } });
    const headers = { authorization: `Bearer ${login.headers["session-token"]}` };
    const answer = await client.fetch("/impersonate", { json: {}, headers });
    expect([answer.json(), answer.setCookies]).toMatchObject([{ reason: "ImpersonationRefused" }, []]);
  });

  test("where the client's address is not known", async () => {
    const app = await startApp({ clientIp: () => undefined });
    const answer = await (await app.loggedIn()).fetch("/impersonate", { json: {} });
    expect(answer.json()).toMatchObject({ reason: "IpAddressError", message: expect.stringContaining("clientIp") });
  });

  test("with a client that cannot", async () => {
    const { impersonation: _none, ...client } = createClient({
      url: sidecar.url,
      integrationKey: sidecar.integrationKey,
    });
    const answer = await (await (await startApp({ client })).loggedIn()).fetch("/impersonate", { json: {} });
    expect(answer.json()).toMatchObject({ code: "ERR_SIDECAR_UNAVAILABLE" });
  });
});

test("with PropelAuth's public client", async () => {
  const client = createPublicClient({ url: sidecar.url, integrationKey: sidecar.integrationKey });
  const { app, browser } = await impersonating({ client });
  expect((await browser.fetch("/me")).json()).toMatchObject({ session: { impersonator: { employeeEmail: EMPLOYEE } } });
  const other = await app.loggedIn({ userId: "other" });
  await other.setCookie(`${IMPERSONATION}=${await browser.cookie(IMPERSONATION)}; Path=/; Secure; HttpOnly`);
  expect((await other.fetch("/me")).json()).toMatchObject({ session: { userId: "other" } });
  await browser.fetch("/stop", { method: "POST" });
  expect((await browser.fetch("/me")).json()).not.toHaveProperty("session.impersonator");
});

test("an impersonation that another program has started is not the middleware's to believe", async () => {
  const app = await startApp();
  const browser = await app.loggedIn();
  const created = await sidecar.run("CreateImpersonationSession", {
    ...{ employeeEmail: EMPLOYEE, targetUserId: "customer", ipAddress: "127.0.0.1" },
    userAgent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/149.0.0.0 Safari/537.36",
  });
  await browser.setCookie(`${IMPERSONATION}=${created.impersonationSessionToken}; Path=/; Secure; HttpOnly`);
  const { session } = (await browser.fetch("/me")).json<{ session: { userId: string } }>();
  expect(session.userId).not.toBe("customer");
});

test("a sidecar that does not know the employee's session: the impersonation still counts beside no other", async () => {
  const real = createClient({ url: sidecar.url, integrationKey: sidecar.integrationKey });
  const impersonation = {
    create: ({ employeeSessionId: _unknown, ...data }: Parameters<typeof real.impersonation.create>[0]) =>
      real.impersonation.create(data),
    validate: ({ employeeSessionId: _unknown, ...data }: Parameters<typeof real.impersonation.validate>[0]) =>
      real.impersonation.validate(data),
    invalidateByToken: real.impersonation.invalidateByToken,
  };
  const { app, browser } = await impersonating({ client: { ...real, impersonation } });
  expect((await browser.fetch("/me")).json()).toMatchObject({ session: { userId: "customer" } });
  const other = await app.loggedIn({ userId: "another" });
  await other.setCookie(`${IMPERSONATION}=${await browser.cookie(IMPERSONATION)}; Path=/; Secure; HttpOnly`);
  expect((await other.fetch("/me")).json()).toMatchObject({ session: { userId: "another" } });
});
