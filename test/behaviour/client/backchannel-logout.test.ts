import { once } from "node:events";
import { request } from "node:http";
import type { ByoSessionOptions } from "@byo-session/core";
import { byoSession, requireSession } from "@byo-session/express";
import express, { type Express, type Request, type RequestHandler } from "express";
import { beforeAll, describe, expect, it } from "vitest";
import { type BrowserClient, createBrowserClient } from "../../harness/browser-client.ts";
import { LOGOUT_EVENT, type OpenIdProvider, startOpenIdProvider } from "../../harness/openid-provider.ts";
import { serve } from "../../harness/serve.ts";
import { startTcpProxy } from "../../harness/tcp-proxy.ts";
import { startTestReplicas, type TestSidecar } from "../../harness/test-sidecar.ts";

const PATH = "/session/backchannel-logout";
const CROWD = 2300;

let replicas: TestSidecar[];
let provider: OpenIdProvider;
let apps: string[];

beforeAll(async () => {
  replicas = await startTestReplicas(2);
  provider = await startOpenIdProvider();
  apps = await Promise.all(replicas.map((sidecar) => startApp(sidecar, provider)));
});

interface AppOptions extends Partial<ByoSessionOptions<Request>> {
  before?: RequestHandler;
}

async function startApp(
  sidecar: Pick<TestSidecar, "url" | "integrationKey">,
  ofApp: OpenIdProvider,
  more: AppOptions = {},
) {
  const { before, ...options } = more;
  const { url, integrationKey } = sidecar;
  const app: Express = express().set("env", "test");
  if (before) app.use(before);
  app.use(byoSession({ url, integrationKey, routes: { backchannelLogout: ofApp.settings }, ...options }));
  app.post("/login", express.json(), async ({ byo, body }: Request, res) => void res.json(await byo.login(body)));
  app.post("/again", async (req, res) => void res.json(await req.byo.reauthenticate()));
  app.get("/me", requireSession(), (req, res) => void res.json(req.session));
  return (await serve(app)).url;
}

let users = 0;

/** A browser of a user of its own, by what the provider says about the user. */
async function logIn(app = apps[0] ?? "", by = provider, sid?: string) {
  const browser = createBrowserClient(app);
  const sub = `sub-${users++}`;
  const oidc = { iss: by.settings.issuer, sub, ...(sid !== undefined && { sid }), email: "is ignored" };
  expect((await browser.fetch("/login", { json: { userId: "everyone", oidc } })).status).toBe(200);
  return { browser, sub };
}

async function post(app: string, token: string) {
  const answer = await fetch(`${app}${PATH}`, { method: "POST", body: new URLSearchParams({ logout_token: token }) });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

const isLiving = async (browser: BrowserClient) => (await browser.fetch("/me")).status === 200;

describe("what the provider is told", () => {
  const claims: [name: string, claims: object, told: RegExp][] = [
    ["another issuer", { iss: "https://evil.example" }, /another issuer/],
    ["another audience", { aud: "another" }, /claim aud/],
    ["no audience", { aud: undefined }, /claim aud/],
    ["expired", { iat: 1, exp: 2 }, /expired/],
    ["a lifetime of a month", { exp: Math.floor(Date.now() / 1000) + 30 * 86_400 }, /lifetime/],
    ["no expiry", { exp: undefined }, /claim exp/],
    ["no date", { iat: undefined }, /claim iat/],
    ["no id", { jti: undefined }, /claim jti/],
    ["an empty id", { jti: "" }, /jti to be text/],
    ["no events", { events: undefined }, /claim events/],
    ["a list as events", { events: [LOGOUT_EVENT] }, /events with/],
    ["other events", { events: { other: {} } }, /events with/],
    ["a nonce", { nonce: "1" }, /no nonce/],
    ["an empty nonce", { nonce: null }, /no nonce/],
    ["no user", { sub: undefined }, /a sub or a sid/],
    ["a number as user", { sub: 1 }, /sub to be text/],
  ];
  it.each(claims)("%s", async (_name, wrong, told) => {
    const { browser, sub } = await logIn();
    const answer = await post(apps[0] ?? "", await provider.logoutToken({ sub, ...wrong }));
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toEqual({
      error: "invalid_request",
      error_description: expect.stringMatching(told),
    });
    expect(answer.headers.get("cache-control")).toContain("no-store");
    expect(await isLiving(browser)).toBe(true);
  });

  it("accepts each type that providers use", async () => {
    for (const typ of ["logout+jwt", "application/logout+jwt", "JWT", undefined]) {
      const { browser, sub } = await logIn();
      const header = typ === undefined ? {} : { typ };
      expect((await post(apps[0] ?? "", await provider.logoutToken({ sub }, header))).status).toBe(200);
      expect(await isLiving(browser)).toBe(false);
    }
  });

  it("accepts times with fractions of a second, as RFC 7519 allows them", async () => {
    const { browser, sub } = await logIn();
    const iat = Math.floor(Date.now() / 1000) - 0.5;
    expect((await post(apps[0] ?? "", await provider.logoutToken({ sub, iat, exp: iat + 100 }))).status).toBe(200);
    expect(await isLiving(browser)).toBe(false);
  });

  it.each(["at+jwt", "", 1, {}, ["jwt"]])("refuses the type %j", async (typ) => {
    const { browser, sub } = await logIn();
    const header = JSON.parse(JSON.stringify({ typ }));
    expect((await post(apps[0] ?? "", await provider.logoutToken({ sub }, header))).status).toBe(400);
    expect(await isLiving(browser)).toBe(true);
  });
});

describe("a logout token that comes again", () => {
  it("is carried out once, however many replicas get it at the same time", async () => {
    const { browser, sub } = await logIn();
    const token = await provider.logoutToken({ sub });
    const answers = await Promise.all(Array.from({ length: 12 }, (_, at) => post(apps[at % 2] ?? "", token)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(11).fill(400)]);
    expect(await isLiving(browser)).toBe(false);
  });

  it("is refused on another replica too, after a new login", async () => {
    const { browser, sub } = await logIn();
    const token = await provider.logoutToken({ sub });
    expect((await post(apps[0] ?? "", token)).status).toBe(200);
    const oidc = { iss: provider.settings.issuer, sub };
    expect((await browser.fetch("/login", { json: { userId: "everyone", oidc } })).status).toBe(200);
    for (const app of apps) expect((await post(app, token)).status).toBe(400);
    expect(await isLiving(browser)).toBe(true);
  });

  it("can be sent again if the sidecar was away", async () => {
    const [sidecar] = replicas;
    const link = await startTcpProxy(Number(new URL(sidecar?.url ?? "").port));
    const reach = { url: `http://127.0.0.1:${link.port}`, integrationKey: sidecar?.integrationKey ?? "" };
    const app = await startApp(reach, provider, { timeoutMs: 500 });
    const { browser, sub } = await logIn(app);
    const token = await provider.logoutToken({ sub });
    await link.cut();
    const failed = await post(app, token);
    expect([failed.status, failed.headers.get("retry-after")]).toEqual([503, "1"]);
    await link.restore();
    await expect.poll(async () => (await post(app, token)).status).toBe(200);
    expect(await isLiving(browser)).toBe(false);
  });
});

describe("the keys of the provider", () => {
  it("are fetched once for many tokens, and again for a new key", async () => {
    const own = await startOpenIdProvider({ issuer: "https://rotating.example" });
    const app = await startApp(replicas[0] ?? expect.fail(), own);
    for (let at = 0; at < 5; at++) expect((await post(app, await own.logoutToken({ sub: "x" }))).status).toBe(200);
    expect(own.fetches()).toBe(1);
    await own.rotateKey();
    await expect.poll(async () => (await post(app, await own.logoutToken({ sub: "x" }))).status).toBe(200);
    expect(own.fetches()).toBe(2);
  });

  it("are fetched again when one was replaced and kept its id", async () => {
    const own = await startOpenIdProvider({ issuer: "https://replacing.example" });
    const app = await startApp(replicas[0] ?? expect.fail(), own);
    const before = await own.logoutToken({ sub: "x" });
    expect((await post(app, await own.logoutToken({ sub: "x" }))).status).toBe(200);
    await own.rotateKey(own.kid());
    const post5 = () => Promise.all([1, 2, 3, 4, 5].map(async () => post(app, await own.logoutToken({ sub: "x" }))));
    // Not within a second of the fetch before.
    await expect.poll(async () => (await post5()).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(own.fetches()).toBe(2);
    expect((await post(app, before)).status).toBe(400);
  });

  it("cannot be made to be fetched more than once a second", async () => {
    const own = await startOpenIdProvider({ issuer: "https://flooded.example" });
    const app = await startApp(replicas[0] ?? expect.fail(), own);
    const other = await startOpenIdProvider({ issuer: "https://flooded.example" });
    const startedMs = performance.now();
    for (let at = 0; at < 50; at++) {
      // Of an unknown key, and by another key than the one that it names.
      const signer = at % 2 === 0 ? own : other;
      const forged = await signer.logoutToken({ sub: "x" }, { kid: at % 2 === 0 ? crypto.randomUUID() : own.kid() });
      expect((await post(app, forged)).status).toBe(400);
    }
    expect(own.fetches()).toBeLessThanOrEqual(2 + (performance.now() - startedMs) / 1000);
  });

  it.each<[string, Parameters<OpenIdProvider["answerKeys"]>[0]]>([
    ["fail", (response) => response.writeHead(500).end("{}")],
    ["are no keys", (response) => response.end("<html>")],
    ["are too many", (response) => response.end(`{"keys":[${'{"kty":"EC"},'.repeat(200_000)}{}]}`)],
    ["lead elsewhere", (response) => response.writeHead(302, { location: "/" }).end()],
    ["break off", (response) => response.write('{"keys', () => response.destroy())],
    ["never come", () => {}],
    ["never end", (response) => response.write('{"keys"')],
  ])("that %s: 503, and the same token counts later", async (name, answer) => {
    const own = await startOpenIdProvider({ issuer: `https://${name.replaceAll(" ", "-")}.example` });
    const app = await startApp(replicas[0] ?? expect.fail(), own);
    const { browser, sub } = await logIn(app, own);
    const token = await own.logoutToken({ sub });
    own.answerKeys(answer);
    const startedMs = performance.now();
    const failed = await post(app, token);
    expect(JSON.parse(failed.text)).toMatchObject({ error: "temporarily_unavailable" });
    expect([failed.status, failed.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(failed.headers.get("cache-control")).toContain("no-store");
    expect(performance.now() - startedMs).toBeLessThan(4000);
    expect(await isLiving(browser)).toBe(true);
    own.answerKeys(undefined);
    await expect.poll(async () => (await post(app, token)).status).toBe(200);
    expect(await isLiving(browser)).toBe(false);
  });
});

describe("the sessions", () => {
  it("end however many there are", async () => {
    const { browser, sub } = await logIn();
    const { sessionId } = (await browser.fetch("/me")).json<{ sessionId: string }>();
    const sql = replicas[0]?.sql ?? expect.fail();
    await sql(
      `INSERT INTO byo.sessions SELECT (jsonb_populate_record(s, jsonb_build_object('id', gen_random_uuid()))).*
       FROM byo.sessions s CROSS JOIN generate_series(2, $2) AS n WHERE s.id = $1`,
      [sessionId, CROWD],
    );
    const token = await provider.logoutToken({ sub });
    expect((await post(apps[0] ?? "", token)).status).toBe(200);
    const ended = await sql(
      `SELECT end_reason AS reason, count(*)::int AS sessions FROM byo.sessions
       WHERE tags = (SELECT tags FROM byo.sessions WHERE id = $1) GROUP BY end_reason`,
      [sessionId],
    );
    expect(ended).toEqual([{ reason: "Revoked", sessions: CROWD }]);
    expect((await post(apps[1] ?? "", token)).status).toBe(400);
  });

  it("keep their tie to the provider when the user proves again who they are", async () => {
    const { browser, sub } = await logIn(apps[0], provider, "kept");
    await browser.fetch("/again", { method: "POST" });
    expect(await isLiving(browser)).toBe(true);
    expect((await post(apps[0] ?? "", await provider.logoutToken({ sub, sid: "kept" }))).status).toBe(200);
    expect(await isLiving(browser)).toBe(false);
  });

  it("that came from another library end too", async () => {
    const oidc = { iss: provider.settings.issuer, sub: "migrated" };
    const legacySession = async () => ({ userId: "old", legacyId: "old-1", oidc });
    const app = await startApp(replicas[0] ?? expect.fail(), provider, { legacySession });
    const browser = createBrowserClient(app);
    expect(await isLiving(browser)).toBe(true);
    expect((await post(app, await provider.logoutToken({ sub: "migrated" }))).status).toBe(200);
    expect(await isLiving(browser)).toBe(false);
  });

  it("of one of several providers end by that one's tokens only", async () => {
    const other = await startOpenIdProvider({ issuer: "https://second.example" });
    const routes = { backchannelLogout: [provider.settings, other.settings] };
    const app = await startApp(replicas[0] ?? expect.fail(), provider, { routes });
    const { browser, sub } = await logIn(app, other);
    expect((await post(app, await provider.logoutToken({ sub }))).status).toBe(200);
    expect(await isLiving(browser)).toBe(true);
    const forged = await provider.logoutToken({ sub, iss: other.settings.issuer });
    expect((await post(app, forged)).status).toBe(400);
    expect((await post(app, await other.logoutToken({ sub }))).status).toBe(200);
    expect(await isLiving(browser)).toBe(false);
  });

  it("say in the audit trail who ended them", async () => {
    const { browser, sub } = await logIn();
    const { sessionId } = (await browser.fetch("/me")).json<{ sessionId: string }>();
    await post(apps[0] ?? "", await provider.logoutToken({ sub }));
    const rows = await replicas[0]?.sql(
      "SELECT reason, details FROM byo.audit_events WHERE event = 'SessionEnded' AND session_id = $1",
      [sessionId],
    );
    expect(rows).toMatchObject([{ reason: "Revoked", details: { cause: "BackchannelLogout" } }]);
  });
});

describe("the body of the request", () => {
  it("may have been parsed before the middleware", async () => {
    const before = express.urlencoded({ extended: true });
    const app = await startApp(replicas[0] ?? expect.fail(), provider, { before });
    const { browser, sub } = await logIn(app);
    const token = await provider.logoutToken({ sub });
    for (const wrong of [
      [
        ["logout_token", token],
        ["logout_token", token],
      ],
      [["logout_token[a]", token]],
    ]) {
      const answer = await fetch(`${app}${PATH}`, { method: "POST", body: new URLSearchParams(wrong) });
      expect(answer.status).toBe(400);
    }
    expect((await post(app, token)).status).toBe(200);
    expect(await isLiving(browser)).toBe(false);
  });

  it("must not have been read by what keeps nothing of it", async () => {
    const before: RequestHandler = (req, _res, next) => void req.resume().on("end", next);
    const app = await startApp(replicas[0] ?? expect.fail(), provider, { before });
    const answer = await post(app, await provider.logoutToken({ sub: "x" }));
    expect([answer.status, answer.text]).toEqual([500, expect.stringContaining("before the middleware ran")]);
  });

  it("is read no further than the limit, and the connection still gets its answer", async () => {
    const { port } = new URL(apps[0] ?? "");
    const headers = { "content-type": "application/x-www-form-urlencoded", "transfer-encoding": "chunked" };
    const sending = request({ host: "127.0.0.1", port, path: PATH, method: "POST", headers });
    sending.write(`logout_token=${"x".repeat(40_000)}`);
    const [response] = await once(sending, "response");
    expect(response.statusCode).toBe(400);
    sending.destroy();
  });
});
