import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "../../src/engine/db/database.ts";
import { createKey, generateKey, listKeys, revokeKey } from "../../src/engine/keys/key-management.ts";
import { auditTrail, moveClock, openTestDatabase } from "./database.ts";

let db: Database;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());
afterEach(async () => {
  await moveClock(db, 0);
  await db.query({ name: "clear", text: "DELETE FROM byo.integration_keys" });
  await db.query({ name: "clear-audit", text: "DELETE FROM byo.audit_events" });
});

describe("createKey", () => {
  it("gives a key of 256 random bits and stores its hash only", async () => {
    const { key } = await createKey(db, { name: "web" });
    expect(key).toMatch(/^api_[\w-]{43}$/);
    expect(new Set(Array.from({ length: 1000 }, generateKey)).size).toBe(1000);
    const [row] = await db.query<{ text: string; key_hash: Buffer }>({
      name: "dump",
      text: "SELECT k::text AS text, key_hash FROM byo.integration_keys k",
    });
    expect(row?.key_hash).toEqual(createHash("sha256").update(key).digest());
    expect(row?.text).not.toContain(key.slice(4, 14));
  });

  it.each([
    [{ name: "" }, "ERR_KEY_NAME"],
    [{ name: " web" }, "ERR_KEY_NAME"],
    [{ name: "a\nb" }, "ERR_KEY_NAME"],
    [{ name: "web\u200b" }, "ERR_KEY_NAME"],
    [{ name: "web\u115f" }, "ERR_KEY_NAME"],
    [{ name: "web\ufe0f" }, "ERR_KEY_NAME"],
    [{ name: "a".repeat(101) }, "ERR_KEY_NAME"],
    [{ name: "web", allowedCommands: ["Ping", "DropTables"] }, "ERR_KEY_COMMANDS"],
    [{ name: "web", allowedCommands: [] }, "ERR_KEY_COMMANDS"],
    [{ name: "web", expiresInSecs: 0 }, "ERR_KEY_EXPIRY"],
    [{ name: "web", expiresInSecs: Number.NaN }, "ERR_KEY_EXPIRY"],
    [{ name: "web", expiresInSecs: 1e10 }, "ERR_KEY_EXPIRY"],
  ])("refuses %j", async (options, code) => {
    await expect(createKey(db, options)).rejects.toMatchObject({ code });
    expect(await listKeys(db)).toEqual([]);
  });

  it("keeps the names of active keys apart", async () => {
    await createKey(db, { name: "web", expiresInSecs: 60 });
    await expect(createKey(db, { name: "web" })).rejects.toMatchObject({ code: "ERR_KEY_NAME_TAKEN" });
    await moveClock(db, 61);
    await createKey(db, { name: "web" });
    await revokeKey(db, "web");
    await createKey(db, { name: "web" });
    expect((await listKeys(db)).map((key) => key.state)).toEqual(["revoked", "revoked", "active"]);
  });
});

describe("listKeys", () => {
  it("shows all but the secret", async () => {
    const { id } = await createKey(db, { name: "web", allowedCommands: ["Ping"], expiresInSecs: 60 });
    const [key] = await listKeys(db);
    expect(key).toEqual({
      id,
      name: "web",
      allowed_commands: ["Ping"],
      capabilities: [],
      created_at: expect.any(Number),
      expires_at: expect.any(Number),
      revoked_at: null,
      last_used_at: null,
      devices_ignored_at: null,
      initial: false,
      state: "active",
    });
    expect((key?.expires_at ?? 0) - (key?.created_at ?? 0)).toBe(60);
    await moveClock(db, 61);
    expect(await listKeys(db)).toMatchObject([{ state: "expired" }]);
  });
});

describe("revokeKey", () => {
  it("takes an id or a name, and leaves the other keys alone", async () => {
    const { id } = await createKey(db, { name: "web" });
    await createKey(db, { name: "jobs" });
    await createKey(db, { name: "other" });
    expect(await revokeKey(db, id)).toMatchObject([{ id, name: "web", state: "revoked" }]);
    expect(await revokeKey(db, "jobs")).toMatchObject([{ name: "jobs" }]);
    expect((await listKeys(db)).map(({ name, state }) => [name, state])).toEqual([
      ["web", "revoked"],
      ["jobs", "revoked"],
      ["other", "active"],
    ]);
  });

  it("says when there is nothing to revoke", async () => {
    await createKey(db, { name: "web" });
    await revokeKey(db, "web");
    await expect(revokeKey(db, "web")).rejects.toThrow("revoked already");
    await expect(revokeKey(db, "nobody")).rejects.toMatchObject({ code: "ERR_KEY_NOT_FOUND" });
  });
});

it("the audit trail tells what was made and revoked, and nothing of what failed", async () => {
  const { id } = await createKey(db, { name: "web" });
  await expect(createKey(db, { name: "web" })).rejects.toThrow();
  await revokeKey(db, id);
  await expect(revokeKey(db, id)).rejects.toThrow();
  const details = { keyId: id, name: "web" };
  expect(await auditTrail(db)).toEqual([
    { event: "IntegrationKeyCreated", actor: "operator", details },
    { event: "IntegrationKeyRevoked", actor: "operator", details },
  ]);
});
