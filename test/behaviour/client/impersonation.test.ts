import { randomUUID } from "node:crypto";
import { createClient, type PropelAuthClient } from "@propelauth/byo-node";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { CLIENT, configure, JOE, JOE_MAY } from "../sidecar/impersonation/impersonate.ts";
import { errorOf } from "./error-of.ts";

type Impersonation = PropelAuthClient["impersonation"];
type Creation = Parameters<Impersonation["create"]>[0];

let sidecar: TestSidecar;
let impersonation: Impersonation;
/** A new user in each test. */
let targetUserId: string;

beforeAll(async () => {
  sidecar = await startTestSidecar();
  impersonation = createClient({ url: sidecar.url, integrationKey: sidecar.integrationKey }).impersonation;
  await configure(sidecar, JOE_MAY);
});

beforeEach(() => {
  targetUserId = randomUUID();
});

async function create(data: Partial<Creation> = {}) {
  return (await impersonation.create({ employeeEmail: JOE, targetUserId, ...CLIENT, ...data })).getOrThrow();
}

function validate(impersonationToken: string, client: Partial<typeof CLIENT> = {}) {
  return impersonation.validate({ impersonationToken, ...CLIENT, ...client });
}

describe("impersonation.create", () => {
  it("gives a token of its own realm, good for an hour", async () => {
    const { sessionId, impersonationSessionToken, expiresAt } = await create();
    const { timestamp } = await sidecar.run("Ping", {});
    expect(Math.abs(expiresAt - timestamp - 3600)).toBeLessThan(5);
    expect(impersonationSessionToken).toMatch(/^byo_imp_[\w-]{22}\.[\w-]{43}$/);
    expect(sessionId).toMatch(/^[0-9a-f-]{36}$/);
    expect(await sidecar.command("ValidateSession", { sessionToken: impersonationSessionToken })).toMatchObject({
      status: 401,
    });
  });

  it("ImpersonationDisabled, then ImpersonationNotEnabled: the configuration turns it off", async () => {
    const { impersonationSessionToken: token } = await create();
    await configure(sidecar, { ...JOE_MAY, enabled: false });
    const refused = await impersonation.create({ employeeEmail: JOE, targetUserId, ...CLIENT });
    expect(errorOf(refused)).toEqual({ type: "ImpersonationDisabled" });
    expect(errorOf(await validate(token))).toEqual({ type: "ImpersonationNotEnabled" });
    await configure(sidecar, JOE_MAY);
    expect((await validate(token)).ok).toBe(true);
  });

  it("UnauthorizedEmployee: not on the list", async () => {
    const refused = await impersonation.create({ employeeEmail: "ann@example.com", targetUserId, ...CLIENT });
    expect(errorOf(refused)).toEqual({
      type: "UnauthorizedEmployee",
      details: expect.stringMatching(/^NotAllowed: who_can_impersonate/),
    });
  });
});

describe("impersonation.validate", () => {
  it.each([
    ["metadata", { ticket: 7 }],
    ["null where there is none", null],
  ])("tells who acts as whom, with %s", async (_, metadata) => {
    const created = await create(metadata === null ? {} : { metadata });
    const validated = (await validate(created.impersonationSessionToken)).getOrThrow();
    expect(validated).toEqual({
      ...{ impersonationSessionId: created.sessionId, employeeEmail: JOE, targetUserId, metadata },
      ...{ createdAt: created.expiresAt - 3600, expiresAt: created.expiresAt },
    });
  });

  it("InvalidImpersonationToken: no token, a session's token, another secret", async () => {
    const { impersonationSessionToken: token } = await create();
    const { sessionToken } = await sidecar.run("CreateSession", { userId: targetUserId });
    const otherSecret = `${token.slice(0, -43)}${"A".repeat(43)}`;
    const otherId = token.replace(/_imp_.{21}/, `_imp_${"A".repeat(21)}`);
    for (const wrong of ["", "x", sessionToken, otherSecret, otherId, `${token} `, token.toLowerCase()]) {
      expect(errorOf(await validate(wrong))).toEqual({ type: "InvalidImpersonationToken", details: "NotFound" });
    }
  });

  it("SessionNotFound: it has expired", async () => {
    const { impersonationSessionToken: token } = await create();
    await sidecar.advance(3599);
    expect((await validate(token)).ok).toBe(true);
    await sidecar.advance(2);
    expect(errorOf(await validate(token))).toEqual({ type: "SessionNotFound" });
  });

  it("IpAddressMismatch: another address, or none; it lives on", async () => {
    const { impersonationSessionToken: token } = await create();
    for (const ipAddress of ["192.0.2.2", "2001:db8::1", "", "unknown"]) {
      expect(errorOf(await validate(token, { ipAddress }))).toEqual({ type: "IpAddressMismatch" });
    }
    expect((await validate(token, { ipAddress: "::ffff:192.0.2.1" })).ok).toBe(true);
  });

  it("UserAgentMismatch: another browser; it lives on", async () => {
    const { impersonationSessionToken: token } = await create();
    for (const userAgent of ["other/1", "", "support-desk/2"]) {
      expect(errorOf(await validate(token, { userAgent }))).toEqual({ type: "UserAgentMismatch" });
    }
    expect((await validate(token)).ok).toBe(true);
  });
});

describe("listing impersonations", () => {
  it("fetchById: one that lives, with its metadata", async () => {
    const { sessionId: impersonationSessionId, expiresAt } = await create({ metadata: ["why"] });
    const info = (await impersonation.fetchById({ impersonationSessionId })).getOrThrow();
    expect(info).toEqual({
      ...{ impersonationSessionId, employeeEmail: JOE, targetUserId, metadata: ["why"] },
      ...{ createdAt: expiresAt - 3600, expiresAt },
    });
  });

  it("SessionNotFound: an id that is unknown, malformed, or of a session", async () => {
    const { sessionId } = await sidecar.run("CreateSession", { userId: targetUserId });
    for (const impersonationSessionId of [randomUUID(), "x", "", sessionId]) {
      expect(errorOf(await impersonation.fetchById({ impersonationSessionId }))).toEqual({ type: "SessionNotFound" });
      expect(errorOf(await impersonation.invalidateById({ impersonationSessionId }))).toEqual({
        type: "SessionNotFound",
      });
    }
  });

  it("fetchAllForEmployee and fetchAllForUser: the newest first, without metadata where there is none", async () => {
    const first = await create();
    const second = await create();
    const ofUser = (await impersonation.fetchAllForUser({ userId: targetUserId })).getOrThrow();
    expect(ofUser.sessions.map((session) => session.impersonationSessionId)).toEqual([
      second.sessionId,
      first.sessionId,
    ]);
    expect(Object.keys(ofUser.sessions[0] ?? {})).not.toContain("metadata");
    const ofJoe = (await impersonation.fetchAllForEmployee({ employeeEmail: "JOE@Example.com" })).getOrThrow();
    expect(ofJoe.sessions.slice(0, 2)).toEqual(ofUser.sessions);
    const ofNobody = (await impersonation.fetchAllForEmployee({ employeeEmail: "nobody" })).getOrThrow();
    expect(ofNobody).toEqual({ sessions: [] });
  });

  it("fetchAllActive: every one once, in pages of 50", async () => {
    const made = [];
    for (let count = 0; count < 101; count++) made.push((await create()).sessionId);
    const found: string[] = [];
    let pagingToken: string | undefined;
    for (const size of [50, 50, 1]) {
      const page = (
        await impersonation.fetchAllActive({ targetUserId, ...(pagingToken && { pagingToken }) })
      ).getOrThrow();
      expect([page.sessions.length, page.hasMoreResults]).toEqual([size, size === 50]);
      found.push(...page.sessions.map((session) => session.impersonationSessionId));
      pagingToken = page.nextPagingToken;
    }
    expect(pagingToken).toBeUndefined();
    expect(found).toEqual(made.reverse());
    const ofAnn = (await impersonation.fetchAllActive({ targetUserId, employeeEmail: "ann@example.com" })).getOrThrow();
    expect(ofAnn).toEqual({ sessions: [], hasMoreResults: false });
  });

  it("InvalidPagingToken: anything but the token of an answer", async () => {
    for (const pagingToken of ["x", randomUUID(), "0"]) {
      expect(errorOf(await impersonation.fetchAllActive({ pagingToken }))).toEqual({ type: "InvalidPagingToken" });
    }
  });
});

describe("ending impersonations", () => {
  async function isOver({ impersonationSessionToken: token }: { impersonationSessionToken: string }) {
    const result = await validate(token);
    return !result.ok && result.error.type === "SessionNotFound";
  }

  it("invalidateById and invalidateByToken: once", async () => {
    const [one, other] = [await create(), await create()];
    const byId = { impersonationSessionId: one.sessionId };
    expect((await impersonation.invalidateById(byId)).getOrThrow()).toEqual({});
    expect([await isOver(one), await isOver(other)]).toEqual([true, false]);
    expect(errorOf(await impersonation.invalidateById(byId))).toEqual({ type: "SessionNotFound" });
    const byToken = { impersonationSessionToken: other.impersonationSessionToken };
    expect((await impersonation.invalidateByToken(byToken)).getOrThrow()).toEqual({});
    expect(await isOver(other)).toBe(true);
    expect(errorOf(await impersonation.invalidateByToken(byToken))).toEqual({ type: "SessionNotFound" });
    expect(errorOf(await impersonation.invalidateByToken({ impersonationSessionToken: "x" }))).toEqual({
      type: "SessionNotFound",
    });
  });

  it("a right id with a wrong secret ends nothing", async () => {
    const made = await create();
    const forged = `${made.impersonationSessionToken.slice(0, -43)}${"A".repeat(43)}`;
    const answer = await impersonation.invalidateByToken({ impersonationSessionToken: forged });
    expect(errorOf(answer)).toEqual({ type: "SessionNotFound" });
    expect(await isOver(made)).toBe(false);
  });

  it("invalidateAllForUser and invalidateAllForEmployee: those and no others, also while it is disabled", async () => {
    await configure(sidecar, { enabled: true, who_can_impersonate: { allowed_employee_domains: ["example.com"] } });
    const byJoe = await create();
    const byAnn = await create({ employeeEmail: "Ann@Example.com" });
    const ofOther = await create({ employeeEmail: "ann@example.com", targetUserId: randomUUID() });
    await configure(sidecar, { ...JOE_MAY, enabled: false });
    const ofUser = await impersonation.invalidateAllForUser({ userId: targetUserId });
    expect(ofUser.getOrThrow()).toEqual({ sessionsInvalidated: 2 });
    const ofAnn = await impersonation.invalidateAllForEmployee({ employeeEmail: "ANN@example.com" });
    expect(ofAnn.getOrThrow()).toEqual({ sessionsInvalidated: 1 });
    await configure(sidecar, { enabled: true, who_can_impersonate: { allowed_employee_domains: ["example.com"] } });
    expect(await Promise.all([byJoe, byAnn, ofOther].map(isOver))).toEqual([true, true, true]);
    await configure(sidecar, JOE_MAY);
    for (const employeeEmail of ["ann@example.com", "nobody"]) {
      const none = await impersonation.invalidateAllForEmployee({ employeeEmail });
      expect(none.getOrThrow()).toEqual({ sessionsInvalidated: 0 });
    }
  });
});
