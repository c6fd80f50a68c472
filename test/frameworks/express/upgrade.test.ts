import { once } from "node:events";
import { authenticateUpgrade, type UpgradeOptions } from "@byo-session/express";
import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { askForSocket } from "../../harness/ask-for-socket.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
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
  const socket = askForSocket(served.url, "/socket", headers);
  let answer = "";
  socket.on("data", (chunk: string) => {
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

  test("with several byoSession(), the right one must be passed", async () => {
    await startSessionsApp({ sidecarUrl: sidecar.url });
    const { req } = await new Promise<{ req: Parameters<typeof authenticateUpgrade>[0] }>((resolve) => {
      app.server.once("upgrade", (req, socket) => {
        socket.destroy();
        resolve({ req });
      });
      void upgrade(app, {});
    });
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    onTestFinished(() => logged.mockRestore());
    expect(await authenticateUpgrade(req)).toMatchObject({ ok: false, status: 500, reason: "InternalError" });
    expect(logged).toHaveBeenCalledWith(expect.objectContaining({ code: "ERR_NOT_MOUNTED" }));
  });
});
