import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, vi } from "vitest";
import type { CallName, InputOf } from "../../../sidecar/src/dashboard/calls.ts";
import type { SessionFilter } from "../../../sidecar/src/dashboard/sessions/filter-input.ts";
import { createDevice } from "../../../sidecar/test/devices/forge.ts";
import {
  type DashboardClient,
  endMatching,
  newPassword,
  OWNER,
  onSidecar,
  TEMPORARY,
} from "../../behaviour/dashboard/api/dashboard-client.ts";
import { readLive } from "../../behaviour/dashboard/api/live-reader.ts";
import { logInRemembered } from "../../behaviour/sidecar/bound-session.ts";
import { logIn } from "../../behaviour/sidecar/login.ts";
import { serve } from "../../harness/serve.ts";
import type { TestSidecar } from "../../harness/test-sidecar.ts";
import { POLICY } from "./policy.ts";

const DAY_SECS = 86_400;
const SOON = { timeout: 20_000 };

/** Has the dashboard do everything that it can do. */
export async function tryDashboard(sidecar: TestSidecar): Promise<void> {
  const dashboard = await onSidecar(sidecar, TEMPORARY);
  const { owner } = dashboard;
  const live = await readLive(sidecar.dashboardUrl, owner);
  await trySearches(owner, Math.floor(Date.now() / 1000));
  const { sessionId, userId } = await logIn(sidecar, { tags: ["org:of-many"] });
  await owner.get("sessions/detail", { sessionId });
  await owner.get("sessions/timeline", { sessionId });
  const { id } = await endMatching(owner, { userId });
  await owner.get("sessions/end-progress", { id });
  await owner.get("sessions/ends", {});
  await owner.call("sessions/stop-ending", { id });
  await logIn(sidecar, { tags: ["org:of-many"] });
  await endMatching(owner, { tag: ["org:of-many"] });
  const view = await owner.get("views/save", { name: "mine", filter: { userId }, isShared: true });
  await owner.get("views/list", {});
  await owner.get("views/delete", { id: view.id });
  await owner.get("sessions/export", { format: "csv" });
  await trySettings(owner);
  await tryInvestigation(sidecar, owner);
  await tryDevicePages(sidecar, owner);
  await tryWebhooks(sidecar, owner);
  await vi.waitFor(() => expect(live.messages).not.toEqual([]), SOON);
  live.close();
  const person = await dashboard.person("Editor");
  await owner.get("settings/change-user", { username: person.username, role: "Admin" });
  await owner.get("settings/reset-second-factor", { username: person.username });
  await owner.get("settings/reset-password", { username: person.username });
  await owner.get("settings/change-user", { username: person.username, isDisabled: true });
  await owner.confirm();
  await owner.get("access/start-second-factor", {});
  const changed = newPassword();
  await owner.get("access/change-password", { currentPassword: owner.password, newPassword: changed });
  await owner.get("access/logout", {});
}

async function trySearches(owner: DashboardClient, now: number): Promise<void> {
  const filters: SessionFilter[] = [
    {},
    { state: "active" },
    { state: "ended" },
    { userId: "user-7" },
    { ip: "10.7.7.7" },
    { ip: "10.0.0.0/8" },
    { tag: ["org:5"] },
    { createdFrom: now - 5 * DAY_SECS, createdTo: now - 4 * DAY_SECS },
    { endedFrom: now - 5 * DAY_SECS, endedTo: now - 4 * DAY_SECS },
    { browser: "Firefox", os: "Windows", deviceType: "Desktop" },
    { bound: true },
    { endReason: "Expired" },
    { activeAt: now - 3 * DAY_SECS },
    { event: "refused" },
    { event: "newDevice", eventFrom: now - DAY_SECS, eventTo: now },
  ];
  for (const filter of filters) {
    const { next } = await read(owner, "sessions/list", filter);
    if (typeof next === "string") await read(owner, "sessions/list", { ...filter, cursor: next });
    await read(owner, "sessions/count", filter);
  }
  await read(owner, "overview/series", { from: now - DAY_SECS, to: now });
  await read(owner, "overview/top-tags", {});
  await read(owner, "overview/health", {});
  await read(owner, "sessions/timeline", { userId: "user-7" });
  await read(owner, "log/list", {});
  await read(owner, "log/list", { actor: `dashboard:${OWNER}`, from: now - DAY_SECS, to: now + DAY_SECS });
}

/** On millions of sessions and a busy machine, a call may be told to be narrower; its plan is looked at all the same. */
async function read<C extends CallName>(owner: DashboardClient, name: C, input: InputOf<C>) {
  const { status, body } = await owner.call(name, { ...input });
  expect([status, body.type]).toBeOneOf([
    [200, undefined],
    [503, "DatabaseTimeout"],
  ]);
  return body;
}

async function tryInvestigation(sidecar: TestSidecar, owner: DashboardClient): Promise<void> {
  const now = Math.floor(Date.now() / 1000);
  for (const text of ["user-7", randomUUID(), "thumbprint-30", "10.7.7.7", "org:5"]) {
    await owner.get("search/find", { text });
  }
  const { userId } = await logIn(sidecar);
  await owner.get("app-users/lanes", { userId: "user-7", from: now - 30 * DAY_SECS, to: now });
  await owner.get("app-users/limits", { userId });
  await owner.call("timeline/export", { userId: "user-7", format: "csv" });
  await owner.get("incidents/attention", {});
  await read(owner, "incidents/sessions", { ip: "10.0.0.0/8" });
}

async function tryDevicePages(sidecar: TestSidecar, owner: DashboardClient): Promise<void> {
  const device = createDevice();
  const { thumbprint } = device;
  const { userId } = await logInRemembered(sidecar, device);
  await logInRemembered(sidecar, device);
  await owner.get("devices/of-user", { userId });
  await owner.get("devices/users", { thumbprint });
  await owner.get("devices/forget", { thumbprint, userId });
  await owner.get("devices/forget", { thumbprint });
}

async function tryWebhooks(sidecar: TestSidecar, owner: DashboardClient): Promise<void> {
  const { url } = await serve((request, response) => {
    if (request.url !== "/hanging") response.end();
  });
  const choice = { types: null, endReasons: null, tags: null, sendsClient: false };
  // Nothing listens on the first one.
  const [gone, working, hanging] = ["http://127.0.0.1:1/", `${url}/`, `${url}/hanging`];
  const made = await owner.get("webhooks/create", { name: "gone", url: gone, ...choice, isDisabled: false });
  const other = await owner.get("webhooks/create", { name: "working", url: working, ...choice, isDisabled: false });
  const of = (id: string) => ({ id, url: gone, ...choice, isDisabled: false });
  // Until the sidecar stops.
  await owner.get("webhooks/create", { name: "hanging", url: hanging, ...choice, isDisabled: false });
  await logIn(sidecar);
  const oldestOf = async (id: string) => (await owner.get("webhooks/deliveries", { id })).items.at(-1);
  await vi.waitFor(async () => expect(await oldestOf(other.id)).toMatchObject({ state: "delivered" }), SOON);
  await vi.waitFor(async () => expect(await oldestOf(made.id)).toMatchObject({ error: expect.any(String) }), SOON);
  const { items } = await owner.get("webhooks/deliveries", { id: made.id });
  await owner.get("webhooks/deliveries", { id: made.id, onlyGivenUp: true });
  await owner.get("webhooks/test", { id: made.id });
  // Not while it is being sent.
  await vi.waitFor(() => owner.get("webhooks/replay", { id: made.id, deliveryId: items[0]?.id ?? "0" }), SOON);
  await sidecar.sql(
    `DELETE FROM byo.audit_events WHERE id IN (
    SELECT event_id FROM byo.webhook_deliveries WHERE endpoint_id = $1)`,
    [made.id],
  );
  const oldest = await oldestOf(made.id);
  await owner.get("webhooks/replay", { id: made.id });
  await vi.waitFor(async () => expect(await oldestOf(made.id)).not.toMatchObject({ id: oldest?.id }), SOON);
  await owner.get("webhooks/rotate-secret", { id: made.id, keepPreviousSecs: 10 });
  await owner.get("webhooks/change", { name: "gone", ...of(made.id) });
  await owner.get("webhooks/delete", { id: made.id });
  await owner.get("webhooks/delete", { id: other.id });
  await sleep(1500);
}

async function trySettings(owner: DashboardClient): Promise<void> {
  const shorter = { ...POLICY, tags: [{ tag: "org:1", absolute_lifetime_secs: 80_000 }, ...POLICY.tags.slice(1)] };
  const allowlist = { ip_allowlist: ["10.0.0.0/8"] };
  const previewed = [
    shorter,
    { ...POLICY, defaults: { inactivity_timeout_secs: 4 * DAY_SECS, ...allowlist } },
    { ...POLICY, tags: [...POLICY.tags, { tag: "org:3", ...allowlist }] },
  ];
  for (const policy of previewed) await read(owner, "policies/preview", { text: JSON.stringify(policy) });
  await owner.confirm();
  const { ends } = await owner.get("policies/preview", { text: JSON.stringify(shorter) });
  await owner.get("policies/save", {
    text: JSON.stringify(shorter),
    expectedRevision: 0,
    confirmed: { count: ends.count, isCapped: !ends.isComplete },
  });
  await owner.get("policies/revisions", {});
  await owner.get("policies/revision", { revision: 1 });
  await owner.get("settings/integration-keys", {});
  await owner.get("settings/token-keys", {});
  await owner.get("settings/users", {});
}
