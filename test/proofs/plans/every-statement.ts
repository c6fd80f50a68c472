import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { readEnv, startSidecar } from "@byo-session/sidecar";
import type { SessionFilter } from "../../../sidecar/src/dashboard/sessions/filter-input.ts";
import { resetOwner } from "../../../sidecar/src/dashboard/users/owner.ts";
import { openPostgres } from "../../../sidecar/src/engine/db/postgres.ts";
import { readEncryptionStatus } from "../../../sidecar/src/engine/keys/encryption-status.ts";
import { createKey, revokeKey } from "../../../sidecar/src/engine/keys/key-management.ts";
import { eraseUser } from "../../../sidecar/src/engine/privacy/erase.ts";
import { createDevice } from "../../../sidecar/test/devices/forge.ts";
import {
  type DashboardClient,
  newPassword,
  OWNER,
  onSidecar,
  TEMPORARY,
} from "../../behaviour/dashboard/api/dashboard-client.ts";
import { challengeFor, freshProof, logInWithDevice, proved } from "../../behaviour/sidecar/bound-session.ts";
import { logIn, refresh, successorOf, validate } from "../../behaviour/sidecar/login.ts";
import { CHROME_ON_MAC } from "../../behaviour/sidecar/user-agents.ts";
import { createLogCollector } from "../../harness/log-lines.ts";
import { serve } from "../../harness/serve.ts";
import { prepareSidecarEnvironment } from "../../harness/sidecar-environment.ts";
import type { TestDatabase } from "../../harness/test-database.ts";
import { reachSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { type RecordingDatabase, recordingDatabase } from "./recording-database.ts";

const HOME = { ipAddress: "203.0.113.9", userAgent: CHROME_ON_MAC };
const AWAY = { ipAddress: "198.51.100.7", userAgent: CHROME_ON_MAC };
const CONFIG = {
  defaults: { inactivity_timeout_secs: 5 * 86_400 },
  tags: [
    { tag: "org:1", absolute_lifetime_secs: 86_400 },
    { tag: "org:2", max_concurrent_sessions_per_user_per_tag: 2 },
  ],
};
const encryptionKey = () => randomBytes(32).toString("base64");
const DAY_SECS = 86_400;

/** Has a sidecar do everything that it can do, on this database, and returns what it sent. */
export async function sendEveryStatement(database: TestDatabase): Promise<RecordingDatabase> {
  const opened = openPostgres({ connectionString: database.env.DATABASE_URL ?? "" });
  const recording = recordingDatabase(opened);
  const key = encryptionKey();
  const first = await start(database, recording, { ENCRYPTION_KEY: key });
  try {
    // First, because the owner's password expires as the others move the clock.
    await tryDashboard(first.sidecar);
    await trySessions(first.sidecar);
    await tryDevices(first.sidecar);
    await tryTokens(first.sidecar);
    await logIn(first.sidecar);
    await sleep(1500);
  } finally {
    await first.stop();
  }
  // Another key, so that what is stored is resealed.
  const second = await start(database, recording, { ENCRYPTION_KEY: encryptionKey(), ENCRYPTION_KEY_PREVIOUS: key });
  await sleep(2500);
  await second.stop();
  const { id } = await createKey(recording.db, { name: "of a script", expiresInSecs: 60 });
  await revokeKey(recording.db, id);
  await readEncryptionStatus(recording.db);
  await eraseUser(recording.db, "user-1");
  await resetOwner(recording.db, OWNER);
  await opened.close();

  return recording;
}

async function start(database: TestDatabase, { db }: RecordingDatabase, env: Record<string, string>) {
  const prepared = await prepareSidecarEnvironment({
    database,
    config: CONFIG,
    env: { INITIAL_OWNER_USERNAME: OWNER, SESSION_CACHE: "on", WEBHOOK_PRIVATE_TARGETS: "127.0.0.1", ...env },
  });
  await prepared.writeConfig({ job_run_intervals: { session_garbage_collection: 1 } }, "system_config.jsonc");
  const log = createLogCollector();
  const running = await startSidecar({ settings: readEnv(prepared.env), logStream: log.stream, database: db });
  const sidecar: TestSidecar = {
    ...reachSidecar(running.url, prepared, log),
    dashboardUrl: running.dashboardUrl ?? "",
    stop: running.stop,
  };
  return { sidecar, stop: running.stop };
}

async function trySessions(sidecar: TestSidecar): Promise<void> {
  const userId = randomUUID();
  const login = await logIn(sidecar, {
    userId,
    ...HOME,
    tags: ["org:1"],
    legacyId: "old",
    legacySecret: "s".repeat(32),
  });
  await sidecar.command("CreateSession", { userId, legacyId: "old", legacySecret: "s".repeat(32) });
  const others = await Promise.all(Array.from({ length: 3 }, () => logIn(sidecar)));
  await Promise.all(others.map(({ token }) => validate(sidecar, token)));
  for (const client of [HOME, AWAY, HOME]) await validate(sidecar, login.token, client);
  await validate(sidecar, login.token, { ...HOME, userAgent: CHROME_ON_MAC.replace(/Chrome\/\d+/, "Chrome/999") });
  await sidecar.run("UpdateSession", { sessionId: login.sessionId, tagsToAdd: ["org:2"] });
  for (const filter of [{ userId }, { sessionTags: ["org:2"] }, { userId, sessionTags: ["org:2"] }]) {
    await sidecar.run("FetchAllSessions", filter);
    await sidecar.run("UpdateSessions", { filter, newMetadata: { seen: true }, pagingToken: "" });
  }
  await sidecar.run("FetchAllSessions", {});
  await sidecar.run("FetchAllSessionsForUser", { userId });
  await sidecar.run("FetchSessionById", { sessionId: login.sessionId });

  const rotated = await logIn(sidecar, HOME);
  await sidecar.advance(3601);
  const successor = await successorOf(sidecar, rotated.token, HOME);
  // A third of the time for which a successor may stay unused: then its predecessor's uses are counted.
  await sidecar.advance(30_000);
  await refresh(sidecar, rotated.token, HOME);
  await refresh(sidecar, successor, HOME);
  const ended = await logIn(sidecar, { userId });
  await sidecar.run("InvalidateSessionById", { sessionId: ended.sessionId });
  await sidecar.run("InvalidateSessionByToken", { sessionToken: successor, replaced: true });
  const kept = await logIn(sidecar, { userId });
  const keep = { userId, sessionTokenToKeep: kept.token, forgetDevices: true };
  await sidecar.run("InvalidateAllSessionsForUserExceptOne", keep);
  await sidecar.run("InvalidateAllSessionsForUser", { userId });
  await logIn(sidecar, { tags: ["org:left"] });
  await sidecar.run("InvalidateSessions", { filter: { sessionTags: ["org:left"] } });
  await logIn(sidecar, { tags: ["org:brief"] });
  const idle = await logIn(sidecar);
  await sidecar.advance(6 * DAY_SECS);
  await validate(sidecar, idle.token);
  await sidecar.run("InvalidateSessions", { filter: { sessionTags: ["org:brief"] }, pagingToken: "" });
}

async function tryDevices(sidecar: TestSidecar): Promise<void> {
  const userId = randomUUID();
  const bound = await logInWithDevice(sidecar, { userId });
  const proof = await proved(sidecar, bound, { attemptId: "first" });
  await sidecar.run("ValidateSession", proof);
  await sidecar.run("ValidateSession", proof);
  const login = await logIn(sidecar, { userId });
  const device = createDevice();
  const registration = async () => ({ ...(await freshProof(sidecar, device)), rememberDevice: true });
  await sidecar.run("RegisterDevice", { sessionToken: login.token, ...(await registration()) });
  const again = await logIn(sidecar, { userId, deviceRegistration: await registration() });
  await logIn(sidecar, { userId, deviceRegistration: await freshProof(sidecar, device) });
  const { ticket } = await sidecar.run("CreateUpgradeTicket", { sessionId: again.sessionId });
  await sidecar.run("RedeemUpgradeTicket", { ticket });
  const { devices } = await sidecar.run("FetchRememberedDevicesForUser", { userId });
  await sidecar.run("ForgetRememberedDevice", { userId, deviceId: devices[0]?.deviceId ?? "" });
  await validate(sidecar, bound.token, { ignoreDeviceForVerification: true });
  // The challenge keys are replaced after a week.
  await sidecar.advance(8 * DAY_SECS);
  await challengeFor(sidecar);
}

async function tryTokens(sidecar: TestSidecar): Promise<void> {
  await sidecar.run("CreateStatelessToken", { userId: "ada" });
  await sidecar.run("GetJwks", {});
  await sidecar.run("RotateStatelessTokenKey", {
    secsBeforeNewKeyBecomesDefault: 1,
    secsBeforeExistingKeysAreDeactivated: 2,
  });
}

async function tryDashboard(sidecar: TestSidecar): Promise<void> {
  const dashboard = await onSidecar(sidecar, TEMPORARY);
  const { owner } = dashboard;
  await trySearches(owner, Math.floor(Date.now() / 1000));
  const { sessionId, userId } = await logIn(sidecar, { tags: ["org:of-many"] });
  await owner.get("sessions/detail", { sessionId });
  await owner.get("sessions/timeline", { sessionId });
  await owner.get("sessions/end-count", { userId });
  await owner.get("sessions/end-many", { userId, confirmation: userId });
  await logIn(sidecar, { tags: ["org:of-many"] });
  await owner.get("sessions/end-many", { tag: "org:of-many", confirmation: "org:of-many" });
  await owner.get("sessions/export", { format: "csv" });
  await trySettings(owner);
  await tryWebhooks(sidecar, owner);
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
    const { next } = await owner.get("sessions/list", filter);
    if (next !== null) await owner.get("sessions/list", { ...filter, cursor: next });
    await owner.get("sessions/count", filter);
  }
  await owner.get("overview/series", { from: now - DAY_SECS, to: now });
  await owner.get("overview/top-tags", {});
  await owner.get("overview/health", {});
  await owner.get("sessions/timeline", { userId: "user-7" });
  await owner.get("log/list", {});
  await owner.get("log/list", { actor: `dashboard:${OWNER}`, from: now - DAY_SECS, to: now + DAY_SECS });
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
  await sleep(2000);
  const { items } = await owner.get("webhooks/deliveries", { id: made.id });
  await owner.get("webhooks/deliveries", { id: made.id, onlyGivenUp: true });
  await owner.get("webhooks/test", { id: made.id });
  await owner.get("webhooks/replay", { id: made.id, deliveryId: items[0]?.id ?? "0" });
  await sidecar.sql(
    `DELETE FROM byo.audit_events WHERE id IN (
    SELECT event_id FROM byo.webhook_deliveries WHERE endpoint_id = $1)`,
    [made.id],
  );
  await owner.get("webhooks/replay", { id: made.id });
  await sleep(1500);
  await owner.get("webhooks/rotate-secret", { id: made.id, keepPreviousSecs: 10 });
  await owner.get("webhooks/change", { name: "gone", ...of(made.id) });
  await owner.get("webhooks/delete", { id: made.id });
  await owner.get("webhooks/delete", { id: other.id });
  await sleep(1500);
}

async function trySettings(owner: DashboardClient): Promise<void> {
  const shorter = { ...CONFIG, tags: [{ tag: "org:1", absolute_lifetime_secs: 80_000 }, ...CONFIG.tags.slice(1)] };
  const allowlist = { ip_allowlist: ["10.0.0.0/8"] };
  const previewed = [
    shorter,
    { ...CONFIG, defaults: { inactivity_timeout_secs: 4 * DAY_SECS, ...allowlist } },
    { ...CONFIG, tags: [...CONFIG.tags, { tag: "org:3", ...allowlist }] },
  ];
  for (const policy of previewed) await owner.get("policies/preview", { text: JSON.stringify(policy) });
  await owner.confirm();
  await owner.get("policies/save", { text: JSON.stringify(shorter), expectedRevision: 0 });
  await owner.get("policies/revisions", {});
  await owner.get("policies/revision", { revision: 1 });
  await owner.get("settings/integration-keys", {});
  await owner.get("settings/token-keys", {});
  await owner.get("settings/users", {});
}
