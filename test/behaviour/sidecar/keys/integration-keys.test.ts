import { beforeAll, describe, expect, it, vi } from "vitest";
import { createKey, revokeKey } from "../../../../sidecar/src/engine/keys/key-management.ts";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { databaseState } from "../database-state.ts";
import { withDatabase } from "../with-database.ts";

let sidecar: TestSidecar;
let limited: string;
let revoked: string;
let brief: string;

beforeAll(async () => {
  sidecar = await startTestSidecar();
  // Before the first request: after it, a new key is known within half a second.
  await withDatabase(sidecar, async (db) => {
    const allowedCommands = ["Ping", "ValidateSession"];
    limited = (await createKey(db, { name: "limited", allowedCommands })).key;
    revoked = (await createKey(db, { name: "revoked" })).key;
    brief = (await createKey(db, { name: "brief", expiresInSecs: 86_400 })).key;
  });
});

const ping = (authorization: string | null) => sidecar.command("Ping", {}, { authorization });

function isRefusedSoon(key: string): Promise<void> {
  return vi.waitFor(
    async () => expect(await ping(`Bearer ${key}`)).toEqual({ status: 401, body: { type: "IntegrationKeyNotFound" } }),
    { timeout: 1000 },
  );
}

describe("an integration key", () => {
  it.each([
    ["no header", null],
    ["an empty one", ""],
    ["another scheme", "Basic YXBpXzE6eA=="],
    ["no key", "Bearer "],
    ["two keys", "Bearer api_one api_two"],
    ["a key without its scheme", "api_test0123456789abcdefghijklmnopqrstuvwxyz"],
  ])("has to be in the header: %s", async (_, authorization) => {
    expect(await ping(authorization)).toEqual({ status: 401, body: { type: "NoIntegrationKeyFoundInHeader" } });
  });

  it("has to begin with api_, and is never told back", async () => {
    const { status, body } = await ping("Bearer sk_live_0123456789");
    expect(status).toBe(401);
    expect(body).toEqual({ type: "InvalidPrefix", details: expect.stringContaining('begins with "api_"') });
    expect(JSON.stringify(body)).not.toContain("sk_live");
  });

  it("has to be known", async () => {
    for (const key of ["api_", "api_x", `${sidecar.integrationKey}x`, sidecar.integrationKey.slice(0, -1)]) {
      expect(await ping(`Bearer ${key}`)).toEqual({ status: 401, body: { type: "IntegrationKeyNotFound" } });
    }
  });

  it("is asked for before anything of the body is looked at", async () => {
    const answer = await sidecar.post("[[[", { authorization: "Bearer api_x" });
    expect(answer).toEqual({ status: 401, body: { type: "IntegrationKeyNotFound" } });
    const before = await databaseState(sidecar);
    const login = await sidecar.command("CreateSession", { userId: "ada" }, { authorization: "Bearer api_x" });
    expect(login.status).toBe(401);
    expect(await databaseState(sidecar)).toEqual(before);
  });

  it("may have its scheme in any case", async () => {
    for (const scheme of ["bearer", "BEARER"]) {
      expect(await ping(`${scheme} ${sidecar.integrationKey}`)).toMatchObject({ status: 200 });
    }
  });

  it("may be limited to some commands", async () => {
    const authorization = `Bearer ${limited}`;
    expect(await ping(authorization)).toMatchObject({ status: 200 });
    const before = await databaseState(sidecar);
    for (const command of ["CreateSession", "InvalidateAllSessionsForUser", "ValidateAndRefreshSession"]) {
      expect(await sidecar.command(command, { userId: "ada" }, { authorization })).toEqual({
        status: 403,
        body: { type: "CommandNotAllowed", details: { command_name: command } },
      });
    }
    // The permission comes before the data: what is wrong with it is no business of this key.
    expect(await sidecar.command("CreateSession", {}, { authorization })).toMatchObject({ status: 403 });
    expect(await databaseState(sidecar)).toEqual(before);
  });

  it("is refused within a second after it is revoked, and the environment does not bring it back", async () => {
    expect(await ping(`Bearer ${revoked}`)).toMatchObject({ status: 200 });
    await withDatabase(sidecar, (db) => revokeKey(db, "revoked"));
    await isRefusedSoon(revoked);

    const restarted = await startTestSidecar({ database: sidecar.database, env: { INITIAL_INTEGRATION_KEY: revoked } });
    expect(await restarted.command("Ping", {})).toMatchObject({ status: 401 });
    expect(restarted.logText()).toContain("the initial integration key is revoked");
    expect(restarted.logText()).not.toContain(revoked);
    await restarted.stop();
  });

  it("ends by itself when it has an expiry", async () => {
    expect(await ping(`Bearer ${brief}`)).toMatchObject({ status: 200 });
    await sidecar.advance(86_401);
    await isRefusedSoon(brief);
    expect(await ping(`Bearer ${sidecar.integrationKey}`)).toMatchObject({ status: 200 });
  });

  it("is stored as a hash, is in no log, and its refusals are counted", async () => {
    const [row] = await sidecar.sql<{ dump: string }>(
      "SELECT string_agg(k::text, '\n') AS dump FROM byo.integration_keys k",
    );
    expect(row?.dump).not.toContain(limited.slice(4));
    expect(row?.dump).not.toContain(sidecar.integrationKey.slice(4));
    expect(sidecar.logText()).not.toContain(sidecar.integrationKey);
    const metrics = await sidecar.metrics();
    for (const error of ["NoIntegrationKeyFoundInHeader", "InvalidPrefix", "IntegrationKeyNotFound"]) {
      expect(metrics.get(`byo_integration_key_refusals_total{error="${error}"}`), error).toBeGreaterThan(0);
    }
  });
});
