import { createClient } from "@byo-session/core";
import { byoSession, requireSession } from "@byo-session/express";
import type { Express, NextFunction, Request, Response } from "express";
import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { createBrowserClient } from "../../harness/browser-client.ts";
import { serve } from "../../harness/serve.ts";
import { TEST_INTEGRATION_KEY } from "../../harness/sidecar-environment.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { EXPRESS_VERSIONS, type MiddlewareOptions } from "./sessions-app.ts";

// test/harness/process-guard.ts checks that nothing here ends the process.

let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar();
});

const connection = () => ({ url: sidecar.url, integrationKey: TEST_INTEGRATION_KEY });

function throwsOnPurpose(): never {
  throw new Error("on purpose");
}

async function answerOf(app: Express, method = "GET", headers: Record<string, string> = {}) {
  app.set("env", "test");
  app.use((error: Error, _req: Request, res: Response, next: NextFunction) => {
    if (error.message === "on purpose") res.status(500).send("the app's own page");
    else next(error);
  });
  return createBrowserClient((await serve(app)).url).fetch("/", { method, headers });
}

describe.each(EXPRESS_VERSIONS)("%s: errors are Express's to answer", (_name, create) => {
  test.each<[string, MiddlewareOptions, Record<string, string>?]>([
    ["skip", { skip: throwsOnPurpose }],
    ["clientIp", { clientIp: throwsOnPurpose }],
    ["publicUrl", { publicUrl: throwsOnPurpose }, { origin: "https://elsewhere.example" }],
    ["crossOriginProtection", { crossOriginProtection: throwsOnPurpose }],
    ["legacySession", { legacySession: throwsOnPurpose }],
    ["a legacySession that rejects", { legacySession: async () => throwsOnPurpose() }],
  ])("a function of the app's own throws: %s", async (_option, options, headers = {}) => {
    const app = create();
    app.use(byoSession({ ...connection(), ...options }));
    app.use((_req, res) => void res.send("handled"));
    const answer = await answerOf(app, "POST", { cookie: "__Host-sessionToken=x.y", ...headers });
    // Of this token the sidecar is asked, with the client's address, only where it could be one.
    if (answer.status !== 200) expect([answer.status, answer.text]).toEqual([500, "the app's own page"]);
    else expect(_option).toBe("clientIp");
  });

  test("an async handler in the documented style: the action's answer, not the process's end", async () => {
    const app = create();
    app.use(byoSession(connection()));
    app.get("/", async (req, res) => {
      res.json(await req.byo.listSessions());
    });
    const answer = await answerOf(app);
    expect([answer.status, answer.json()]).toEqual([401, { errorType: "Unauthorized", reason: "NoSession" }]);
  });

  test("an async handler, middleware and error handler that reject with errors of their own", async () => {
    const later = async () => throwsOnPurpose();
    for (const mount of [
      (app: Express) => app.get("/", later),
      (app: Express) => app.use(later),
      (app: Express) =>
        app.get("/", later).use(async (_error: unknown, _req: Request, _res: Response, _next: NextFunction) => later()),
    ]) {
      const app = create();
      app.use(byoSession(connection()));
      mount(app);
      expect((await answerOf(app)).text).toBe("the app's own page");
    }
  });

  test("an action whose function of the app's own throws", async () => {
    const app = create();
    app.use(byoSession({ ...connection(), publicUrl: throwsOnPurpose }));
    app.get("/", async (req, res) => {
      res.json(await req.byo.login({ userId: "ada" }));
    });
    expect((await answerOf(app, "GET", { dpop: "a proof" })).text).toBe("the app's own page");
  });

  test("a `next` of the app's own that throws gets the error, and the client an answer", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    onTestFinished(() => logged.mockRestore());
    const app = create();
    const sessions = byoSession(connection());
    app.use((req, res) => sessions(req, res, throwsOnPurpose));
    const { status } = await answerOf(app);
    expect([status, logged.mock.calls.length]).toEqual([500, 1]);
  });

  test("a guard's refusal after the headers ends the response", async () => {
    const app = create();
    app.use(byoSession(connection()));
    app.use((_req, res, next) => {
      res.write("head is out");
      next();
    });
    app.get("/", requireSession(), (_req, res) => void res.end(" in"));
    expect((await answerOf(app)).text).toBe("head is out");
  });

  test("used outside of an app: the error says so", async () => {
    const sessions = byoSession(connection());
    const { url } = await serve((req, res) => {
      Reflect.apply(sessions, undefined, [req, res, (error: Error) => res.end(error.message)]);
    });
    expect((await createBrowserClient(url).fetch("/")).text).toContain("expected an Express app");
  });
});

describe("a login is whole, or it is not there", () => {
  /** The real client, of which one call fails. */
  function failing(call: "fetchById" | "invalidateByToken"): NonNullable<MiddlewareOptions["client"]> {
    const client = createClient(connection());
    const failed = async () => ({ ok: false as const, error: { type: "UnexpectedError" } });
    return { ...client, session: { ...client.session, [call]: failed } };
  }

  const userIds = async (userId: string) => (await sidecar.run("FetchAllSessionsForUser", { userId })).sessions.length;

  async function switchUser(userId: string, call: "fetchById" | "invalidateByToken") {
    const { default: express } = await import("express");
    const start = async (options: MiddlewareOptions) => {
      const app = express();
      app.use(byoSession(options));
      app.post("/login/:userId", async (req, res) => void res.json(await req.byo.login({ userId: req.params.userId })));
      app.get("/me", (req, res) => void res.json({ userId: req.session?.userId ?? null }));
      app.use((error: Error & { status?: number }, req: Request, res: Response, _next: NextFunction) => {
        res.status(error.status ?? 500).json({ userId: req.session?.userId ?? null });
      });
      return createBrowserClient((await serve(app)).url);
    };
    const sound = await start(connection());
    const login = await sound.fetch(`/login/${userId}`, { method: "POST" });
    const cookie = login.setCookies[0]?.split(";")[0] ?? "";
    const broken = await start({ client: failing(call) });
    const answer = await broken.fetch(`/login/${userId}-2`, { method: "POST", headers: { cookie } });
    const after = await sound.fetch("/me", { headers: { cookie } });
    return { status: answer.status, set: answer.setCookies, during: answer.json(), after: after.json() };
  }

  test("the new session cannot be read back: the one of before stays, the new one is ended", async () => {
    const before = { userId: "halfway" };
    const result = await switchUser("halfway", "fetchById");
    expect(result).toEqual({ status: 503, set: [], during: before, after: before });
    expect(await userIds("halfway-2")).toBe(0);
  });

  test("the one of before cannot be ended: it is still the browser's", async () => {
    const before = { userId: "stuck" };
    expect(await switchUser("stuck", "invalidateByToken")).toEqual({
      ...{ status: 503, set: [], during: before, after: before },
    });
  });

  test("onNewDevice fails: one line in the log, and the login stands", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    onTestFinished(() => logged.mockRestore());
    const client = createClient(connection());
    // To a user with remembered devices a login without a proof is a new one.
    const fetchRememberedForUser = async () => ({
      ok: true as const,
      data: {
        devices: [
          {
            deviceId: "d",
            device: { displayName: "Chrome", deviceType: "Desktop" as const },
            firstSeenAt: 0,
            lastSeenAt: 0,
          },
        ],
      },
    });
    const device = { ...client.session.device, fetchRememberedForUser };
    const { default: express } = await import("express");
    const app = express();
    app.use(
      byoSession({
        client: { ...client, session: { ...client.session, device } },
        onNewDevice: () => Promise.reject(new Error("no mail\ncan be sent")),
      }),
    );
    app.get("/", async (req, res) => void res.json(await req.byo.login({ userId: "mailed" })));
    const answer = await createBrowserClient((await serve(app)).url).fetch("/");
    expect([answer.status, answer.setCookies.length]).toEqual([200, 1]);
    expect(logged.mock.calls).toEqual([
      ["byo-session: onNewDevice failed, and the login stays valid: Error: no mail can be sent"],
    ]);
  });
});
