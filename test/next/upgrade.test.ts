import { beforeAll, expect, it } from "vitest";
import { createSessions } from "../../middleware-next/src/sessions.ts";
import { startTestSidecar, type TestSidecar } from "../harness/test-sidecar.ts";

let sidecar: TestSidecar;
beforeAll(async () => {
  sidecar = await startTestSidecar();
});

/** As the Node server of an application has it, before it hands the socket over. */
async function open(headers: Record<string, string>) {
  const sessions = createSessions({ url: sidecar.url, integrationKey: sidecar.integrationKey });
  return sessions.authenticateUpgrade({
    method: "GET",
    url: "/socket?room=1",
    headers: { host: "app.example", ...headers },
  });
}

it("gives the session of a WebSocket's request to an application with a Node server of its own", async () => {
  const { sessionToken } = await sidecar.run("CreateSession", { userId: "ada" });
  const cookie = `__Host-sessionToken=${sessionToken}`;
  const opened = await open({ cookie, origin: "https://app.example" });
  expect(opened).toMatchObject({ ok: true, session: { userId: "ada" } });
  expect(await open({ cookie, origin: "https://evil.example" })).toMatchObject({ ok: false, reason: "CrossOrigin" });
  expect(await open({})).toMatchObject({ ok: false, status: 401, reason: "NoSession" });
});
