import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { auditRows } from "../audit-trail.ts";
import { createConfigFolder } from "../config-folder.ts";
import { logIn } from "../login.ts";
import {
  CLIENT,
  CONFIG_FILE,
  configure,
  impersonate,
  invalid,
  JOE,
  JOE_MAY,
  OVER,
  unauthorized,
  validate,
} from "./impersonate.ts";

const SOON = { timeout: 5000 };
let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar();
  await configure(sidecar, JOE_MAY);
});

function create(data: object = {}) {
  return sidecar.command("CreateImpersonationSession", {
    ...{ employeeEmail: JOE, targetUserId: randomUUID(), ...CLIENT },
    ...data,
  });
}

describe("who may act as a user", () => {
  it.each(["joe@evil-example.com", "joe@mail.example.com", "joe@example.com.evil.test", "joe+x@example.com"])(
    "is not %s, who is not on the list",
    async (employeeEmail) => expect(await create({ employeeEmail })).toEqual(unauthorized("NotAllowed")),
  );

  it.each(["", "Joe <joe@example.com>", "joe@example.com.", "joe@ex\u0430mple.com", " joe@example.com"])(
    "is not %j, which is no plain address",
    async (employeeEmail) => expect(await create({ employeeEmail })).toEqual(unauthorized("MalformedEmail")),
  );

  it("is not the user, where addresses are user ids", async () => {
    for (const targetUserId of [JOE, "JOE@example.com"]) {
      expect(await create({ targetUserId })).toEqual(unauthorized("Self"));
    }
  });

  it.each([
    ["ipAddress", "unknown"],
    ["ipAddress", undefined],
    ["userAgent", undefined],
    ["targetUserId", ""],
    ["employeeEmail", 1],
  ])("needs %s, and not %j", async (field, value) => {
    expect(await create({ [field]: value })).toEqual({
      status: 400,
      body: { type: "UnexpectedError", details: expect.stringContaining(`${field}: expected`) },
    });
  });
});

describe("a change of user_impersonation.jsonc", () => {
  it("reaches those who act as users: removed, put back, another rule", async () => {
    const { token } = await impersonate(sidecar);
    await configure(sidecar, { enabled: true, who_can_impersonate: { allowed_employee_emails: ["ann@example.com"] } });
    expect(await validate(sidecar, token)).toEqual(invalid("EmployeeNotAllowed"));
    await configure(sidecar, { enabled: true });
    expect(await validate(sidecar, token)).toEqual(invalid("EmployeeNotAllowed"));
    await configure(sidecar, JOE_MAY);
    expect(await validate(sidecar, token)).toMatchObject({ status: 200 });
  });

  it("shortens what goes on, and lengthens only what starts", async () => {
    const { token, expiresAt, sessionId: impersonationSessionId } = await impersonate(sidecar);
    await configure(sidecar, { ...JOE_MAY, impersonation_duration_secs: 7200 });
    expect(await validate(sidecar, token)).toMatchObject({ body: { expiresAt } });
    await configure(sidecar, { ...JOE_MAY, impersonation_duration_secs: 60 });
    expect(await validate(sidecar, token)).toMatchObject({ body: { expiresAt: expiresAt - 3540 } });
    await sidecar.advance(61);
    expect(await validate(sidecar, token)).toEqual(OVER);
    expect(await sidecar.command("FetchImpersonationSessionById", { impersonationSessionId })).toEqual(OVER);
    await configure(sidecar, JOE_MAY);
  });

  it("lets an employee change networks, but not browsers", async () => {
    const { token } = await impersonate(sidecar);
    await configure(sidecar, { ...JOE_MAY, disallow_ip_address_changes: false });
    expect(await validate(sidecar, token, { ipAddress: "198.51.100.7" })).toMatchObject({ status: 200 });
    expect(await validate(sidecar, token, { ipAddress: "unknown" })).toMatchObject({ status: 403 });
    expect(await validate(sidecar, token, { userAgent: "other/1" })).toMatchObject({ status: 403 });
    await configure(sidecar, JOE_MAY);
  });

  it("that is broken keeps the rules, and says where it is broken", async () => {
    const { token } = await impersonate(sidecar);
    await sidecar.writeConfig(
      '{ "enabled": true,\n  "who_can_impersonate": { "allowed_employee_domains": ["*.com"] } }',
      CONFIG_FILE,
    );
    await vi.waitUntil(() => sidecar.logText().includes("user_impersonation.jsonc line 2"), { timeout: 5000 });
    expect(await validate(sidecar, token)).toMatchObject({ status: 200 });
    await configure(sidecar, JOE_MAY);
  });
});

it("nobody may act as a user while user_impersonation.jsonc has vanished", async () => {
  const folder = await createConfigFolder({ [CONFIG_FILE]: JOE_MAY });
  const own = await startTestSidecar({ env: folder.env });
  const { token } = await impersonate(own);
  await folder.remove(CONFIG_FILE);
  await vi.waitUntil(() => own.logText().includes("has vanished. What it allowed is no longer allowed."), SOON);
  expect(await validate(own, token)).toMatchObject({ status: 403, body: { type: "ImpersonationNotEnabled" } });
  const asked = { employeeEmail: JOE, targetUserId: randomUUID(), ...CLIENT };
  expect(await own.command("CreateImpersonationSession", asked)).toMatchObject({ status: 403 });
  await folder.write(CONFIG_FILE, JSON.stringify(JOE_MAY));
  await vi.waitFor(async () => expect(await validate(own, token)).toMatchObject({ status: 200 }), SOON);
});

describe("with the employee's own session", () => {
  it("an impersonation works with that session only", async () => {
    const [own, other] = [await logIn(sidecar), await logIn(sidecar)];
    const { token } = await impersonate(sidecar, { employeeSessionId: own.sessionId });
    expect(await validate(sidecar, token, { employeeSessionId: own.sessionId })).toMatchObject({ status: 200 });
    for (const employeeSessionId of [other.sessionId, undefined, "x", ""]) {
      expect(await validate(sidecar, token, { employeeSessionId })).toEqual(invalid("OtherEmployeeSession"));
    }
  });

  it.each([
    ["logs out", ({ token }: { token: string }) => sidecar.run("InvalidateSessionByToken", { sessionToken: token })],
    [
      "is logged out everywhere",
      ({ userId }: { userId: string }) => sidecar.run("InvalidateAllSessionsForUser", { userId }),
    ],
  ])("it ends when the employee %s", async (_, end) => {
    const own = await logIn(sidecar);
    const made = await impersonate(sidecar, { employeeSessionId: own.sessionId });
    await end(own);
    const client = { employeeSessionId: own.sessionId };
    expect(await validate(sidecar, made.token, client)).toEqual(OVER);
    expect(await sidecar.run("FetchAllImpersonationSessionsForUser", { userId: made.targetUserId })).toEqual({
      sessions: [],
    });
  });

  it("it ends when that session is not used", async () => {
    await sidecar.writeConfig({ defaults: { inactivity_timeout_secs: 600 } });
    await configure(sidecar, JOE_MAY);
    const own = await logIn(sidecar);
    const { token } = await impersonate(sidecar, { employeeSessionId: own.sessionId });
    await sidecar.advance(601);
    expect(await validate(sidecar, token, { employeeSessionId: own.sessionId })).toEqual(OVER);
    await sidecar.writeConfig({});
    await configure(sidecar, JOE_MAY);
  });

  it("nobody acts as themselves, from an ended session, or while acting as a user", async () => {
    const own = await logIn(sidecar);
    const { sessionId: employeeSessionId } = own;
    expect(await create({ employeeSessionId, targetUserId: own.userId })).toEqual(unauthorized("Self"));
    const { sessionId: impersonation } = await impersonate(sidecar, { employeeSessionId });
    for (const wrong of [impersonation, randomUUID(), "", "x"]) {
      expect(await create({ employeeSessionId: wrong })).toEqual(unauthorized("NoEmployeeSession"));
    }
    await sidecar.run("InvalidateSessionByToken", { sessionToken: own.token });
    expect(await create({ employeeSessionId })).toEqual(unauthorized("NoEmployeeSession"));
  });

  it("nobody passes on the address of the user that they act as", async () => {
    await configure(sidecar, { enabled: true, who_can_impersonate: { allowed_employee_domains: ["example.com"] } });
    const { sessionId: employeeSessionId } = await logIn(sidecar);
    const first = await impersonate(sidecar, { employeeSessionId });
    const asAnn = { employeeEmail: "ann@example.com", employeeSessionId };
    expect(await create(asAnn)).toEqual(unauthorized("AlreadyImpersonating"));
    expect(await validate(sidecar, first.token, { employeeSessionId })).toMatchObject({ status: 200 });
    await configure(sidecar, JOE_MAY);
  });

  it("the next one replaces it", async () => {
    const { sessionId: employeeSessionId } = await logIn(sidecar);
    const first = await impersonate(sidecar, { employeeSessionId });
    const second = await impersonate(sidecar, { employeeSessionId });
    expect(await validate(sidecar, first.token, { employeeSessionId })).toEqual(OVER);
    expect(await validate(sidecar, second.token, { employeeSessionId })).toMatchObject({ status: 200 });
    const [, ended] = await auditRows(sidecar, { userId: first.targetUserId });
    expect(ended).toMatchObject({ event: "ImpersonationEnded", reason: "Replaced", details: { by: second.sessionId } });
  });
});

describe("ending everything of a user", () => {
  it.each(["InvalidateAllSessionsForUser", "InvalidateAllSessionsForUserExceptOne"] as const)(
    "ends impersonations of the user too, and counts sessions: %s",
    async (command) => {
      const login = await logIn(sidecar);
      const kept = await logIn(sidecar, { userId: login.userId });
      const { token } = await impersonate(sidecar, { targetUserId: login.userId });
      const { token: ofOther } = await impersonate(sidecar);
      const keep = command === "InvalidateAllSessionsForUserExceptOne" ? { sessionTokenToKeep: kept.token } : {};
      const { body } = await sidecar.command(command, { userId: login.userId, ...keep });
      expect(body).toEqual({ sessionsInvalidated: "sessionTokenToKeep" in keep ? 1 : 2 });
      expect(await validate(sidecar, token)).toEqual(OVER);
      expect(await validate(sidecar, ofOther)).toMatchObject({ status: 200 });
    },
  );

  it("with tags ends sessions only", async () => {
    const { token, targetUserId: userId } = await impersonate(sidecar);
    await sidecar.run("InvalidateAllSessionsForUser", { userId, sessionTags: ["org:acme"] });
    expect(await validate(sidecar, token)).toMatchObject({ status: 200 });
  });
});

describe("what a user may know", () => {
  const visible = (userId: string) => sidecar.run("FetchVisibleImpersonationsForUser", { userId });

  it("is that it happened, and when, but not by whom", async () => {
    const first = await impersonate(sidecar, { metadata: { ticket: 7 } });
    const startedAt = first.expiresAt - 3600;
    await sidecar.advance(60);
    await sidecar.run("InvalidateImpersonationSessionByToken", { impersonationSessionToken: first.token });
    const second = await impersonate(sidecar, { targetUserId: first.targetUserId });
    const { impersonations } = await visible(first.targetUserId);
    expect(impersonations).toEqual([
      { impersonationSessionId: second.sessionId, startedAt: second.expiresAt - 3600 },
      { impersonationSessionId: first.sessionId, startedAt, endedAt: expect.any(Number) },
    ]);
    expect((impersonations[1]?.endedAt ?? 0) - startedAt).toBeOneOf([60, 61]);
    // By time, before it is marked as ended.
    await sidecar.advance(4000);
    expect((await visible(first.targetUserId)).impersonations[0]).toMatchObject({ endedAt: second.expiresAt });
  });

  it("is nothing, where the configuration says so", async () => {
    const { targetUserId } = await impersonate(sidecar);
    await configure(sidecar, { ...JOE_MAY, visible_to_user: false });
    expect(await visible(targetUserId)).toEqual({ impersonations: [] });
    await configure(sidecar, JOE_MAY);
    expect((await visible(targetUserId)).impersonations).toHaveLength(1);
  });
});

describe("the audit trail", () => {
  it("names both persons, and nobody's token", async () => {
    const { token, targetUserId, sessionId: impersonationId } = await impersonate(sidecar);
    await validate(sidecar, token, { ipAddress: "198.51.100.7" });
    await create({ targetUserId, employeeEmail: "eve@evil.test" });
    await sidecar.run("InvalidateImpersonationSessionByToken", { impersonationSessionToken: token });
    const rows = await vi.waitUntil(
      async () => {
        const found = await auditRows(sidecar, { userId: targetUserId });
        return found.length === 4 && found;
      },
      { timeout: 5000 },
    );
    const actor = `employee:${JOE}`;
    const details = { impersonationId, employeeEmail: JOE };
    const byEvent = (event: string, reason: string | null) =>
      rows.find((row) => row.event === event && row.reason === reason);
    expect(byEvent("ImpersonationStarted", null)).toMatchObject({
      ...{ actor, details: { ...details, key: expect.stringMatching(/^key:/) } },
      ...{ ip_address: CLIENT.ipAddress, user_agent: CLIENT.userAgent },
    });
    expect(byEvent("ImpersonationRefused", "IpAddressMismatch")).toMatchObject({
      ...{ actor, details, ip_address: "198.51.100.7" },
    });
    expect(byEvent("ImpersonationRefused", "NotAllowed")).toMatchObject({
      ...{ actor: expect.stringMatching(/^key:/), details: { employeeEmail: "eve@evil.test" } },
    });
    expect(byEvent("ImpersonationEnded", "Stopped")).toMatchObject({ actor, details });
    const secret = token.slice(-43);
    expect(sidecar.logText()).not.toContain(secret);
    const stored = await sidecar.sql("SELECT s::text FROM byo.impersonation_sessions AS s");
    expect(JSON.stringify([rows, stored])).not.toContain(secret);
  });
});
