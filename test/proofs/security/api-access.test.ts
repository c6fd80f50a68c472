import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { readEnv } from "@byo-session/sidecar";
import { request } from "undici";
import { beforeAll, describe, expect, it } from "vitest";
import { PROGRAM_ENV } from "../../harness/program-env.ts";
import { launchSidecar } from "../../harness/spawned-sidecar.ts";
import { createTestDatabase, type TestDatabase } from "../../harness/test-database.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";

let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar();
});

const CLI = fileURLToPath(new URL("../../../sidecar/src/cli.ts", import.meta.url));

/** Runs `byo` as an administrator would. */
async function byo(database: TestDatabase, ...args: string[]): Promise<string> {
  const child = spawn(process.execPath, ["--conditions=@byo-session/source", CLI, ...args], {
    env: { ...PROGRAM_ENV, ...database.env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let stdout = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk;
  });
  const [code] = await once(child, "close");
  expect(code).toBe(0);
  return stdout.trim();
}

describe("47 nobody without a key", () => {
  it.each([
    ["no header", null, "NoIntegrationKeyFoundInHeader"],
    ["an empty key", "Bearer ", "NoIntegrationKeyFoundInHeader"],
    ["another scheme", "Basic YXBpOmFwaQ==", "NoIntegrationKeyFoundInHeader"],
    ["another prefix", "Bearer sk_canary0123456789", "InvalidPrefix"],
    ["an unknown key", "Bearer api_canary0123456789", "IntegrationKeyNotFound"],
    ["the prefix alone", "Bearer api_", "IntegrationKeyNotFound"],
    ["a key and more", "Bearer api_a api_b", "NoIntegrationKeyFoundInHeader"],
    ["SQL", "Bearer api_'OR'1'='1", "IntegrationKeyNotFound"],
  ])("47 %s: 401 before the command is looked at, and the key is not echoed", async (_case, authorization, type) => {
    for (const command of ["CreateSession", "Ping", "NoSuchCommand"]) {
      const { status, body } = await sidecar.command(command, { userId: "eve" }, { authorization });
      expect({ status, type: body.type }).toEqual({ status: 401, type });
      expect(JSON.stringify(body)).not.toContain("canary");
    }
    expect((await sidecar.run("FetchAllSessions", { userId: "eve" })).totalCount).toBe(0);
  });

  it("47 the key counts in the header only: not in the body, the query, a cookie or another header", async () => {
    const key = sidecar.integrationKey;
    const answer = await request(`${sidecar.url}/run-command?key=${key}&authorization=Bearer%20${key}`, {
      method: "POST",
      headers: {
        cookie: `key=${key}; authorization=Bearer ${key}`,
        "x-api-key": key,
        "proxy-authorization": `Bearer ${key}`,
      },
      body: JSON.stringify({ command: "Ping", key, authorization: `Bearer ${key}`, integrationKey: key }),
    });
    expect(answer.statusCode).toBe(401);
    await answer.body.dump();
  });

  it("47 two Authorization headers are not the better of the two", async () => {
    const answer = await request(`${sidecar.url}/run-command`, {
      method: "POST",
      headers: ["authorization", "Bearer api_wrong", "authorization", `Bearer ${sidecar.integrationKey}`],
      body: '{"command":"Ping"}',
    });
    expect(answer.statusCode).toBe(401);
    await answer.body.dump();
  });

  it("47 without a key on a public address the sidecar does not start", { timeout: 60_000 }, async () => {
    // An address that this machine does not have: a sidecar that is wrong about this cannot listen on it either.
    const refused = await launchSidecar({ env: { HOST: "203.0.113.1", INITIAL_INTEGRATION_KEY: undefined } });
    expect(await refused.ended).toEqual({ code: 78, signal: null });
    expect(refused.logText()).toContain("there is no integration key. Set INITIAL_INTEGRATION_KEY");
  });

  it.each([
    "127.0.0.1",
    "0.0.0.0",
    "::",
    "::ffff:0.0.0.0",
    "192.0.2.1",
    "sidecar.internal",
    "127.0.0.1.nip.io",
    "localhost.example",
  ])("47 nor, on %s, with a key that can be guessed, which is not shown", (HOST) => {
    const guessable = [
      "api_short",
      `api_${"a".repeat(40)}`,
      `api_${"changeme-".repeat(5)}`,
      `api_${"0123456789".repeat(4)}`,
    ];
    for (const INITIAL_INTEGRATION_KEY of guessable) {
      const read = () => readEnv({ HOST, INITIAL_INTEGRATION_KEY });
      expect(read).toThrow("32 or more random letters");
      expect(read).not.toThrow(INITIAL_INTEGRATION_KEY);
    }
    expect(() => readEnv({ HOST, INITIAL_INTEGRATION_KEY: `api_${randomBytes(32).toString("hex")}` })).not.toThrow();
  });

  it("47 a key is refused within a second of being revoked, and a restart does not bring it back", {
    timeout: 60_000,
  }, async () => {
    const database = await createTestDatabase();
    const first = await startTestSidecar({ database });
    await first.run("Ping", {});
    await byo(database, "keys", "revoke", "initial");
    await sleep(1000);
    expect(await first.command("Ping", {})).toMatchObject({ status: 401, body: { type: "IntegrationKeyNotFound" } });
    await first.stop();
    const second = await startTestSidecar({ database });
    expect((await second.command("Ping", {})).status).toBe(401);
    expect(second.logText()).toContain("revoked");
  });

  it("47 a key for some commands runs no other one", { timeout: 60_000 }, async () => {
    const { database } = sidecar;
    const key = await byo(database, "keys", "create", "--name", "reader", "--commands", "ValidateSession,Ping");
    expect(key).toMatch(/^api_[\w-]{43}$/);
    await sleep(600);
    const authorization = `Bearer ${key}`;
    expect((await sidecar.command("Ping", {}, { authorization })).status).toBe(200);
    for (const command of ["CreateSession", "FetchAllSessions", "UpdateSessions", "InvalidateAllSessionsForUser"]) {
      expect(await sidecar.command(command, { userId: "ada" }, { authorization })).toEqual({
        status: 403,
        body: { type: "CommandNotAllowed", details: { command_name: command } },
      });
    }
    const listed = await byo(database, "keys", "list");
    expect(listed).toContain("reader");
    expect(listed).not.toContain("api_");
  });

  it("47 metrics on a public address want their token, and no other route tells anything", async () => {
    const guarded = await startTestSidecar({ env: { METRICS_TOKEN: "metrics-0123456789abcdef" } });
    expect((await guarded.get("/metrics")).status).toBe(401);
    const { statusCode, body } = await request(`${guarded.url}/metrics`, {
      headers: { authorization: "Bearer metrics-0123456789abcdeg" },
    });
    expect(statusCode).toBe(401);
    await body.dump();
    expect(JSON.parse((await guarded.get("/healthz")).text)).toEqual({ status: "ok" });
    expect(JSON.parse((await guarded.get("/readyz")).text)).toEqual({ status: "ready" });
  });
});
