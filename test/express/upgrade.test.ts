import { once } from "node:events";
import { connect } from "node:net";
import { authenticateUpgrade, type UpgradeOptions } from "@byo-session/express";
import { beforeAll, describe, expect, test } from "vitest";
import { CHROME_ON_LINUX } from "../harness/browser-client.ts";
import { startTestSidecar, type TestSidecar } from "../harness/test-sidecar.ts";
import { loginWithDevice, PUBLIC_URL } from "./device-browser.ts";
import { COOKIE, type SessionsApp, startSessionsApp } from "./sessions-app.ts";

type Opened = Awaited<ReturnType<typeof authenticateUpgrade>>;

let sidecar: TestSidecar;
let app: SessionsApp;
let opened: Opened | undefined;

beforeAll(async () => {
  sidecar = await startTestSidecar({ config: { tags: [{ tag: "test:office", ip_allowlist: ["203.0.113.0/24"] }] } });
  app = await startSessionsApp({ sidecarUrl: sidecar.url, options: { trustedOrigins: ["https://admin.example"] } });
  answerUpgrades(app);
});

function answerUpgrades(served: SessionsApp, options: UpgradeOptions = { sessions: served.sessions }): void {
  served.server.on("upgrade", async (req, socket) => {
    opened = await authenticateUpgrade(req, options);
    socket.end(
      opened.ok
        ? "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"
        : opened.response,
    );
  });
}

async function upgrade(served: SessionsApp, headers: Record<string, string>, query = ""): Promise<string> {
  const { hostname, port } = new URL(served.url);
  const socket = connect(Number(port), hostname);
  const all = {
    host: `${hostname}:${port}`,
    connection: "upgrade",
    upgrade: "websocket",
    "user-agent": CHROME_ON_LINUX,
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  socket.write(`GET /socket${query} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
  let answer = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    answer += chunk;
  });
  await once(socket, "close");
  return answer;
}

describe("authenticateUpgrade", () => {
  test("gives the session, its end, and a way to ask again by session id", async () => {
    const browser = await app.loggedIn({ userId: "ada" });
    const token = await browser.cookie(COOKIE);
    expect(await upgrade(app, { cookie: `${COOKIE}=${token}`, origin: app.url })).toMatch(/^HTTP\/1.1 101 /);
    if (!opened?.ok) return expect.unreachable();
    expect(opened.session.userId).toBe("ada");
    expect(opened.expiresAt).toBe(opened.session.expiresAt);
    await sidecar.run("UpdateSession", { sessionId: opened.session.sessionId, tagsToAdd: ["plan:pro"] });
    expect(await opened.revalidate()).toMatchObject({ ok: true, session: { userId: "ada", tags: ["plan:pro"] } });
    await sidecar.run("InvalidateSessionById", { sessionId: opened.session.sessionId });
    expect(await opened.revalidate()).toEqual({ ok: false, reason: "NotFound" });
  });

  test("never rotates: its answer is no place for a cookie", async () => {
    const browser = await app.loggedIn();
    const token = await browser.cookie(COOKIE);
    await sidecar.advance(3700);
    expect(await upgrade(app, { cookie: `${COOKIE}=${token}` })).not.toMatch(/set-cookie/i);
    const [row] = await sidecar.sql<{ pending: boolean }>(
      "SELECT next_hash IS NOT NULL AS pending FROM byo.sessions ORDER BY created_at DESC LIMIT 1",
    );
    expect(row?.pending).toBe(false);
  });

  test("any page can open a socket with the user's cookies: Origin is checked when present", async () => {
    const token = await (await app.loggedIn()).cookie(COOKIE);
    const cookie = `${COOKIE}=${token}`;
    expect(await upgrade(app, { cookie, origin: "https://admin.example" })).toMatch(/^HTTP\/1.1 101 /);
    for (const origin of ["https://evil.example", "null", `${app.url}.evil.example`]) {
      const answer = await upgrade(app, { cookie, origin });
      expect(answer).toMatch(/^HTTP\/1.1 403 CrossOrigin\r\n/);
      expect(answer).toContain('{"errorType":"Forbidden","reason":"CrossOrigin"}');
    }
  });

  test("without a session: the whole answer for the socket", async () => {
    const answer = await upgrade(app, {});
    expect(answer).toMatch(/^HTTP\/1.1 401 NoSession\r\n/);
    expect(answer).toMatch(/\r\nConnection: close\r\n/);
    expect(opened).toMatchObject({ ok: false, status: 401, reason: "NoSession" });
  });

  test("the address of the client is the one that the app trusts, also for the first request of all", async () => {
    const login = await app.loggedIn({ tags: ["test:office"] }, { ip: "203.0.113.7" });
    const cookie = `${COOKIE}=${await login.cookie(COOKIE)}`;
    const fresh = await startSessionsApp({ sidecarUrl: sidecar.url });
    answerUpgrades(fresh);
    expect(await upgrade(fresh, { cookie, "x-forwarded-for": "203.0.113.8" })).toMatch(/^HTTP\/1.1 101 /);
    expect(await upgrade(fresh, { cookie, "x-forwarded-for": "198.51.100.1" })).toMatch(
      /^HTTP\/1.1 403 IpAddressError/,
    );
  });

  test("a bound session needs a ticket, of its own, which serves once", async () => {
    const bound = await startSessionsApp({
      sidecarUrl: sidecar.url,
      options: { publicUrl: PUBLIC_URL, routes: { prefix: "/session" } },
    });
    answerUpgrades(bound);
    const browser = await loginWithDevice(bound);
    const cookie = `${COOKIE}=${await browser.cookie(COOKIE)}`;
    const open = (query = "") => upgrade(bound, { cookie, "sec-fetch-mode": "websocket" }, query);
    const newTicket = async (of: typeof browser) =>
      (await of.prove("/session/ticket", { method: "POST" })).json<{ ticket: string }>().ticket;

    expect(await open()).toMatch(/^HTTP\/1.1 401 DeviceVerificationRequired/);
    expect((await browser.fetch("/session/ticket", { method: "POST" })).status).toBe(401);
    const ticket = await newTicket(browser);
    expect(await open(`?room=1&ticket=${ticket}`)).toMatch(/^HTTP\/1.1 101 /);
    expect(opened).toMatchObject({ ok: true, session: { deviceVerified: true } });
    expect(await open(`?ticket=${ticket}`)).toMatch(/^HTTP\/1.1 401 DeviceVerificationRequired/);
    const another = await newTicket(await loginWithDevice(bound));
    expect(await open(`?ticket=${another}`)).toMatch(/^HTTP\/1.1 401 DeviceVerificationRequired/);
    const late = await newTicket(browser);
    await sidecar.advance(31);
    expect(await open(`?ticket=${late}`)).toMatch(/^HTTP\/1.1 401 DeviceVerificationRequired/);
    // The cookie is still needed: a ticket alone is no session.
    const alone = await newTicket(browser);
    expect(await upgrade(bound, {}, `?ticket=${alone}`)).toMatch(/^HTTP\/1.1 401 NoSession/);
  });

  test("of several byoSession() the one that is meant has to be passed", async () => {
    await startSessionsApp({ sidecarUrl: sidecar.url });
    const { req } = await new Promise<{ req: Parameters<typeof authenticateUpgrade>[0] }>((resolve) => {
      app.server.once("upgrade", (req) => resolve({ req }));
      void upgrade(app, {});
    });
    await expect(authenticateUpgrade(req)).rejects.toMatchObject({ code: "ERR_NOT_MOUNTED" });
  });
});
