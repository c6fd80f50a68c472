import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Agent, request } from "undici";
import { describe, expect, it } from "vitest";
import { startTestSidecar } from "../../../harness/test-sidecar.ts";
import { createDashboardClient, OWNER, startDashboard, TEMPORARY } from "./dashboard-client.ts";

async function get(url: string, headers: Record<string, string> = {}) {
  const answer = await request(url, { headers });
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
}

const certificate = (file: string) => join(import.meta.dirname, "../../fast-path/tls", file);

const PAGE = { accept: "text/html,application/xhtml+xml" };

describe("where the dashboard answers", () => {
  it("on the port of the API: its page at / and at its own addresses, beside the commands", async () => {
    const sidecar = await startTestSidecar();
    expect(sidecar.dashboardUrl).toBe(sidecar.url);
    for (const path of ["/", "/sessions", "/sessions/123?state=active", "/settings/users"]) {
      const page = await get(`${sidecar.url}${path}`, PAGE);
      expect([page.status, page.headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
    }
    expect((await sidecar.command("Ping", {})).status).toBe(200);
    expect((await sidecar.get("/healthz")).status).toBe(200);
    expect((await get(`${sidecar.url}/nothing`, { accept: "application/json" })).status).toBe(404);
    expect((await get(`${sidecar.url}/assets/nothing.js`, PAGE)).status).toBe(404);
    expect((await get(`${sidecar.url}/dashboard-api/nothing`, PAGE)).status).toBe(404);
    expect((await get(`${sidecar.url}/..%2f..%2fpackage.json`, PAGE)).text).not.toContain("@byo-session/sidecar");
  });

  it("alone on DASHBOARD_PORT: each port knows nothing of the other's routes", async () => {
    const sidecar = await startTestSidecar({ env: { DASHBOARD_PORT: "0", DASHBOARD_HOST: "127.0.0.1" } });
    const { url, dashboardUrl } = sidecar;
    expect(dashboardUrl).not.toBe(url);
    expect((await get(`${dashboardUrl}/`, PAGE)).status).toBe(200);
    expect((await get(`${url}/`, PAGE)).status).toBe(404);
    expect((await get(`${url}/dashboard-api/access/state`, { "sec-fetch-site": "same-origin" })).status).toBe(404);
    const command = await request(`${dashboardUrl}/run-command`, {
      method: "POST",
      headers: { authorization: `Bearer ${sidecar.integrationKey}` },
      body: '{"command":"Ping"}',
    });
    await command.body.dump();
    expect(command.statusCode).toBe(404);
    for (const path of ["/healthz", "/readyz", "/metrics", "/.well-known/jwks.json"])
      expect((await get(`${dashboardUrl}${path}`)).status).toBe(404);
  });

  it.each([
    { where: "on the port of the API", ports: {} },
    { where: "alone on DASHBOARD_PORT", ports: { DASHBOARD_PORT: "0", DASHBOARD_HOST: "127.0.0.1" } },
  ])("over TLS $where", async ({ ports }) => {
    const tls = { TLS_CERT_FILE: certificate("localhost.pem"), TLS_KEY_FILE: certificate("localhost-key.pem") };
    const sidecar = await startTestSidecar({ env: { INITIAL_OWNER_USERNAME: OWNER, ...tls, ...ports } });
    expect(sidecar.dashboardUrl).toMatch(/^https:/);
    const url = sidecar.dashboardUrl.replace("127.0.0.1", "localhost");
    const dispatcher = new Agent({ connect: { ca: await readFile(tls.TLS_CERT_FILE) } });
    const page = await request(url, { dispatcher, headers: PAGE });
    expect([page.statusCode, (await page.body.text()).includes("<title>Sessions</title>")]).toEqual([200, true]);
    const login = await request(`${url}/dashboard-api/access/login`, {
      dispatcher,
      method: "POST",
      headers: { "content-type": "application/json", "sec-fetch-site": "same-origin" },
      body: JSON.stringify({ username: OWNER, password: TEMPORARY }),
    });
    await login.body.dump();
    expect(login.statusCode).toBe(200);
    expect(login.headers["set-cookie"]).toMatch(/^__Host-.*; Secure/);
    await expect(request(url.replace("https:", "http:"), { headers: PAGE })).rejects.toThrow();
    await dispatcher.close();
  });

  it("over TLS says that its name is for https, and says it of no name that has other owners", async () => {
    const tls = { TLS_CERT_FILE: certificate("localhost.pem"), TLS_KEY_FILE: certificate("localhost-key.pem") };
    const names = ["sessions.example.com", "localhost", "127.0.0.1", "evil.test"];
    // Its certificate has one name; here the names of the requests count.
    const connect = { ca: await readFile(tls.TLS_CERT_FILE), checkServerIdentity: () => undefined };
    const dispatcher = new Agent({ connect });
    const said = async (url: string, host: string, path: string) => {
      const answer = await request(`${url}${path}`, { dispatcher, headers: { ...PAGE, host } });
      await answer.body.dump();
      return answer.headers["strict-transport-security"];
    };
    for (const ports of [{}, { DASHBOARD_PORT: "0" }]) {
      const origin = { DASHBOARD_ORIGIN: "https://sessions.example.com" };
      const ours = await startTestSidecar({ env: { ...tls, ...origin, ...ports } });
      for (const path of ["/", "/sessions", "/dashboard-api/access/state", "/nothing.js"]) {
        const answers = await Promise.all(names.map((host) => said(ours.dashboardUrl, host, path)));
        expect(answers).toEqual(["max-age=31536000", undefined, undefined, undefined]);
      }
      const proxys = await startTestSidecar({ env: { ...origin, ...ports } });
      expect(await said(proxys.dashboardUrl, "sessions.example.com", "/")).toBe(undefined);
      const local = await startTestSidecar({ env: { ...tls, DASHBOARD_ORIGIN: "https://localhost", ...ports } });
      expect(await said(local.dashboardUrl, "localhost", "/")).toBe(undefined);
    }
    await dispatcher.close();
  });

  it("nowhere with DASHBOARD=off", async () => {
    const { url } = await startTestSidecar({ env: { DASHBOARD: "off" } });
    expect((await get(`${url}/`, PAGE)).status).toBe(404);
    expect((await get(`${url}/dashboard-api/access/state`, { "sec-fetch-site": "same-origin" })).status).toBe(404);
  });

  it("at no name that somebody else could own: 421", async () => {
    const sidecar = await startTestSidecar({
      env: { INITIAL_OWNER_USERNAME: OWNER, DASHBOARD_ORIGIN: "https://sessions.example.com" },
    });
    const client = createDashboardClient(sidecar.dashboardUrl);
    const { port } = new URL(sidecar.url);
    const input = { username: OWNER, password: TEMPORARY };
    for (const host of [
      "evil.test",
      `evil.test:${port}`,
      "localhost.evil.test",
      "sessions.example.com:8443",
      "127.0.0.1.nip.io",
      "x@localhost",
      "",
    ]) {
      const answer = await client.call("access/login", input, { host });
      expect([host, answer.status]).toEqual([host, host === "" || host === "x@localhost" ? answer.status : 421]);
      expect(answer.status).not.toBe(200);
      const page = await get(`${sidecar.url}/`, { ...PAGE, host: host === "" ? "evil.test" : host });
      expect(page.status).not.toBe(200);
      expect(
        (await get(`${sidecar.url}/sessions`, { ...PAGE, host: host === "" ? "evil.test" : host })).status,
      ).not.toBe(200);
    }
    for (const host of [
      "localhost",
      `LOCALHOST:${port}`,
      "[::1]",
      "127.0.0.1:1",
      "sessions.example.com",
      "sessions.example.com:443",
    ]) {
      expect([host, (await client.call("access/state", {}, { host })).status]).toEqual([host, 200]);
    }
    // The API is for programs, which come by any name.
    expect((await get(`${sidecar.url}/healthz`, { host: "sidecar.internal" })).status).toBe(200);
  });

  it("with an origin that a browser keeps a login on: a start with another one says so", async () => {
    for (const origin of ["http://sessions.example.com", "https://x.test/path", "sessions.example.com"]) {
      await expect(startTestSidecar({ env: { DASHBOARD_ORIGIN: origin } })).rejects.toThrow(
        "DASHBOARD_ORIGIN: expected an origin",
      );
    }
  });
});

describe("what is sent", () => {
  it.each<[string, string | undefined, number]>([
    ["text/plain", '{"username":"a","password":"b"}', 400],
    ["application/x-www-form-urlencoded", "username=a", 400],
    ["application/json", "{", 400],
    ["application/json", '{"username":"a","password":"b","role":"SuperAdmin"}', 400],
    ["application/json", '{"username":"a","password":"b","__proto__":{"role":"SuperAdmin"}}', 400],
    ["application/json", `{"username":"a","password":"${"b".repeat(2000)}"}`, 400],
    ["application/json", "[".repeat(100_000), 400],
    ["application/json", `{"username":"${"a".repeat(2_000_000)}"}`, 400],
    ["application/json", "null", 400],
  ])("is refused as %s: %.40s", async (type, body, status) => {
    const sidecar = await startTestSidecar();
    const answer = await request(`${sidecar.dashboardUrl}/dashboard-api/access/login`, {
      method: "POST",
      headers: { "content-type": type, "sec-fetch-site": "same-origin" },
      body,
    });
    const text = await answer.body.text();
    expect([answer.statusCode, JSON.parse(text).type]).toEqual([status, "InvalidInput"]);
  });

  it("is answered with 200 parallel logins within bounded work", async () => {
    const { sidecar, owner } = await startDashboard();
    const before = process.memoryUsage().rss;
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, at) =>
        createDashboardClient(sidecar.dashboardUrl).call("access/login", { username: `u${at}`, password: "wrong" }),
      ),
    );
    expect(answers.every(({ status }) => status === 401 || status === 429)).toBe(true);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
    expect((await owner.call("sessions/list")).status).toBe(200);
  });
});
