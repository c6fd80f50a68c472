import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { type AnyCall, CALLS, type CallName } from "../../../../sidecar/src/dashboard/calls.ts";
import { ROLES, type Role } from "../../../../sidecar/src/dashboard/contract/roles.ts";
import { createDashboardClient, type DashboardClient, startDashboard, type TestDashboard } from "./dashboard-client.ts";

/** Written by hand, beside the matrix of the contract: a slip there must not change what is expected here. */
const ALL = ["SuperAdmin", "Admin", "Editor", "ReadOnly"];
const EDITORS = ["SuperAdmin", "Admin", "Editor"];
const ADMINS = ["SuperAdmin", "Admin"];
const EXPECTED: Record<CallName, readonly string[]> = {
  "access/state": ALL,
  "access/login": ALL,
  "access/logout": ALL,
  "access/change-password": ALL,
  "access/confirm-password": ALL,
  "access/start-second-factor": ALL,
  "access/enable-second-factor": ALL,
  "access/make-recovery-codes": ALL,
  "access/remove-second-factor": ALL,
  "sessions/list": ALL,
  "sessions/count": ALL,
  "sessions/detail": ALL,
  "sessions/timeline": ALL,
  "sessions/export": ALL,
  "sessions/end-one": EDITORS,
  "sessions/end-count": EDITORS,
  "sessions/end-many": EDITORS,
  "sessions/ends": ALL,
  "sessions/end-progress": ALL,
  "sessions/stop-ending": EDITORS,
  "timeline/export": ALL,
  "app-users/lanes": ALL,
  "app-users/limits": ALL,
  "devices/of-user": ALL,
  "devices/users": ALL,
  "devices/forget": EDITORS,
  "live/events": ALL,
  "impersonations/list": ALL,
  "impersonations/end-one": EDITORS,
  "impersonations/end-all": EDITORS,
  "incidents/attention": ALL,
  "incidents/sessions": ALL,
  "search/find": ALL,
  "overview/series": ALL,
  "overview/top-tags": ALL,
  "overview/health": ALL,
  "policies/current": ALL,
  "policies/check": ALL,
  "policies/explain": ALL,
  "policies/preview": ALL,
  "policies/preview-rollback": ALL,
  "policies/save": EDITORS,
  "policies/revisions": ALL,
  "policies/revision": ALL,
  "policies/rollback": EDITORS,
  "policies/export": ALL,
  "settings/retention": ALL,
  "settings/set-retention": ADMINS,
  "settings/signing-keys": ADMINS,
  "settings/token-keys": ADMINS,
  "settings/rotate-token-key": ADMINS,
  "settings/integration-keys": ADMINS,
  "settings/create-integration-key": ["SuperAdmin"],
  "settings/limit-integration-key": ["SuperAdmin"],
  "settings/revoke-integration-key": ADMINS,
  "settings/users": ADMINS,
  "settings/create-user": ADMINS,
  "settings/change-user": ADMINS,
  "settings/reset-password": ADMINS,
  "settings/reset-second-factor": ADMINS,
  "views/list": ALL,
  "views/save": ALL,
  "views/delete": ALL,
  "webhooks/list": ADMINS,
  "webhooks/create": ADMINS,
  "webhooks/change": ADMINS,
  "webhooks/delete": ADMINS,
  "webhooks/rotate-secret": ADMINS,
  "webhooks/test": ADMINS,
  "webhooks/deliveries": ADMINS,
  "webhooks/replay": ADMINS,
  "log/list": ALL,
  "log/export": ALL,
};
/** Calls without a login: they end or begin one, and are tried elsewhere. */
const OPEN = ["access/state", "access/login"];
const CHANGES_LOGIN = [...OPEN, "access/logout", "access/change-password"];
const NAMES = Object.keys(CALLS) as CallName[];

/** Inputs that pass the schema, so that the role is what decides; nothing they name exists. */
const INPUTS: Partial<Record<CallName, object>> = {
  "access/confirm-password": { password: "wrong" },
  "access/enable-second-factor": { code: "000000" },
  "access/remove-second-factor": { code: "000000" },
  "sessions/detail": { sessionId: randomUUID() },
  "sessions/timeline": { sessionId: randomUUID() },
  "sessions/export": { format: "csv" },
  "sessions/end-one": { sessionId: randomUUID() },
  "sessions/end-count": { target: { filter: { userId: "nobody" } } },
  "sessions/end-many": { target: { filter: { userId: "nobody" } }, confirmed: { count: 0, isCapped: false } },
  "sessions/end-progress": { id: randomUUID() },
  "sessions/stop-ending": { id: randomUUID() },
  "timeline/export": { userId: "nobody", format: "csv" },
  "app-users/lanes": { userId: "nobody", from: 1_700_000_000, to: 1_700_003_600 },
  "app-users/limits": { userId: "nobody" },
  "devices/of-user": { userId: "nobody" },
  "devices/users": { thumbprint: "nothing" },
  "devices/forget": { thumbprint: "nothing" },
  // Not accepted, because the answer would never end.
  "live/events": { sessionId: randomUUID(), userId: "nobody" },
  "impersonations/end-one": { impersonationId: randomUUID() },
  "impersonations/end-all": { employeeEmail: "joe@example.com", confirmation: "joe@example.com" },
  "overview/series": { from: 1_700_000_000, to: 1_700_003_600 },
  "policies/check": { text: "{}" },
  "policies/explain": { tags: [] },
  "policies/preview": { text: "{}" },
  "policies/preview-rollback": { revision: 9 },
  "policies/save": { text: "{", expectedRevision: 0 },
  "policies/revision": { revision: 1 },
  "policies/rollback": { revision: 9, expectedRevision: 0 },
  "settings/set-retention": { ended_session_retention_secs: 1, audit_retention_secs: 1, expectedRevision: 9 },
  "settings/create-integration-key": { name: " not a name " },
  "settings/rotate-token-key": { secsBeforeNewKeyBecomesDefault: 2, secsBeforeExistingKeysAreDeactivated: 1 },
  "settings/limit-integration-key": { id: randomUUID() },
  "settings/revoke-integration-key": { id: randomUUID() },
  "settings/create-user": { username: "owner", role: "ReadOnly" },
  "settings/change-user": { username: "nobody" },
  "settings/reset-password": { username: "nobody" },
  "settings/reset-second-factor": { username: "nobody" },
  "search/find": { text: "nobody" },
  "views/save": { name: "mine", filter: {}, isShared: false },
  "views/delete": { id: randomUUID() },
  "webhooks/create": { name: "x", url: "not a url" },
  "webhooks/change": { id: randomUUID(), name: "x", url: "not a url" },
  "webhooks/delete": { id: randomUUID() },
  "webhooks/rotate-secret": { id: randomUUID(), keepPreviousSecs: 0 },
  "webhooks/test": { id: randomUUID() },
  "webhooks/deliveries": { id: randomUUID() },
  "webhooks/replay": { id: randomUUID() },
  "log/export": { format: "json" },
};

let dashboard: TestDashboard;
const people = new Map<Role, DashboardClient>();

beforeAll(async () => {
  dashboard = await startDashboard();
  for (const role of ROLES) people.set(role, await dashboard.person(role));
});

describe("who may call what", () => {
  it("is written for each call, and this test knows all of them", () => {
    expect(NAMES.sort()).toEqual(Object.keys(EXPECTED).sort());
  });

  describe.each(ROLES)("%s", (role) => {
    it.each(NAMES.filter((name) => !CHANGES_LOGIN.includes(name)))("%s", async (name) => {
      const client = people.get(role) ?? dashboard.newClient();
      const { status, body } = await client.call(name, INPUTS[name]);
      if (EXPECTED[name].includes(role)) {
        // What is wrong with the input may be said: who asks was let through.
        expect(["Forbidden", "NotLoggedIn", "PasswordChangeRequired", "Unexpected"]).not.toContain(body.type);
        expect([200, 400, 401, 404, 409, 422, 403]).toContain(status);
      } else {
        expect([status, body.type]).toEqual([403, "Forbidden"]);
      }
    });
  });

  it.each(NAMES.filter((name) => !OPEN.includes(name)))("nobody without a login: %s", async (name) => {
    const answer = await createDashboardClient(dashboard.sidecar.dashboardUrl).call(name, INPUTS[name]);
    expect([answer.status, answer.body.type]).toEqual([401, "NotLoggedIn"]);
  });

  it.each(NAMES)("nothing from another site: %s", async (name) => {
    for (const site of ["cross-site", "same-site", "none", undefined]) {
      if (site === "none" && CALLS[name].method === "GET") continue;
      const answer = await dashboard.owner.call(name, INPUTS[name], { "sec-fetch-site": site });
      expect([site, answer.status, answer.body.type]).toEqual([site, 403, "CrossSite"]);
    }
  });

  const needPassword = Object.entries<AnyCall>(CALLS).filter(([, { password }]) => password === "always");
  it.each(needPassword.map(([name]) => name as CallName))("%s asks for the password again", async (name) => {
    const client = dashboard.newClient();
    await client.logIn(dashboard.owner.username, dashboard.owner.password);
    await dashboard.sidecar.sql("UPDATE byo.dashboard_sessions SET password_confirmed_until = NULL");
    const answer = await client.call(name, INPUTS[name]);
    expect([answer.status, answer.body.type]).toEqual([403, "PasswordRequired"]);
  });
});
