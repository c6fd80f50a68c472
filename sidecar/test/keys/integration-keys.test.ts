import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Database, DatabaseUnavailable } from "../../src/engine/db/database.ts";
import { createIntegrationKeys, type IntegrationKeys } from "../../src/engine/keys/integration-keys.ts";
import { createKey, generateKey, listKeys, revokeKey } from "../../src/engine/keys/key-management.ts";
import { moveClock, openTestDatabase } from "./database.ts";

const log = pino({ level: "silent" });
let db: Database;
let keys: IntegrationKeys;
let nowMs: number;
let reads: number;
let failure: Error | undefined;

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

beforeEach(() => {
  nowMs = 0;
  reads = 0;
  failure = undefined;
  const watched: Database = {
    ...db,
    async query(statement, values) {
      if (statement.name === "keys-live") reads++;
      if (failure) throw failure;
      return db.query(statement, values);
    },
  };
  keys = createIntegrationKeys({ db: watched, log, onRefused() {}, nowMs: () => nowMs });
});
afterEach(async () => {
  await keys.close();
  await moveClock(db, 0);
  await db.query({ name: "clear", text: "DELETE FROM byo.integration_keys" });
});

const header = (key: string) => `Bearer ${key}`;
const isKnown = async (key: string) => (await keys.authenticate(header(key))).ok;

describe("authenticate", () => {
  it("knows a key by what it hashes to", async () => {
    const { id, key } = await createKey(db, { name: "web" });
    expect(await keys.authenticate(header(key))).toMatchObject({ ok: true, keyId: id });
    expect(await isKnown(generateKey())).toBe(false);
    expect(await isKnown(`${key}A`)).toBe(false);
    expect(await isKnown(key.slice(0, -1))).toBe(false);
  });

  it.each([undefined, "", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "api_abc", "Bearer api_a api_b", "Bearerapi_a"])(
    "of %j finds no key",
    async (authorization) =>
      expect(await keys.authenticate(authorization)).toEqual({
        ok: false,
        error: { type: "NoIntegrationKeyFoundInHeader" },
      }),
  );

  it("takes the scheme in any case", async () => {
    const { key } = await createKey(db, { name: "web" });
    expect((await keys.authenticate(`bearer ${key}`)).ok).toBe(true);
  });

  it("refuses another prefix without echoing what was sent", async () => {
    for (const key of ["hunter2", "API_hunter2", "apihunter2"]) {
      const check = await keys.authenticate(header(key));
      expect(check).toMatchObject({ ok: false, error: { type: "InvalidPrefix", details: expect.any(String) } });
      expect(JSON.stringify(check)).not.toContain(key);
    }
  });

  it("refuses an unknown key without details", async () => {
    const error = { type: "IntegrationKeyNotFound" };
    expect(await keys.authenticate(header(generateKey()))).toEqual({ ok: false, error });
    expect(await keys.authenticate(header("api_"))).toEqual({ ok: false, error });
  });

  it("allows all commands, or those of the key", async () => {
    const { key: full } = await createKey(db, { name: "full" });
    const { key: limited } = await createKey(db, { name: "limited", allowedCommands: ["Ping", "ValidateSession"] });
    const may = async (key: string, command: string) => {
      const check = await keys.authenticate(header(key));
      return check.ok && check.allows(command);
    };
    expect(await may(full, "CreateSession")).toBe(true);
    expect(await may(limited, "ValidateSession")).toBe(true);
    expect(await may(limited, "CreateSession")).toBe(false);
    expect(await may(limited, "validatesession")).toBe(false);
  });
});

describe("the end of a key", () => {
  it("is seen within half a second, when it is revoked", async () => {
    const { id, key } = await createKey(db, { name: "web" });
    expect(await isKnown(key)).toBe(true);
    await revokeKey(db, id);
    nowMs = 501;
    expect(await isKnown(key)).toBe(false);
  });

  it("follows the database's clock, when it expires", async () => {
    const { key } = await createKey(db, { name: "web", expiresInSecs: 3600 });
    expect(await isKnown(key)).toBe(true);
    await moveClock(db, 3599);
    nowMs = 1000;
    expect(await isKnown(key)).toBe(true);
    await moveClock(db, 3601);
    nowMs = 2000;
    expect(await isKnown(key)).toBe(false);
  });
});

describe("the keys that are kept", () => {
  it("are read once for all simultaneous callers, and again when they are old", async () => {
    const { key } = await createKey(db, { name: "web" });
    await Promise.all(Array.from({ length: 50 }, () => isKnown(key)));
    nowMs = 250;
    await isKnown(key);
    expect(reads).toBe(1);
    nowMs = 251;
    await isKnown(key);
    expect(reads).toBe(2);
  });

  it("are renewed alongside requests before they are too old", async () => {
    const { key } = await createKey(db, { name: "web" });
    expect(await isKnown(key)).toBe(true);
    await revokeKey(db, "web");
    nowMs = 300;
    expect(await isKnown(key), "this request does not wait").toBe(true);
    await expect.poll(() => isKnown(key)).toBe(false);
    expect(reads).toBe(2);
  });

  it("accept a new key after at most half a second", async () => {
    expect(await isKnown(generateKey())).toBe(false);
    const { key } = await createKey(db, { name: "web" });
    nowMs = 501;
    expect(await isKnown(key)).toBe(true);
  });

  it("never let anybody in when they cannot be read", async () => {
    const { key } = await createKey(db, { name: "web" });
    expect(await isKnown(key)).toBe(true);
    failure = new Error("connection terminated");
    nowMs = 400;
    expect(await isKnown(key), "young enough").toBe(true);
    nowMs = 501;
    await expect(isKnown(key)).rejects.toBeInstanceOf(DatabaseUnavailable);
    await expect(isKnown(generateKey())).rejects.toBeInstanceOf(DatabaseUnavailable);
    failure = undefined;
    expect(await isKnown(key)).toBe(true);
  });

  it("are not read for what cannot be a key", async () => {
    failure = new DatabaseUnavailable("down");
    expect(await keys.authenticate(undefined)).toMatchObject({ ok: false });
    expect(await keys.authenticate("Bearer hunter2")).toMatchObject({ ok: false });
  });
});

describe("the last use", () => {
  const lastUse = async () => (await listKeys(db))[0]?.last_used_at;

  it("is written once a minute", async () => {
    const { key } = await createKey(db, { name: "web" });
    expect(await lastUse()).toBeNull();
    await isKnown(key);
    await keys.close();
    const first = await lastUse();
    expect(first).toEqual(expect.any(Number));

    await moveClock(db, 120);
    nowMs = 59_999;
    await isKnown(key);
    await keys.close();
    expect(await lastUse()).toBe(first);
    nowMs = 60_000;
    await isKnown(key);
    await keys.close();
    expect(await lastUse()).toBeGreaterThanOrEqual((first ?? 0) + 120);
  });

  it("is not written again by a second replica in the same minute", async () => {
    const { key } = await createKey(db, { name: "web" });
    await isKnown(key);
    await keys.close();
    const first = await lastUse();
    await moveClock(db, 50);
    const replica = createIntegrationKeys({ db, log, onRefused() {} });
    await replica.authenticate(header(key));
    await replica.close();
    expect(await lastUse()).toBe(first);
  });

  it("does not cause a refusal if it cannot be written", async () => {
    const { key } = await createKey(db, { name: "web" });
    const broken: Database = {
      ...db,
      query: (statement, values) =>
        statement.name === "key-touch" ? Promise.reject(new Error("read-only")) : db.query(statement, values),
    };
    const brokenKeys = createIntegrationKeys({ db: broken, log, onRefused() {} });
    expect((await brokenKeys.authenticate(header(key))).ok).toBe(true);
    await brokenKeys.close();
    expect(await lastUse()).toBeNull();
  });
});
