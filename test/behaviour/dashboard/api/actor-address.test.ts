import { randomUUID } from "node:crypto";
import { Secret, TOTP } from "otpauth";
import { expect, it } from "vitest";
import { CALLS, type CallName } from "../../../../sidecar/src/dashboard/calls.ts";
import { createDevice } from "../../../../sidecar/test/devices/forge.ts";
import { logInRemembered } from "../../sidecar/bound-session.ts";
import { configure, impersonate, JOE, JOE_MAY } from "../../sidecar/impersonation/impersonate.ts";
import { createDashboardClient, newPassword, startDashboard } from "./dashboard-client.ts";

/** Calls that change nothing and leave no event. */
const SILENT: readonly CallName[] = [
  "policies/check",
  "policies/explain",
  "policies/preview",
  "policies/preview-rollback",
  "sessions/end-count",
  "access/start-second-factor",
];

it("every action of a person is on record with the address that it came from", async () => {
  const { sidecar, owner } = await startDashboard({
    env: { ENCRYPTION_KEY: Buffer.alloc(32, 7).toString("base64"), WEBHOOK_PRIVATE_TARGETS: "127.0.0.0/8" },
  });
  const called = new Set<string>();
  const call: typeof owner.get = (name, input) => {
    called.add(name);
    return owner.get(name, input);
  };
  const confirm = async () => {
    called.add("access/confirm-password");
    await owner.confirm();
  };

  const made = await call("settings/create-integration-key", { name: "shop" });
  await call("settings/limit-integration-key", { id: made.id, allowedCommands: ["Ping"], expiresInSecs: 60 });
  await call("settings/revoke-integration-key", { id: made.id });
  await call("settings/create-user", { username: "nia", role: "Editor" });
  await call("settings/change-user", { username: "nia", role: "ReadOnly" });
  await call("settings/reset-password", { username: "nia" });
  await call("settings/reset-second-factor", { username: "nia" });
  const { revision, ...retention } = await call("settings/retention", {});
  const longer = { ...retention, audit_retention_secs: retention.audit_retention_secs + 1 };
  await call("settings/set-retention", { ...longer, expectedRevision: revision });
  await call("policies/save", { text: '{"defaults":{"absolute_lifetime_secs":3600}}', expectedRevision: revision + 1 });
  await confirm();
  await call("settings/rotate-token-key", {
    secsBeforeNewKeyBecomesDefault: 2,
    secsBeforeExistingKeysAreDeactivated: 3,
  });
  await call("policies/rollback", { revision: 1, expectedRevision: revision + 2 });

  const one = await sidecar.run("CreateSession", { userId: "eve", tags: ["org:x"], ipAddress: "192.0.2.9" });
  await sidecar.run("CreateSession", { userId: "eve", tags: ["org:x"], ipAddress: "192.0.2.9" });
  await call("sessions/end-one", { sessionId: one.sessionId });
  const target = { filter: { tag: ["org:x"] } };
  await call("sessions/end-many", { target, confirmed: { count: 1, isCapped: false } });
  // It cannot be carried out, so it is still running.
  const id = randomUUID();
  await sidecar.sql(
    `INSERT INTO byo.bulk_ends (id, target, asked_by, expected, is_capped)
     VALUES ($1, '{"filter":{"ip":"nowhere"}}', '{"actor":"dashboard:owner","ipAddress":"127.0.0.1"}', 1, false)`,
    [id],
  );
  await call("sessions/stop-ending", { id });
  const view = await call("views/save", { name: "mine", filter: { userId: "eve" }, isShared: true });
  await call("views/delete", { id: view.id });
  const suspect = await sidecar.run("CreateSession", { userId: "eve" });
  const selected = { sessionIds: [suspect.sessionId], incident: "eve" };
  await call("sessions/end-many", { target: selected, confirmed: { count: 1, isCapped: false }, note: "test" });
  const device = createDevice();
  await logInRemembered(sidecar, device, { userId: "eve" });
  await call("devices/forget", { thumbprint: device.thumbprint });
  const endpoint = { name: "siem", types: null, endReasons: null, tags: null, sendsClient: false, isDisabled: false };
  const hook = await call("webhooks/create", { ...endpoint, url: "https://127.0.0.1:1/" });
  await call("webhooks/change", { ...endpoint, id: hook.id, url: "https://127.0.0.1:2/" });
  await call("webhooks/rotate-secret", { id: hook.id, keepPreviousSecs: 60 });
  await call("webhooks/test", { id: hook.id });
  await call("webhooks/replay", { id: hook.id });
  await call("webhooks/delete", { id: hook.id });
  await configure(sidecar, JOE_MAY);
  await call("impersonations/end-one", { impersonationId: (await impersonate(sidecar)).sessionId });
  await impersonate(sidecar);
  await call("impersonations/end-all", { employeeEmail: JOE, confirmation: JOE });
  await owner.call("sessions/export", { format: "csv" });
  await owner.call("log/export", { format: "csv" });

  const start = await call("access/start-second-factor", {});
  const totp = new TOTP({ secret: Secret.fromBase32(start.secret) });
  await call("access/enable-second-factor", { code: totp.generate() });
  await call("access/make-recovery-codes", {});
  await sidecar.advance(31);
  await call("access/remove-second-factor", { code: totp.generate({ timestamp: Date.now() + 31_000 }) });
  await call("access/change-password", { currentPassword: owner.password, newPassword: newPassword() });
  const other = createDashboardClient(sidecar.dashboardUrl);
  expect((await other.logIn("owner", "a wrong password")).status).toBe(401);
  called.add("access/login");
  await call("access/logout", {});

  const changing = Object.entries(CALLS).flatMap(([name, { method }]) => (method === "POST" ? [name] : []));
  const missed = changing.filter((name) => !called.has(name) && !SILENT.some((silent) => silent === name));
  expect(missed).toEqual([]);

  const addresses = () =>
    sidecar.sql<{ event: string; address: string | null; own: string | null }>(
      `SELECT event, coalesce(details #>> '{by,ipAddress}', ip_address) AS address, ip_address AS own
       FROM byo.audit_events WHERE actor LIKE 'dashboard:%' ORDER BY id`,
    );
  await expect.poll(async () => (await addresses()).map(({ event }) => event)).toContain("DashboardLoginRefused");
  const rows = await addresses();
  expect(rows.filter(({ address }) => address !== "127.0.0.1")).toEqual([]);
  const ends = rows.filter(({ event }) => event === "SessionEnded");
  expect(ends.map(({ own }) => own)).toEqual([null, null, null]);
  const lines = sidecar
    .logs()
    .filter(({ event, actor }) => event !== undefined && String(actor).startsWith("dashboard:"));
  const nameless = lines.filter(
    ({ ipAddress, details }) => ipAddress === undefined && !JSON.stringify(details).includes("127.0.0.1"),
  );
  expect(nameless).toEqual([]);
  expect(lines.length).toBeGreaterThanOrEqual(rows.length);
});
