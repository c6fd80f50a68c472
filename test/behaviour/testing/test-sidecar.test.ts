import { byoSession, requireSession } from "@byo-session/express";
import { startTestSidecar, type TestSidecar } from "@byo-session/testing";
import express, { type Express } from "express";
import request from "supertest";
import { afterAll, beforeAll, expect, it } from "vitest";

let sidecar: TestSidecar;
let app: Express;
const lines: string[] = [];
beforeAll(async () => {
  sidecar = await startTestSidecar({
    config: { tags: [{ tag: "plan:trial", absolute_lifetime_secs: 600 }] },
    log: (line) => lines.push(line),
  });
  app = createApp(sidecar);
});
afterAll(() => sidecar.stop());

function createApp({ url, integrationKey }: Pick<TestSidecar, "url" | "integrationKey">): Express {
  const created = express();
  created.use(byoSession({ url, integrationKey }));
  created.get("/me", requireSession(), (req, res) => res.json(req.session));
  return created;
}

const me = (headers: Record<string, string>) => request(app).get("/me").set(headers);

it("is a real sidecar, with a key of its own and the configuration that was given", async () => {
  const { headers } = await sidecar.login({ userId: "ada", tags: ["plan:trial"], metadata: { theme: "dark" } });
  const { body } = await me(headers).expect(200);
  expect(body).toMatchObject({ userId: "ada", tags: ["plan:trial"], metadata: { theme: "dark" } });
  expect(body.expiresAt - body.createdAt).toBe(600);

  const { integrationKey } = sidecar;
  expect(sidecar.env).toEqual({ BYO_URL: sidecar.url, BYO_INTEGRATION_KEY: integrationKey });
  const answer = await fetch(`${sidecar.url}/run-command`, { method: "POST", body: '{"command":"Ping"}' });
  expect(answer.status).toBe(401);
});

it("moves its time", async () => {
  const { headers } = await sidecar.login();
  await sidecar.advance(14 * 24 * 60 * 60);
  expect((await me(headers).expect(401)).body).toMatchObject({ reason: "Expired" });
});

it("forces a rotation", async () => {
  const { headers, sessionId } = await sidecar.login();
  expect((await me(headers).expect(200)).headers["set-cookie"]).toBeUndefined();
  await sidecar.forceRotation(sessionId);
  const [line = ""] = (await me(headers).expect(200)).get("Set-Cookie") ?? [];
  const cookie = line.split(";", 1)[0] ?? "";
  expect(cookie).not.toBe(headers.cookie);
  await me({ cookie }).expect(200);
});

it("forces a reuse, which the next request and the audit trail report", async () => {
  const { headers, sessionId } = await sidecar.login();
  await sidecar.forceReuse(sessionId);
  expect((await me(headers).expect(401)).body).toMatchObject({ reason: "TokenReused" });
  const ended = lines.find((line) => line.includes("SessionEnded") && line.includes(sessionId));
  expect(JSON.parse(ended ?? "{}")).toMatchObject({ reason: "TokenReused" });
});

it.each(["Revoked", "Inactive", "SessionLimit", "UserAgentChanged"] as const)(
  "ends a session as %s",
  async (reason) => {
    const { headers, sessionId } = await sidecar.login();
    await sidecar.endSession(sessionId, reason);
    expect((await me(headers).expect(401)).body).toMatchObject({ reason });
  },
);

it("says so where there is no session to force anything on", async () => {
  await expect(sidecar.forceRotation(crypto.randomUUID())).rejects.toThrow("expected the id of a living session");
  const { sessionId } = await sidecar.login();
  await sidecar.endSession(sessionId, "Revoked");
  await expect(sidecar.forceReuse(sessionId)).rejects.toThrow("living session without a device");
});

it("goes down and comes back, on the same address and with the same sessions", async () => {
  const { headers } = await sidecar.login();
  await sidecar.startOutage();
  expect((await me(headers).expect(503)).body).toMatchObject({ reason: "SidecarUnavailable" });
  await sidecar.endOutage();
  await expect.poll(async () => (await me(headers)).status).toBe(200);
});

it("refuses a configuration that the sidecar would refuse", async () => {
  await expect(startTestSidecar({ config: { absolute_lifetime: 60 } })).rejects.toThrow("absolute_lifetime");
});

it("stops at the end of an await using, also twice", async () => {
  let address = "";
  {
    await using another = await startTestSidecar();
    address = another.url;
    expect(another.integrationKey).not.toBe(sidecar.integrationKey);
    await another.stop();
  }
  await expect(fetch(address)).rejects.toThrow("fetch failed");
});
