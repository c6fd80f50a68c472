import { createClient, type SessionClient } from "@byo-session/core";
import { byoSession, requireSession } from "@byo-session/express";
import { createClient as createPublicClient } from "@propelauth/byo-node";
import express from "express";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { createBrowserClient } from "../../harness/browser-client.ts";
import { serve } from "../../harness/serve.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";

const TIMEOUT_SECS = 600;
const config = { tags: [{ tag: "test:idle", inactivity_timeout_secs: TIMEOUT_SECS }] };

let sidecar: TestSidecar;
/** Lets applications hold answers. Its clock must not jump. */
let holding: TestSidecar;
beforeAll(async () => {
  [sidecar, holding] = await Promise.all([
    startTestSidecar({ config, env: { SESSION_CACHE: "off" } }),
    startTestSidecar({ config, env: { SESSION_CACHE: "on" } }),
  ]);
});

/** Of another library, by the path of the request. */
const OLD_SESSIONS: Readonly<Record<string, { userId: string; legacyId: string; lifetimeSecs: number }>> = {
  "/old": { userId: "nan", legacyId: "nan", lifetimeSecs: Number.NaN },
  "/aged": { userId: "aged", legacyId: "aged", lifetimeSecs: 600 },
};

async function startApp(change = (client: SessionClient): SessionClient => client, { url, integrationKey } = sidecar) {
  const client = createClient({ url, integrationKey });
  const app = express().set("env", "test");
  app.use(
    express.json(),
    byoSession({ client: change(client), legacySession: ({ path }) => OLD_SESSIONS[path] ?? null }),
  );
  app.post("/login", (req, res, next) => {
    req.byo.login(req.body).then((session) => res.json(session), next);
  });
  app.get("/miscalculated", (req, res, next) => {
    req.byo.login({ userId: "nan", lifetimeSecs: Number.NaN }).then((session) => res.json(session), next);
  });
  app.get(["/old", "/aged"], (req, res) => void res.json(req.session));
  app.get("/open", (req, res) => void res.json(req.session));
  app.get("/poll", requireSession({ activity: false }), (_req, res) => void res.send("in"));
  // A guard of the whole part, and the route's own behind it, after a while.
  const later = express.Router().use(requireSession(), (_req, _res, next) => void setTimeout(next, 50));
  later.get("/poll", requireSession({ activity: false }), (_req, res) => void res.send("in"));
  app.use("/later", later);
  app.get("/stream", (_req, res) => void res.write("begun"));
  app.use((error: Error & { status?: number }, _req: express.Request, res: express.Response, _next: unknown) => {
    res.status(error.status ?? 500).send(error.message);
  });
  const browser = createBrowserClient((await serve(app)).url);
  return {
    browser,
    async login(tags: string[]) {
      const answer = await browser.fetch("/login", { json: { userId: crypto.randomUUID(), tags } });
      return answer.json<{ sessionId: string }>();
    },
  };
}

async function counted(command: string): Promise<number> {
  const found = [...(await holding.metrics())].filter(
    ([name]) => name.startsWith("byo_command_duration_seconds_count") && name.includes(`"${command}"`),
  );
  return found.reduce((sum, [, value]) => sum + value, 0);
}

async function lastUse(sessionId: string): Promise<number> {
  return (await sidecar.run("FetchSessionById", { sessionId })).lastActivityAt;
}

describe("a request that counts when its response begins", () => {
  it("costs one or two commands for all that one held answer serves; polling costs none", async () => {
    const { browser, login } = await startApp((client) => client, holding);
    await login(["test:idle"]);
    const before = await counted("NoteActivity");
    for (let polls = 0; polls < 10; polls++) expect((await browser.fetch("/poll")).status).toBe(200);
    expect((await counted("NoteActivity")) - before).toBe(0);
    for (let uses = 0; uses < 20; uses++) expect((await browser.fetch("/open")).status).toBe(200);
    await vi.waitFor(async () => expect((await counted("NoteActivity")) - before).toBeGreaterThanOrEqual(1));
    // On a busy machine an answer may be held less long, and asked for again.
    const asked = await counted("ValidateAndRefreshSession");
    expect((await counted("NoteActivity")) - before).toBeLessThanOrEqual(2 * asked);
    expect((await counted("NoteActivity")) - before).toBeLessThan(20);
  });

  it("costs no command where the session has no inactivity timeout", async () => {
    const { browser, login } = await startApp((client) => client, holding);
    await login([]);
    const before = await counted("NoteActivity");
    for (let uses = 0; uses < 5; uses++) await browser.fetch("/open");
    expect((await counted("NoteActivity")) - before).toBe(0);
  });

  it("does not count if any guard says so, however late; a stream counts as it begins", async () => {
    const { browser, login } = await startApp();
    const { sessionId } = await login(["test:idle"]);
    const first = await lastUse(sessionId);
    await sidecar.advance(60);
    expect((await browser.fetch("/later/poll")).text).toBe("in");
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await lastUse(sessionId)).toBe(first);
    void browser.fetch("/stream").catch(() => undefined);
    await vi.waitFor(async () => expect(await lastUse(sessionId)).toBeGreaterThan(first));
  });
});

describe("a sidecar that does not know activity", () => {
  /** As an older one: it ignores the field. */
  function asOlder({ session, ...client }: SessionClient): SessionClient {
    const { noteActivity: _unknown, validate, validateAndRefresh, create, ...rest } = session;
    return {
      ...client,
      session: {
        ...rest,
        create: ({ lifetimeSecs: _ignored, ...data }) => create(data),
        validate: ({ activity: _ignored, ...data }) => validate(data),
        validateAndRefresh: ({ activity: _ignored, ...data }) => validateAndRefresh(data),
      },
    };
  }

  it("makes the guard fail, and says what to do; other requests work as ever", async () => {
    const { browser, login } = await startApp(({ holds: _none, ...client }) => asOlder(client));
    const { sessionId } = await login(["test:idle"]);
    const first = await lastUse(sessionId);
    const refused = await browser.fetch("/poll");
    expect([refused.status, refused.text]).toEqual([500, expect.stringContaining("use @byo-session/sidecar")]);
    await sidecar.advance(60);
    expect((await browser.fetch("/open")).status).toBe(200);
    expect(await lastUse(sessionId)).toBeGreaterThan(first);
  });

  it("makes a login with a lifetime of its own fail, and leaves no session behind", async () => {
    const { browser } = await startApp(({ holds: _none, ...client }) => asOlder(client));
    const answer = await browser.fetch("/login", { json: { userId: "short", lifetimeSecs: 60 } });
    expect([answer.status, answer.setCookies]).toEqual([503, []]);
    expect(await sidecar.run("FetchAllSessionsForUser", { userId: "short" })).toEqual({ sessions: [] });
  });
});

describe("a lifetime that the application has miscalculated", () => {
  it.each([
    ["a login", "/miscalculated"],
    ["an old session", "/old"],
  ])("lets %s make no session, whichever client sends it", async (_whose, path) => {
    const { url, integrationKey } = sidecar;
    for (const change of [(client: SessionClient) => client, () => createPublicClient({ url, integrationKey })]) {
      const { browser } = await startApp(change);
      expect((await browser.fetch(path)).setCookies).toEqual([]);
      expect(await sidecar.run("FetchAllSessionsForUser", { userId: "nan" })).toEqual({ sessions: [] });
    }
  });

  it("is counted from the login where an old session has one", async () => {
    const { browser } = await startApp();
    const { createdAt, expiresAt } = (await browser.fetch("/aged")).json<{ createdAt: number; expiresAt: number }>();
    expect(expiresAt - createdAt).toBe(600);
  });
});
