import { randomBytes } from "node:crypto";
import { STATELESS_TOKEN_LIFETIME } from "@byo-session/core/contract";
import { createClient, type PropelAuthClient } from "@propelauth/byo-node";
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { errorOf } from "./error-of.ts";

const ENCRYPTION_KEY = randomBytes(32).toString("base64");

let sidecar: TestSidecar;
let client: PropelAuthClient;

async function start(env: Record<string, string | undefined> = { ENCRYPTION_KEY }) {
  sidecar = await startTestSidecar({ env });
  client = createClient({ url: sidecar.url, integrationKey: sidecar.integrationKey });
}

beforeAll(() => start());

async function create(data: Partial<Parameters<PropelAuthClient["session"]["createStatelessToken"]>[0]> = {}) {
  return (await client.session.createStatelessToken({ userId: "ada", ...data })).getOrThrow();
}

async function rotate(secsBeforeNewKeyBecomesDefault: number, secsBeforeExistingKeysAreDeactivated: number) {
  return client.session.rotateStatelessTokenKey({
    secsBeforeNewKeyBecomesDefault,
    secsBeforeExistingKeysAreDeactivated,
  });
}

async function jwks(): Promise<JSONWebKeySet> {
  return (await client.session.getJwks({})).getOrThrow();
}

/** By the keys that are published now, and by the database's clock. */
async function verify(token: string) {
  const { timestamp } = await sidecar.run("Ping", {});
  return jwtVerify(token, createLocalJWKSet(await jwks()), { currentDate: new Date(timestamp * 1000) });
}

describe("session.createStatelessToken", () => {
  it("gives a JWT that the published keys verify", async () => {
    const { sessionId } = (await client.session.create({ userId: "ada" })).getOrThrow();
    const customClaims = { role: "admin", orgs: [{ id: 1 }], __proto: null };
    const notBeforeUnixtime = 1_700_000_000;
    const data = { sessionId, customClaims, issuer: "https://app.example.com", audience: "reports", notBeforeUnixtime };
    const { statelessToken, expiresAt } = await create({ ...data, lifetimeSecs: 60 });
    const { payload, protectedHeader } = await verify(statelessToken);
    expect(protectedHeader).toEqual({ alg: "RS256", typ: "JWT", kid: expect.any(String) });
    expect(payload).toEqual({
      ...customClaims,
      sub: "ada",
      sid: sessionId,
      iss: "https://app.example.com",
      aud: "reports",
      nbf: notBeforeUnixtime,
      iat: expiresAt - 60,
      exp: expiresAt,
      jti: expect.any(String),
    });
  });

  it("leaves out what was not asked for, and lasts five minutes", async () => {
    const { statelessToken, expiresAt } = await create();
    const { timestamp } = await sidecar.run("Ping", {});
    expect(Math.abs(expiresAt - timestamp - STATELESS_TOKEN_LIFETIME.default)).toBeLessThan(5);
    expect(Object.keys(decodeJwt(statelessToken)).sort()).toEqual(["exp", "iat", "jti", "sub"]);
    expect(decodeJwt((await create()).statelessToken).jti).not.toBe(decodeJwt(statelessToken).jti);
  });

  it.each(["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "sid"])(
    "TokenCreationFailed: customClaims cannot name %s",
    async (name) => {
      const result = await client.session.createStatelessToken({ userId: "ada", customClaims: { [name]: 1 } });
      expect(errorOf(result)).toEqual({ type: "TokenCreationFailed", details: expect.stringContaining(`"${name}"`) });
    },
  );

  it("TokenCreationFailed: a token that would never be good", async () => {
    const { timestamp } = await sidecar.run("Ping", {});
    const notBeforeUnixtime = timestamp + 3600;
    const result = await client.session.createStatelessToken({ userId: "ada", notBeforeUnixtime });
    expect(errorOf(result)).toEqual({ type: "TokenCreationFailed", details: expect.stringContaining("before") });
  });

  it.each([
    [{ lifetimeSecs: 0 }, "lifetimeSecs: expected 1 or more"],
    [{ lifetimeSecs: 86_401 }, "lifetimeSecs: expected at most 86400"],
    [{ lifetimeSecs: 1.5 }, "lifetimeSecs: expected a whole number"],
    [{ customClaims: [1] }, "customClaims: expected an object"],
    [{ customClaims: { a: "x".repeat(65_536) } }, "customClaims: expected at most 65536 bytes of JSON"],
    [{ userId: "" }, "userId: expected a string that is not empty"],
    [{ issuer: "x".repeat(8193) }, "issuer: expected at most 8192 characters"],
    [{ audience: "" }, "audience: expected a string that is not empty"],
    [{ notBeforeUnixtime: -1 }, "notBeforeUnixtime: expected 0 or more"],
  ])("UnexpectedError: what is no good %#", async (data, details) => {
    const result = await client.session.createStatelessToken({ userId: "ada", ...data });
    expect(errorOf(result)).toEqual({ type: "UnexpectedError", details });
  });

  it("takes the longest and the shortest life", async () => {
    for (const lifetimeSecs of [1, 86_400]) {
      const { statelessToken, expiresAt } = await create({ lifetimeSecs });
      expect(decodeJwt(statelessToken).iat).toBe(expiresAt - lifetimeSecs);
    }
  });
});

describe("session.getJwks", () => {
  it("lists public keys, as the address for everybody does", async () => {
    const keys = (await jwks()).keys;
    expect(keys).toContainEqual({
      kty: "RSA",
      use: "sig",
      alg: "RS256",
      kid: expect.any(String),
      n: expect.any(String),
      e: "AQAB",
    });
    const answer = await fetch(`${sidecar.url}/.well-known/jwks.json`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toContain("application/json");
    expect(answer.headers.get("cache-control")).toBe("public, max-age=60");
    expect(await answer.json()).toEqual({ keys });
    for (const key of keys) expect(Object.keys(key).sort()).toEqual(["alg", "e", "kid", "kty", "n", "use"]);
  });

  it("has a key from the first question on, and one key where many ask at once", async () => {
    await start();
    const asked = await Promise.all([jwks(), jwks(), create().then(jwks), jwks()]);
    expect(new Set(asked.flatMap(({ keys }) => keys.map(({ kid }) => kid))).size).toBe(1);
  });
});

describe("session.rotateStatelessTokenKey", () => {
  beforeAll(() => start());

  it("publishes the new key at once, signs with it when it was said, and takes the old one away when that was said", async () => {
    const before = (await create({ lifetimeSecs: 30 })).statelessToken;
    const rotated = (await rotate(60, 100)).getOrThrow();
    expect(rotated.existingKeysExpireAt - rotated.newKeyBecomesDefaultAt).toBe(40);
    const { timestamp } = await sidecar.run("Ping", {});
    expect(Math.abs(rotated.newKeyBecomesDefaultAt - timestamp - 60)).toBeLessThan(3);
    const kids = async () => (await jwks()).keys.map(({ kid }) => kid);
    const kidOf = async (token: string) => decodeProtectedHeader(token).kid;
    expect(await kids()).toEqual([rotated.newKeyId, await kidOf(before)]);
    expect(await kidOf((await create()).statelessToken)).toBe(await kidOf(before));
    await verify(before);

    await sidecar.advance(61);
    const after = (await create()).statelessToken;
    expect(await kidOf(after)).toBe(rotated.newKeyId);
    await verify(after);
    expect(await kids()).toHaveLength(2);

    await sidecar.advance(40);
    expect(await kids()).toEqual([rotated.newKeyId]);
    await verify((await create()).statelessToken);
    await expect(verify(before)).rejects.toMatchObject({ code: "ERR_JWKS_NO_MATCHING_KEY" });
  });

  it("a token never outlives the key that signed it", async () => {
    const { existingKeysExpireAt } = (await rotate(100, 100)).getOrThrow();
    const { statelessToken, expiresAt } = await create({ lifetimeSecs: 3600 });
    expect(expiresAt).toBe(existingKeysExpireAt);
    expect(decodeJwt(statelessToken).exp).toBe(expiresAt);
    const short = await create({ lifetimeSecs: 10 });
    expect(short.expiresAt).toBeLessThan(expiresAt);
  });

  it("in an emergency the new key signs and the old ones are gone at once, also those of a rotation under way", async () => {
    (await rotate(1000, 2000)).getOrThrow();
    const leaked = (await create()).statelessToken;
    const { newKeyId } = (await rotate(0, 0)).getOrThrow();
    await expect(verify(leaked)).rejects.toMatchObject({ code: "ERR_JWKS_NO_MATCHING_KEY" });
    expect((await jwks()).keys.map(({ kid }) => kid)).toEqual([newKeyId]);
    expect(decodeProtectedHeader((await create()).statelessToken).kid).toBe(newKeyId);
    await sidecar.advance(1500);
    expect(decodeProtectedHeader((await create()).statelessToken).kid).toBe(newKeyId);
  });

  it("InvalidParameters: a time in which no key would sign", async () => {
    expect(errorOf(await rotate(10, 9))).toEqual({ type: "InvalidParameters", details: expect.any(String) });
  });

  it.each([
    [-1, 10],
    [0.5, 10],
    [10, 315_360_001],
  ])("UnexpectedError: %d and %d", async (first, second) => {
    expect(errorOf(await rotate(first, second))).toMatchObject({ type: "UnexpectedError" });
  });

  it("RotationFailed: more keys than verifiers should read", async () => {
    await start();
    for (let at = 0; at < 9; at++) (await rotate(1, 1000)).getOrThrow();
    expect(errorOf(await rotate(1, 1000))).toEqual({
      type: "RotationFailed",
      details: expect.stringContaining("10 keys are published"),
    });
    await sidecar.advance(1001);
    for (let at = 0; at < 9; at++) (await rotate(1, 1000)).getOrThrow();
    expect(errorOf(await rotate(1, 1000))).toMatchObject({ type: "RotationFailed" });
    (await rotate(0, 0)).getOrThrow();
    expect((await jwks()).keys).toHaveLength(1);
  });

  it("is in the audit trail, with who did it", async () => {
    const { newKeyId } = (await rotate(5, 10)).getOrThrow();
    const [row] = await sidecar.sql<{ actor: string; details: object }>(
      "SELECT actor, details FROM byo.audit_events WHERE event = 'StatelessTokenKeyRotated' ORDER BY id DESC LIMIT 1",
    );
    expect(row?.actor).toMatch(/^key:/);
    expect(row?.details).toEqual({
      keyId: newKeyId,
      secsBeforeNewKeyBecomesDefault: 5,
      secsBeforeExistingKeysAreDeactivated: 10,
    });
    const [first] = await sidecar.sql("SELECT actor FROM byo.audit_events WHERE event = 'StatelessTokenKeyCreated'");
    expect(first).toEqual({ actor: "system" });
  });
});

describe("without ENCRYPTION_KEY", () => {
  it("no key is made, and the errors say why", async () => {
    await start({ ENCRYPTION_KEY: undefined });
    const says = expect.stringContaining("ENCRYPTION_KEY is not set");
    expect(errorOf(await client.session.createStatelessToken({ userId: "ada" }))).toEqual({
      type: "TokenCreationFailed",
      details: says,
    });
    expect(errorOf(await rotate(1, 2))).toEqual({ type: "RotationFailed", details: says });
    expect(await jwks()).toEqual({ keys: [] });
    expect(await sidecar.sql("SELECT id FROM byo.stateless_token_keys")).toEqual([]);
    expect(sidecar.logText()).toContain("no stateless tokens can be made");
  });
});
