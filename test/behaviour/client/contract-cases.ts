import { randomBytes } from "node:crypto";
import type { PropelAuthClient } from "@propelauth/byo-node";
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { CHROME_ON_MAC, FIREFOX_ON_MAC } from "../sidecar/user-agents.ts";
import { errorOf } from "./error-of.ts";

type PublicSession = PropelAuthClient["session"];
type Method =
  | "create"
  | "validate"
  | "validateAndRefresh"
  | "fetchAllForUser"
  | "fetchAll"
  | "fetchById"
  | "update"
  | "updateMany"
  | "invalidateById"
  | "invalidateByToken"
  | "invalidateAllForUser"
  | "invalidateAllForUserExceptOne"
  | "getJwks"
  | "rotateStatelessTokenKey";

type Outcome<T> = { getOrThrow(): T } & ({ ok: true } | { ok: false; error: { type: string; details?: unknown } });
/** A call as the public client types it, except for its errors, which have different names. */
type Call<F extends (data: never) => Promise<{ getOrThrow(): unknown }>> = (
  data: Parameters<F>[0],
) => Promise<Outcome<ReturnType<Awaited<ReturnType<F>>["getOrThrow"]>>>;

/** What the public client and core's have in common. */
export interface ContractClient {
  ping: Call<PropelAuthClient["ping"]>;
  session: { [M in Method]: Call<PublicSession[M]> } & {
    // The public client's type allows any JSON here; the contract wants an object.
    createStatelessToken: (data: {
      userId: string;
      customClaims?: Record<string, string>;
    }) => ReturnType<Call<PublicSession["createStatelessToken"]>>;
  };
}

/** Every command of the contract through a client, and its errors: the same cases for every client and every carrier. */
export function defineContract(
  connect: (sidecar: TestSidecar) => ContractClient | Promise<ContractClient>,
  env: Record<string, string> = {},
): void {
  let sidecar: TestSidecar;
  let client: ContractClient;

  beforeAll(async () => {
    const config = {
      tags: [
        { tag: "one:only", max_concurrent_sessions_per_user_per_tag: 1, on_session_limit_exceeded: "reject_new" },
        { tag: "net:inside", ip_allowlist: ["203.0.113.0/24"] },
        { tag: "device:needed", require_device: "any" },
      ],
      on_create_only_tags: ["type"],
    };
    sidecar = await startTestSidecar({ config, env: { ENCRYPTION_KEY: randomBytes(32).toString("base64"), ...env } });
    client = await connect(sidecar);
  });

  async function logIn(data: Partial<Parameters<typeof client.session.create>[0]> = {}) {
    return (await client.session.create({ userId: "ada", ...data })).getOrThrow();
  }

  describe("ping", () => {
    it("tells the time", async () => {
      const { timestamp } = (await client.ping({})).getOrThrow();
      expect(Math.abs(timestamp - Date.now() / 1000)).toBeLessThan(5);
    });
  });

  describe("session.create", () => {
    it("logs in", async () => {
      const created = await logIn({
        tags: ["org:acme"],
        userAgent: CHROME_ON_MAC,
        ipAddress: "203.0.113.9",
        metadata: [1],
      });
      expect(created).toEqual({
        sessionId: expect.any(String),
        sessionToken: expect.stringMatching(/^byo_sess_/),
        expiresAt: expect.any(Number),
      });
    });

    it.each([
      [{ tags: ["nocolon"] }, { type: "TagParseError", details: { InvalidTagFormat: "nocolon" } }],
      [
        { tags: ["net:inside"], ipAddress: "192.0.2.1" },
        { type: "IpAddressError", details: "NotAllowed" },
      ],
      [{ ipAddress: "nonsense" }, { type: "IpAddressError", details: "Malformed" }],
      [{ tags: ["device:needed"] }, { type: "InvalidDeviceRegistration" }],
      [{ deviceRegistration: { signedDeviceChallenge: "x" } }, { type: "InvalidDeviceRegistration" }],
      [{ userId: "" }, { type: "UnexpectedError", details: "userId: expected a string that is not empty" }],
    ])("tells what is wrong: %j", async (data, error) => {
      expect(errorOf(await client.session.create({ userId: "ada", ...data }))).toEqual(error);
    });

    it("reports a limit", async () => {
      await logIn({ userId: "bea", tags: ["one:only"] });
      expect(errorOf(await client.session.create({ userId: "bea", tags: ["one:only"] }))).toEqual({
        type: "SessionLimitExceeded",
        details: { currentCount: 1, maxAllowed: 1 },
      });
    });
  });

  describe.each(["validate", "validateAndRefresh"] as const)("session.%s", (method) => {
    it("tells whose session it is", async () => {
      const { sessionToken, sessionId, expiresAt } = await logIn({ tags: ["org:acme"], metadata: { a: 1 } });
      expect((await client.session[method]({ sessionToken, requiredTags: ["org:acme"] })).getOrThrow()).toEqual({
        sessionId,
        userId: "ada",
        createdAt: expiresAt - 1_209_600,
        expiresAt,
        tags: ["org:acme"],
        metadata: { a: 1 },
        hasDeviceRegistered: false,
      });
    });

    it("tells why a token is not good", async () => {
      const inside = { tags: ["net:inside"], ipAddress: "203.0.113.9", userAgent: CHROME_ON_MAC };
      const { sessionToken } = await logIn(inside);
      const passed = { ipAddress: inside.ipAddress, userAgent: inside.userAgent };
      const refuse = async (data: object) => errorOf(await client.session[method]({ sessionToken, ...data }));
      expect(await refuse({ sessionToken: "x" })).toEqual({ type: "InvalidSessionToken", details: "NotFound" });
      expect(await refuse({ sessionToken: undefined })).toEqual({ type: "InvalidSessionToken", details: "NotFound" });
      expect(await refuse({})).toEqual({ type: "IpAddressError", details: "Missing" });
      expect(await refuse({ ipAddress: "192.0.2.1" })).toEqual({ type: "IpAddressError", details: "NotAllowed" });
      expect(await refuse({ ipAddress: inside.ipAddress })).toMatchObject({ details: "UserAgentMissing" });
      expect(await refuse({ ...passed, requiredTags: ["a:b"] })).toMatchObject({ details: "MissingRequiredTag: a:b" });
      expect(await refuse({ ...passed, userAgent: FIREFOX_ON_MAC })).toMatchObject({ details: "UserAgentChanged" });
      expect(await refuse(passed)).toEqual({ type: "InvalidSessionToken", details: "UserAgentChanged" });
    });

    it("tells that a device is needed", async () => {
      const { sessionToken, sessionId } = await logIn();
      (await client.session.update({ sessionId, tagsToAdd: ["device:needed"] })).getOrThrow();
      expect(errorOf(await client.session[method]({ sessionToken }))).toEqual({ type: "DeviceVerificationRequired" });
    });
  });

  describe("session.validateAndRefresh", () => {
    it("gives the successor when the token is due", async () => {
      const { sessionToken } = await logIn();
      await sidecar.advance(3601);
      const { newSessionToken } = (await client.session.validateAndRefresh({ sessionToken })).getOrThrow();
      expect(newSessionToken).toMatch(/^byo_sess_[\w-]{22}\.00000002\./);
      const next = (await client.session.validateAndRefresh({ sessionToken: newSessionToken ?? "" })).getOrThrow();
      expect(next).not.toHaveProperty("newSessionToken");
    });
  });

  describe("session.fetchAllForUser, fetchAll and fetchById", () => {
    it("list sessions", async () => {
      const { sessionId } = await logIn({ userId: "cleo", tags: ["org:acme"], userAgent: CHROME_ON_MAC });
      await logIn({ userId: "cleo" });
      const session = (await client.session.fetchById({ sessionId })).getOrThrow();
      expect(session).toMatchObject({
        sessionId,
        sessionTags: ["org:acme"],
        device: { displayName: "Chrome 140 on macOS", deviceType: "Desktop" },
      });
      const filter = { userId: "cleo", sessionTags: ["org:acme"] };
      expect((await client.session.fetchAllForUser(filter)).getOrThrow()).toEqual({ sessions: [session] });
      expect((await client.session.fetchAll({ ...filter, page: 0 })).getOrThrow()).toEqual({
        items: [session],
        page: 0,
        pageSize: 50,
        totalCount: 1,
        hasMoreResults: false,
      });
    });

    it("tell what is wrong", async () => {
      expect(errorOf(await client.session.fetchById({ sessionId: "x" }))).toEqual({ type: "SessionNotFound" });
      expect(errorOf(await client.session.fetchAllForUser({ userId: "" }))).toMatchObject({ type: "UnexpectedError" });
      expect(errorOf(await client.session.fetchAll({ page: -1 }))).toEqual({
        type: "UnexpectedError",
        details: "page: expected 0 or more",
      });
    });
  });

  describe("session.update and updateMany", () => {
    it("change tags and metadata", async () => {
      const { sessionId, sessionToken } = await logIn({ userId: "dan", tags: ["a:b"], metadata: { a: 1, b: 1 } });
      const changes = { tagsToAdd: ["c:d"], tagsToRemove: ["a:b"] };
      expect(
        (await client.session.update({ sessionId, ...changes, newMetadata: { a: 2, b: 2 } })).getOrThrow(),
      ).toEqual({});
      const many = await client.session.updateMany({ filter: { userId: "dan" }, patchMetadata: { b: null } });
      expect(many.getOrThrow()).toEqual({ updatedCount: 1 });
      expect((await client.session.validate({ sessionToken })).getOrThrow()).toMatchObject({
        tags: ["c:d"],
        metadata: { a: 2 },
      });
    });

    it.each([
      [{ newMetadata: 1, patchMetadata: 1 }, { type: "ConflictingMetadataOptions" }],
      [{ tagsToAdd: ["x"] }, { type: "InvalidTagFormat", details: { InvalidTagFormat: "x" } }],
      [{ tagsToAdd: ["type:x"] }, { type: "CannotModifyOnCreateOnlyTags", details: { tag_names: ["type"] } }],
    ])("tell what is wrong: %j", async (changes, error) => {
      const { sessionId } = await logIn({ userId: "eve" });
      expect(errorOf(await client.session.update({ sessionId, ...changes }))).toEqual(error);
      expect(errorOf(await client.session.updateMany({ filter: { userId: "eve" }, ...changes }))).toEqual(error);
    });

    it("tell that there is no such session, or no filter", async () => {
      expect(errorOf(await client.session.update({ sessionId: "x" }))).toEqual({ type: "SessionNotFound" });
      expect(errorOf(await client.session.updateMany({ filter: {} }))).toMatchObject({ type: "UnexpectedError" });
    });
  });

  describe("session.invalidate…", () => {
    const validate = async (sessionToken: string) => errorOf(await client.session.validate({ sessionToken }));

    it("ByToken logs out", async () => {
      const { sessionToken } = await logIn();
      expect((await client.session.invalidateByToken({ sessionToken })).getOrThrow()).toEqual({});
      expect((await client.session.invalidateByToken({})).getOrThrow()).toEqual({});
      expect(await validate(sessionToken)).toEqual({ type: "InvalidSessionToken", details: "LoggedOut" });
    });

    it("ById revokes", async () => {
      const { sessionToken, sessionId } = await logIn();
      expect(errorOf(await client.session.invalidateById({ sessionId, userId: "eve" }))).toEqual({
        type: "SessionNotFound",
      });
      expect((await client.session.invalidateById({ sessionId, userId: "ada" })).getOrThrow()).toEqual({});
      expect(await validate(sessionToken)).toEqual({ type: "InvalidSessionToken", details: "Revoked" });
    });

    it("AllForUser and AllForUserExceptOne revoke many", async () => {
      const kept = await logIn({ userId: "fay" });
      await logIn({ userId: "fay" });
      const data = { userId: "fay", sessionTokenToKeep: kept.sessionToken };
      expect((await client.session.invalidateAllForUserExceptOne(data)).getOrThrow()).toEqual({
        sessionsInvalidated: 1,
      });
      expect((await client.session.invalidateAllForUser({ userId: "fay" })).getOrThrow()).toEqual({
        sessionsInvalidated: 1,
      });
      expect(errorOf(await client.session.invalidateAllForUserExceptOne(data))).toMatchObject({
        type: "UnexpectedError",
      });
    });
  });

  describe("session.createStatelessToken, getJwks and rotateStatelessTokenKey", () => {
    it("give a token, and the keys that verify it before and after a rotation", async () => {
      const { statelessToken } = (await client.session.createStatelessToken({ userId: "gil" })).getOrThrow();
      const times = { secsBeforeNewKeyBecomesDefault: 0, secsBeforeExistingKeysAreDeactivated: 600 };
      const { newKeyId } = (await client.session.rotateStatelessTokenKey(times)).getOrThrow();
      const { timestamp } = (await client.ping({})).getOrThrow();
      const keys = createLocalJWKSet((await client.session.getJwks({})).getOrThrow());
      const { payload } = await jwtVerify(statelessToken, keys, { currentDate: new Date(timestamp * 1000) });
      expect(payload.sub).toBe("gil");
      const next = (await client.session.createStatelessToken({ userId: "gil" })).getOrThrow();
      expect(decodeProtectedHeader(next.statelessToken).kid).toBe(newKeyId);
    });

    it("tell what is wrong", async () => {
      const claims = { userId: "gil", customClaims: { sub: "eve" } };
      expect(errorOf(await client.session.createStatelessToken(claims))).toMatchObject({ type: "TokenCreationFailed" });
      const times = { secsBeforeNewKeyBecomesDefault: 2, secsBeforeExistingKeysAreDeactivated: 1 };
      expect(errorOf(await client.session.rotateStatelessTokenKey(times))).toMatchObject({ type: "InvalidParameters" });
    });
  });
}
