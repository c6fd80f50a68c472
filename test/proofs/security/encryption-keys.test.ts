import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { decodeProtectedHeader } from "jose";
import { Secret, TOTP } from "otpauth";
import { describe, expect, it } from "vitest";
import { createEnvelope } from "../../../sidecar/src/engine/keys/envelope.ts";
import { SEALED_PLACES } from "../../../sidecar/src/engine/keys/sealed-places.ts";
import { createDevice } from "../../../sidecar/test/devices/forge.ts";
import {
  createDashboardClient,
  type DashboardClient,
  OWNER,
  onSidecar,
  startDashboard,
} from "../../behaviour/dashboard/api/dashboard-client.ts";
import { logInWithDevice, proofOf } from "../../behaviour/sidecar/bound-session.ts";
import { logIn, refresh, successorOf, validate } from "../../behaviour/sidecar/login.ts";
import { runByo } from "../../harness/run-byo.ts";
import { createTestDatabase, type TestDatabase } from "../../harness/test-database.ts";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { dumpDatabase } from "./database-dump.ts";

/** Each starts several sidecars, one after the other. */
const SLOW = { timeout: 60_000 };
const newKey = () => randomBytes(32).toString("base64");
const keys = (current: string, previous?: string) => ({
  INITIAL_OWNER_USERNAME: OWNER,
  ENCRYPTION_KEY: current,
  ENCRYPTION_KEY_PREVIOUS: previous,
});
const start = (database: TestDatabase, env: Record<string, string | undefined>) => startTestSidecar({ database, env });

const byo = (database: TestDatabase, words: string[], keys: Record<string, string> = {}) =>
  runByo(words, { ...database.env, ...keys });

/** As an operator runs it: without any key. */
const encryptionStatus = (database: TestDatabase) => byo(database, ["keys", "encryption", "status"]);

/** How many values of each place begin as the sidecar's key makes them, and how many otherwise. */
async function sealedWith(database: TestDatabase, key: string): Promise<Record<string, [own: number, other: number]>> {
  const prefix = prefixOf(key);
  const counts: Record<string, [number, number]> = {};
  for (const { table, column } of SEALED_PLACES) {
    const [row] = await database.sql<{ own: number; other: number }>(
      `SELECT count(*) FILTER (WHERE substring(${column} FROM 1 FOR 5) = $1)::int AS own,
         count(*) FILTER (WHERE substring(${column} FROM 1 FOR 5) <> $1)::int AS other FROM byo.${table}`,
      [prefix],
    );
    counts[`${table}.${column}`] = [row?.own ?? 0, row?.other ?? 0];
  }
  return counts;
}

function prefixOf(key: string): Buffer {
  return createEnvelope({ current: Buffer.from(key, "base64") }).prefix;
}

async function codeOf({ sql }: Pick<TestDatabase, "sql">, secret: string): Promise<string> {
  const [row] = await sql<{ now: number }>("SELECT date_part('epoch', byo.now()) AS now");
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: (row?.now ?? 0) * 1000 });
}

/** Turns the second factor on, and gives its secret. */
async function enrol(sidecar: TestSidecar, client: DashboardClient): Promise<string> {
  const { secret } = await client.get("access/start-second-factor", {});
  await client.get("access/enable-second-factor", { code: await codeOf(sidecar, secret) });
  return secret;
}

async function logInWithCode(sidecar: TestSidecar, who: DashboardClient, secret: string): Promise<number> {
  await sidecar.advance(31);
  const { username, password } = who;
  const code = await codeOf(sidecar, secret);
  return (await createDashboardClient(sidecar.dashboardUrl).call("access/login", { username, password, code })).status;
}

describe("the change of ENCRYPTION_KEY that docs/operations.md describes", SLOW, () => {
  it("loses nothing on two replicas: second factors, sessions, devices, and then without the old key", async () => {
    const [before, after] = [newKey(), newKey()];
    const database = await createTestDatabase();
    let one = await start(database, keys(before));
    let two = await start(database, keys(before));
    const { owner } = await onSidecar(one);
    const secret = await enrol(one, owner);
    const old = await logIn(one);
    const device = createDevice();
    const bound = await logInWithDevice(two, { device });
    const nothingElse = SEALED_PLACES.map(() => 0);
    const kidOf = async (sidecar: TestSidecar) =>
      decodeProtectedHeader((await sidecar.run("CreateStatelessToken", { userId: "ada" })).statelessToken).kid;
    const kid = await kidOf(one);

    // 1. Every replica gets to know the new key, one after the other.
    await one.stop();
    one = await start(database, keys(before, after));
    // Too early: the other one could not open what is sealed with it.
    await expect(start(database, keys(after, before))).rejects.toMatchObject({
      code: "ERR_ENVELOPE_KEY_NOT_SHARED",
      message: expect.stringMatching(/^1 running replica cannot open what key [\da-f]{8} encrypts/),
    });
    expect(await encryptionStatus(database)).toMatchObject({
      code: 2,
      stdout: expect.stringMatching(/\nspare {2}key .* 1 of 2 replicas can open it\n$/),
    });
    await two.stop();
    two = await start(database, keys(before, after));
    expect(await encryptionStatus(database)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/\nspare {2}key .* 2 of 2 replicas can open it\n$/),
      stderr: "Nothing needs the spare key: you can remove it, or, to change the key, make it ENCRYPTION_KEY.\n",
    });

    // 2. Every replica begins to seal with it; those that have not yet go on.
    await one.stop();
    one = await start(database, keys(after, before));
    await expect
      .poll(async () => Object.values(await sealedWith(database, after)).map(([, other]) => other))
      .toEqual(nothingElse);
    expect(await logInWithCode(two, owner, secret), "on a replica with the old order").toBe(200);
    const [here, there] = [await logIn(one), await logIn(two)];
    const early = await encryptionStatus(database);
    expect(early.code).toBe(2);
    expect(early.stdout).toMatch(
      /^current {2}key [\da-f]{8} {2}in use .*3 sessions {2}2 of 2 replicas can open it\nneeded {2}key [\da-f]{8} {2}in use .*1 session {2}2 of 2 .*\n$/,
    );
    expect(early.stderr).toContain("Keep ENCRYPTION_KEY_PREVIOUS");
    await one.advance(3601);
    const pending = await successorOf(two, here.token);
    expect(await successorOf(one, here.token)).toBe(pending);
    await successorOf(one, there.token);
    const challenge = (await two.run("CreateDeviceChallenge", {})).deviceChallenge;
    const proved = { sessionToken: bound.token, deviceVerification: proofOf(device, challenge) };
    expect((await one.command("ValidateSession", proved)).status).toBe(200);
    expect([await kidOf(one), await kidOf(two)]).toEqual([kid, kid]);
    await two.stop();
    two = await start(database, keys(after, before));
    await expect
      .poll(async () => Object.values(await sealedWith(database, after)).map(([, other]) => other))
      .toEqual(nothingElse);

    // 3. Nothing needs the old one.
    await one.advance(61);
    expect(await encryptionStatus(database)).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^(Nothing needs the spare key|Nothing needs another key): you can remove/),
    });
    await one.stop();
    await two.stop();
    one = await start(database, keys(after));
    expect(await logInWithCode(one, owner, secret), "after the old key is gone").toBe(200);
    expect(await kidOf(one)).toBe(kid);
    await refresh(one, await successorOf(one, old.token));
    await one.advance(3601);
    for (const { token } of [here, there]) expect((await validate(one, token)).status).not.toBe(500);
    const next = (await one.run("CreateDeviceChallenge", {})).deviceChallenge;
    const again = { sessionToken: bound.token, deviceVerification: proofOf(device, next) };
    expect((await one.command("ValidateAndRefreshSession", again)).status).toBe(200);
    await expect(start(database, keys(before))).rejects.toThrow(/encrypted with another key/);
  });

  it("stops the start that comes too early, and says what would be lost", async () => {
    const [before, after] = [newKey(), newKey()];
    const { sidecar, owner } = await startDashboard({ env: keys(before) });
    await enrol(sidecar, owner);
    await logIn(sidecar);
    await logIn(sidecar);
    await sidecar.run("CreateDeviceChallenge", {});
    await sidecar.stop();
    await sidecar.advance(61);
    const prefix = prefixOf(before).subarray(1).toString("hex");
    await expect(start(sidecar.database, keys(after))).rejects.toMatchObject({
      code: "ERR_ENVELOPE_KEY_UNKNOWN",
      message: expect.stringContaining(
        `(key ${prefix}: 1 second factor, 1 device challenge key, 2 sessions). Set ENCRYPTION_KEY`,
      ),
    });
    await expect(start(sidecar.database, keys(after))).rejects.not.toThrow(before);
    // A sidecar without a key at all is refused too, and none of the refused has changed anything.
    await expect(start(sidecar.database, {})).rejects.toMatchObject({ code: "ERR_ENVELOPE_KEY_MISSING" });
    const back = await start(sidecar.database, keys(before));
    expect(await sealedWith(sidecar.database, before)).toMatchObject({ "sessions.salt": [2, 0] });
    await back.stop();
  });

  it("stops a start without the old key while a replica still seals with it, also where nothing is sealed yet", async () => {
    const database = await createTestDatabase();
    const old = await start(database, keys(newKey()));
    await expect(start(database, keys(newKey()))).rejects.toThrow(/in use by a sidecar \d+ seconds ago\)/);
    await old.stop();
    await old.advance(61);
    await (await start(database, keys(newKey()))).stop();
  });
});

describe("the first key", SLOW, () => {
  it("is refused while a replica runs that has none, and taken when it has stopped", async () => {
    const database = await createTestDatabase();
    const without = await start(database, {});
    await expect(start(database, keys(newKey()))).rejects.toMatchObject({ code: "ERR_ENVELOPE_KEY_NOT_SHARED" });
    const { token } = await logIn(without);
    expect((await validate(without, token)).status, "the refused one has changed nothing").toBe(200);
    await without.stop();
    await (await start(database, keys(newKey()))).stop();
  });

  it("of two that start at once, each with another one, only one starts", async () => {
    const database = await createTestDatabase();
    const starts = await Promise.allSettled([newKey(), newKey(), newKey()].map((key) => start(database, keys(key))));
    expect(starts.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected", "rejected"]);
  });
});

describe("byo keys encryption reseal", SLOW, () => {
  it("does everything at once while replicas run that can open it", async () => {
    const [before, after] = [newKey(), newKey()];
    const database = await createTestDatabase();
    const [one, two] = [await start(database, keys(before, after)), await start(database, keys(before, after))];
    const logins = [await logIn(one), await logIn(two)];
    const refused = await byo(database, ["keys", "encryption", "reseal"], { ENCRYPTION_KEY: newKey() });
    expect(refused).toMatchObject({ code: 78, stderr: expect.stringContaining("encrypted with another key") });
    const nothing = await byo(database, ["keys", "encryption", "reseal"]);
    expect(nothing).toMatchObject({ code: 78, stderr: expect.stringContaining("ENCRYPTION_KEY is not set") });
    const resealed = await byo(database, ["keys", "encryption", "reseal"], {
      ENCRYPTION_KEY: after,
      ENCRYPTION_KEY_PREVIOUS: before,
    });
    expect(resealed.code, "the replicas still seal with the old one").toBe(2);
    expect(resealed.stderr).toMatch(/re-encrypted with key [\da-f]{8}: .*2 sessions/);
    expect(await sealedWith(database, after)).toMatchObject({ "sessions.salt": [2, 0] });
    for (const { token } of logins) expect((await validate(one, token)).status).toBe(200);
    await one.stop();
    await two.stop();
  });

  it("is refused while a replica runs that could not open it", async () => {
    const [before, after] = [newKey(), newKey()];
    const database = await createTestDatabase();
    const old = await start(database, keys(before));
    const { token } = await logIn(old);
    const env = { ENCRYPTION_KEY: after, ENCRYPTION_KEY_PREVIOUS: before };
    expect(await byo(database, ["keys", "encryption", "reseal"], env)).toMatchObject({
      code: 78,
      stderr: expect.stringContaining("1 running replica cannot open"),
    });
    expect(await sealedWith(database, before)).toMatchObject({ "sessions.salt": [1, 0] });
    expect((await validate(old, token)).status).toBe(200);
    await old.stop();
  });
});

describe("sealing again", SLOW, () => {
  it("is shared by replicas that start together, in batches, while sessions go on to rotate", async () => {
    const [before, after] = [newKey(), newKey()];
    const database = await createTestDatabase();
    const first = await start(database, keys(before));
    const logins = await Promise.all(Array.from({ length: 40 }, () => logIn(first)));
    // As many as several batches hold; nobody uses them.
    await database.sql(
      `INSERT INTO byo.sessions SELECT (jsonb_populate_record(s, jsonb_build_object('id', gen_random_uuid()))).*
       FROM byo.sessions s CROSS JOIN generate_series(1, 100) WHERE s.id = ANY($1::uuid[])`,
      [logins.map(({ sessionId }) => sessionId)],
    );
    await database.sql("DELETE FROM byo.sessions WHERE NOT (id = ANY($1::uuid[])) AND random() < 0.1", [
      logins.map(({ sessionId }) => sessionId),
    ]);
    await first.stop();
    await database.advance(3601);
    const replicas = await Promise.all([1, 2, 3].map(() => start(database, keys(after, before))));
    const [replica] = replicas;
    if (!replica) throw new Error("no replica");
    for (const { token } of logins) {
      const successor = await successorOf(replica, token);
      expect((await validate(replica, successor)).status).toBe(200);
    }
    const isOwn = async () => {
      const [row] = await database.sql<{ other: number }>(
        "SELECT count(*)::int AS other FROM byo.sessions WHERE id = ANY($1::uuid[]) AND substring(salt FROM 1 FOR 5) <> $2",
        [logins.map(({ sessionId }) => sessionId), prefixOf(after)],
      );
      return row?.other;
    };
    await expect.poll(isOwn).toBe(0);
    // Copied rows have another's salt: they do not open, the log says so, and they do not keep the old key needed.
    await expect
      .poll(() => replicas.map(({ logText }) => logText()).join("\n"))
      .toMatch(/cannot be opened with its own key and stays as it is: \d{4} sessions/);
    expect((await sealedWith(database, after))["sessions.salt"]?.[0]).toBe(40);
    const said = () => replicas.map(({ logText }) => logText()).join("\n");
    await expect
      .poll(said)
      .toMatch(/nothing is encrypted with key [\da-f]{8} any more: you can remove ENCRYPTION_KEY_PREVIOUS/);
    const status = await encryptionStatus(database);
    expect([status.code, status.stdout]).toEqual([
      0,
      expect.stringMatching(/\ndamaged {2}key [\da-f]{8} .* \d{4} sessions\n$/),
    ]);
    await (await start(database, keys(after))).stop();
  });

  it("does what was stored in clear once there is a key, and a second factor is not lost", async () => {
    const { sidecar, owner } = await startDashboard();
    await logIn(sidecar);
    // What a version stored that let a second factor be enrolled without a key.
    const secret = new Secret({ size: 20 });
    const clear = Buffer.concat([Buffer.of(0), Buffer.from(secret.bytes)]);
    await sidecar.sql("UPDATE byo.dashboard_users SET second_factor = $1 WHERE username = $2", [clear, owner.username]);
    expect(await logInWithCode(sidecar, owner, secret.base32)).toBe(200);
    expect((await dumpDatabase(sidecar)).text).toContain(Buffer.from(secret.bytes).toString("latin1"));

    await sidecar.stop();
    const key = newKey();
    const sealing = await start(sidecar.database, keys(key));
    await expect
      .poll(() => sealedWith(sidecar.database, key))
      .toMatchObject({
        "dashboard_users.second_factor": [1, 0],
        "sessions.salt": [1, 0],
      });
    expect((await dumpDatabase(sidecar)).text).not.toContain(Buffer.from(secret.bytes).toString("latin1"));
    // The log has it after the commit that the poll has seen.
    await expect.poll(() => sealing.logText()).toMatch(/re-encrypted with key [\da-f]{8}: 1 second factor, 1 session/);
    expect(await logInWithCode(sealing, owner, secret.base32)).toBe(200);
  });

  it("happens at a login too", async () => {
    const [before, after] = [newKey(), newKey()];
    const { sidecar, owner } = await startDashboard({ env: keys(before) });
    const secret = await enrol(sidecar, owner);
    const [old] = await sidecar.sql("SELECT second_factor FROM byo.dashboard_users");
    await sidecar.stop();
    const second = await start(sidecar.database, keys(after, before));
    await expect
      .poll(() => sealedWith(sidecar.database, after))
      .toMatchObject({ "dashboard_users.second_factor": [1, 0] });
    // As a replica with the old order would leave it behind the pass.
    await sidecar.sql("UPDATE byo.dashboard_users SET second_factor = $1", [old?.second_factor]);
    expect(await logInWithCode(second, owner, secret)).toBe(200);
    expect(await sealedWith(sidecar.database, after)).toMatchObject({ "dashboard_users.second_factor": [1, 0] });
  });
});

it("Postgres without ENCRYPTION_KEY: no second factor is set up in clear, and the refusal says what to set", async () => {
  const { sidecar, owner } = await startDashboard();
  const refusal = {
    status: 409,
    body: { type: "EncryptionKeyMissing", message: expect.stringContaining("ENCRYPTION_KEY") },
  };
  expect(await owner.call("access/start-second-factor")).toMatchObject(refusal);
  // Begun on a version that allowed it, or on a replica that has a key.
  const pending = Buffer.concat([Buffer.of(0), randomBytes(20)]);
  await sidecar.sql("UPDATE byo.dashboard_users SET pending_second_factor = $1", [pending]);
  const totp = new TOTP({ secret: new Secret({ buffer: new Uint8Array(pending.subarray(1)).buffer }) });
  expect(await owner.call("access/enable-second-factor", { code: totp.generate() })).toMatchObject(refusal);
  const [row] = await sidecar.sql("SELECT second_factor FROM byo.dashboard_users");
  expect(row).toEqual({ second_factor: null });
});

it("a database of the version before knows which keys it needs", async () => {
  const [before, after] = [newKey(), newKey()];
  const sidecar = await startTestSidecar({ env: keys(before) });
  await logIn(sidecar);
  await sidecar.stop();
  await sidecar.sql(`
    DROP TABLE byo.encryption_keys;
    ALTER TABLE byo.integration_keys DROP COLUMN capabilities, DROP COLUMN devices_ignored_at;
    CREATE TABLE byo.encryption_check (only_row boolean PRIMARY KEY DEFAULT true, sealed bytea NOT NULL);
    DELETE FROM byo.migrations WHERE version = 5`);
  await expect(start(sidecar.database, keys(after))).rejects.toThrow(/another key \(key [\da-f]{8}: 1 session\)/);
  await (await start(sidecar.database, keys(after, before))).stop();
});

it("every binary value in the database is sealed again, or is known not to be sealed", async () => {
  const NOT_SEALED = [
    /^dashboard_recovery_codes\.code_hash$/,
    /^dashboard_sessions\.(token|previous)_hash$/,
    /^devices\.user_hash$/,
    /^encryption_(keys\.prefix|readers\.prefixes)$/,
    /^impersonation_sessions\.token_hash$/,
    /^integration_keys\.key_hash$/,
    /^legacy_sessions\.legacy_id_hash$/,
    /^sessions\.(cur_hash|next_hash|client_pair|other_pair)$/,
    /^upgrade_tickets\.ticket_hash$/,
    /^used_proofs\.proof_hash$/,
  ];
  const schema = await readFile(fileURLToPath(new URL("../../../sidecar/schema.sql", import.meta.url)), "utf8");
  const columns = [...schema.matchAll(/CREATE TABLE byo\.(\w+) \(([\s\S]*?)\n\)/g)].flatMap(([, table, body = ""]) =>
    [...body.matchAll(/^ {2}(\w+) bytea/gm)].map(([, column]) => `${table}.${column}`),
  );
  const sealed = columns.filter((name) => !NOT_SEALED.some((pattern) => pattern.test(name)));
  expect(sealed.sort()).toEqual(SEALED_PLACES.map(({ table, column }) => `${table}.${column}`).sort());
});
