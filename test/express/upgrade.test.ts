import { once } from "node:events";
import { connect } from "node:net";
import { authenticateUpgrade, type UpgradeOptions } from "@byo-session/express";
import { beforeAll, describe, expect, test } from "vitest";
import { CHROME_ON_LINUX } from "../harness/browser-client.ts";
import { startTestSidecar, type TestSidecar } from "../harness/test-sidecar.ts";
import { COOKIE, type SessionsApp, startSessionsApp } from "./sessions-app.ts";

let sidecar: TestSidecar;
let app: SessionsApp;

beforeAll(async () => {
  sidecar = await startTestSidecar({ config: { tags: [{ tag: "test:office", ip_allowlist: ["203.0.113.0/24"] }] } });
  app = await startSessionsApp({ sidecarUrl: sidecar.url });
});

function answerUpgrades(served: SessionsApp, options: UpgradeOptions = { sessions: served.sessions }): void {
  served.server.on("upgrade", async (req, socket) => {
    const opened = await authenticateUpgrade(req, options);
    socket.end(
      opened.ok
        ? "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"
        : opened.response,
    );
  });
}

async function upgrade(served: SessionsApp, headers: Record<string, string>): Promise<string> {
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
  socket.write(`GET /socket HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
  let answer = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    answer += chunk;
  });
  await once(socket, "close");
  return answer;
}

describe("authenticateUpgrade", () => {
  test("the client's address is the one that the app trusts, also for the first request of all", async () => {
    const login = await app.loggedIn({ tags: ["test:office"] }, { ip: "203.0.113.7" });
    const cookie = `${COOKIE}=${await login.cookie(COOKIE)}`;
    const fresh = await startSessionsApp({ sidecarUrl: sidecar.url });
    answerUpgrades(fresh);
    expect(await upgrade(fresh, { cookie, "x-forwarded-for": "203.0.113.8" })).toMatch(/^HTTP\/1.1 101 /);
    expect(await upgrade(fresh, { cookie, "x-forwarded-for": "198.51.100.1" })).toMatch(
      /^HTTP\/1.1 403 IpAddressError/,
    );
  });

  test("of several byoSession() the one that is meant has to be passed", async () => {
    await startSessionsApp({ sidecarUrl: sidecar.url });
    const { req } = await new Promise<{ req: Parameters<typeof authenticateUpgrade>[0] }>((resolve) => {
      app.server.once("upgrade", (req, socket) => {
        socket.destroy();
        resolve({ req });
      });
      void upgrade(app, {});
    });
    await expect(authenticateUpgrade(req)).rejects.toMatchObject({ code: "ERR_NOT_MOUNTED" });
  });
});
