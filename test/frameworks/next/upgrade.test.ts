import { once } from "node:events";
import { text } from "node:stream/consumers";
import type { SessionOptions } from "@byo-session/next";
import { beforeAll, expect, it, vi } from "vitest";
import { createSessions } from "../../../middleware-next/src/sessions.ts";
import { askForSocket } from "../../harness/ask-for-socket.ts";
import { serve } from "../../harness/serve.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { answerUpgrades } from "../conformance/hosts/answer-upgrades.ts";

let sidecar: TestSidecar;
beforeAll(async () => {
  sidecar = await startTestSidecar();
});

/** Asks the Node server of an application, which hands over sockets as `answerUpgrades()` does, and gives what it says. */
async function ask(headers: Record<string, string>, options: SessionOptions = {}): Promise<string> {
  const { url, server } = await serve((_request, response) => response.end());
  const sessions = createSessions({ url: sidecar.url, integrationKey: sidecar.integrationKey, ...options });
  answerUpgrades(server, sessions.authenticateUpgrade);
  const socket = askForSocket(url, "/socket?room=1", headers);
  const [first] = await once(socket, "data");
  socket.end();
  return `${first}${await text(socket)}`;
}

async function cookieOf(userId: string): Promise<string> {
  const { sessionToken } = await sidecar.run("CreateSession", { userId });
  return `__Host-sessionToken=${sessionToken}`;
}

it("gives the session of a WebSocket's request to an application with a Node server of its own", async () => {
  const cookie = await cookieOf("ada");
  expect(await ask({ cookie })).toMatch(/^HTTP\/1.1 101 [\s\S]*"userId":"ada"/);
  expect(await ask({ cookie, origin: "https://evil.example" })).toMatch(/^HTTP\/1.1 403 [\s\S]*CrossOrigin/);
  expect(await ask({})).toMatch(/^HTTP\/1.1 401 [\s\S]*NoSession/);
});

it("answers the socket, and never rejects, whatever the application's own functions do", async () => {
  const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const cookie = await cookieOf("grace");
  const broken = () => {
    throw new Error("no address today");
  };
  for (const options of [{ clientIp: broken }, { publicUrl: broken }, { url: "not an address" }]) {
    expect(await ask({ cookie }, options)).toMatch(/^HTTP\/1.1 500 [\s\S]*InternalError/);
  }
  expect(logged).toHaveBeenCalledTimes(3);
  logged.mockRestore();
});
