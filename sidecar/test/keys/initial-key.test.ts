import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Database } from "../../src/engine/db/database.ts";
import { loadEncryptionKeys } from "../../src/engine/keys/encryption-keys.ts";
import { ensureInitialKey } from "../../src/engine/keys/initial-key.ts";
import { createIntegrationKeys } from "../../src/engine/keys/integration-keys.ts";
import { createKey, listKeys, revokeKey } from "../../src/engine/keys/key-management.ts";
import { auditTrail, openTestDatabase } from "./database.ts";

const POSTGRES = "postgres://localhost/byo";
let db: Database;
let dataDir: string;

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "byo-keys-"));
});
afterEach(async () => {
  await rm(dataDir, { recursive: true });
  await db.query({ name: "clear", text: "DELETE FROM byo.integration_keys" });
  await db.query({ name: "clear-audit", text: "DELETE FROM byo.audit_events" });
});

const modeOf = async (name: string) => ((await stat(join(dataDir, name))).mode & 0o777).toString(8);

/** Asks like a process that has just started. */
async function isKnown(key: string): Promise<boolean> {
  const keys = createIntegrationKeys({ db, log: pino({ level: "silent" }), onRefused() {} });
  const check = await keys.authenticate(`Bearer ${key}`);
  await keys.close();
  return check.ok;
}

describe("a key of the environment", () => {
  const initialIntegrationKey = "api_from-the-environment";

  it("exists after the first start, and only once after many", async () => {
    for (let start = 0; start < 3; start++) {
      const initial = await ensureInitialKey(db, { dataDir, databaseUrl: POSTGRES, initialIntegrationKey });
      expect(initial).toEqual({ source: "environment", state: "active" });
    }
    expect(await isKnown(initialIntegrationKey)).toBe(true);
    expect(await listKeys(db)).toMatchObject([{ name: "initial", initial: true }]);
    expect(await auditTrail(db)).toMatchObject([{ event: "IntegrationKeyCreated", actor: "system" }]);
  });

  it("stays revoked", async () => {
    await ensureInitialKey(db, { dataDir, initialIntegrationKey });
    await revokeKey(db, "initial");
    const initial = await ensureInitialKey(db, { dataDir, initialIntegrationKey });
    expect(initial).toEqual({ source: "environment", state: "revoked" });
    expect(await isKnown(initialIntegrationKey)).toBe(false);
  });

  it("may be replaced by another, and then still works", async () => {
    await ensureInitialKey(db, { dataDir, initialIntegrationKey });
    await ensureInitialKey(db, { dataDir, initialIntegrationKey: "api_another" });
    expect(await isKnown("api_another")).toBe(true);
    expect(await isKnown(initialIntegrationKey)).toBe(true);
  });

  it("is written into no file", async () => {
    await ensureInitialKey(db, { dataDir, initialIntegrationKey });
    await expect(stat(join(dataDir, "integration-key"))).rejects.toThrow("ENOENT");
  });
});

it("a Postgres database without a key of the environment gets none", async () => {
  expect(await ensureInitialKey(db, { dataDir, databaseUrl: POSTGRES })).toEqual({ source: "none" });
  expect(await listKeys(db)).toEqual([]);
});

describe("the key of an embedded database", () => {
  const ensure = () => ensureInitialKey(db, { dataDir });

  it("is made at the first start and kept in a file for this user only", async () => {
    const first = await ensure();
    expect(first).toMatchObject({
      source: "file",
      state: "active",
      path: join(dataDir, "integration-key"),
      isNew: true,
    });
    if (first.source !== "file") return;
    expect(await isKnown(first.key)).toBe(true);
    expect(await readFile(first.path, "utf8")).toBe(`${first.key}\n`);
    expect(await modeOf("integration-key")).toBe("600");

    await chmod(first.path, 0o644);
    expect(await ensure()).toEqual({ ...first, isNew: false });
    expect(await modeOf("integration-key")).toBe("600");
    expect(await listKeys(db)).toHaveLength(1);
  });

  it("comes from the file if a crash kept it out of the database", async () => {
    await writeFile(join(dataDir, "integration-key"), "api_written-before-the-crash\n");
    expect(await ensure()).toMatchObject({ state: "active", isNew: false });
    expect(await isKnown("api_written-before-the-crash")).toBe(true);
  });

  it("stays revoked", async () => {
    const first = await ensure();
    await revokeKey(db, "initial");
    expect(await ensure()).toMatchObject({ state: "revoked", isNew: false });
    expect(first.source === "file" && (await isKnown(first.key))).toBe(false);
  });

  it("is not made where there are keys", async () => {
    await createKey(db, { name: "web" });
    expect(await ensure()).toEqual({ source: "none" });
  });

  it("is not taken from a file that holds something else", async () => {
    await writeFile(join(dataDir, "integration-key"), "hunter2\n");
    const failure = await ensure().catch((error: Error) => error.message);
    expect(failure).toContain("integration-key does not contain an integration key");
    expect(failure).not.toContain("hunter2");
  });
});

describe("loadEncryptionKeys", () => {
  const one = Buffer.alloc(32, 1);
  const two = Buffer.alloc(32, 2);

  it("uses the environment on Postgres, and creates nothing", async () => {
    expect(await loadEncryptionKeys({ dataDir, databaseUrl: POSTGRES })).toEqual({});
    const settings = { dataDir, databaseUrl: POSTGRES, encryptionKey: one, encryptionKeyPrevious: two };
    expect(await loadEncryptionKeys(settings)).toEqual({ current: one, previous: two });
    await expect(stat(join(dataDir, "encryption-key"))).rejects.toThrow("ENOENT");
  });

  it("creates one for an embedded database, readable only by this user", async () => {
    const { current } = await loadEncryptionKeys({ dataDir });
    expect(current).toHaveLength(32);
    expect(await loadEncryptionKeys({ dataDir })).toEqual({ current });
    expect(await modeOf("encryption-key")).toBe("600");
  });

  it("opens with the kept one when the environment brings another", async () => {
    const { current: kept } = await loadEncryptionKeys({ dataDir });
    expect(await loadEncryptionKeys({ dataDir, encryptionKey: one })).toEqual({ current: one, previous: kept });
    const all = { dataDir, encryptionKey: one, encryptionKeyPrevious: two };
    expect(await loadEncryptionKeys(all)).toEqual({ current: one, previous: two });
  });

  it("refuses a file that holds no key", async () => {
    await writeFile(join(dataDir, "encryption-key"), "short\n");
    await expect(loadEncryptionKeys({ dataDir })).rejects.toThrow("encryption-key does not contain an encryption key");
  });
});
