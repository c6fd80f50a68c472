import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { readEnv, startSidecar } from "@byo-session/sidecar";
import { resetOwner } from "../../../sidecar/src/dashboard/users/owner.ts";
import { openPostgres } from "../../../sidecar/src/engine/db/postgres.ts";
import { readEncryptionStatus } from "../../../sidecar/src/engine/keys/encryption-status.ts";
import { createKey, revokeKey } from "../../../sidecar/src/engine/keys/key-management.ts";
import { eraseUser } from "../../../sidecar/src/engine/privacy/erase.ts";
import { createDevice } from "../../../sidecar/test/devices/forge.ts";
import { OWNER } from "../../behaviour/dashboard/api/dashboard-client.ts";
import { challengeFor, freshProof, logInWithDevice, proved } from "../../behaviour/sidecar/bound-session.ts";
import { logIn, refresh, successorOf, validate } from "../../behaviour/sidecar/login.ts";
import { CHROME_ON_MAC } from "../../behaviour/sidecar/user-agents.ts";
import { createLogCollector } from "../../harness/log-lines.ts";
import { prepareSidecarEnvironment } from "../../harness/sidecar-environment.ts";
import type { TestDatabase } from "../../harness/test-database.ts";
import { reachSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { tryDashboard } from "./dashboard-statements.ts";
import { POLICY } from "./policy.ts";
import { type RecordingDatabase, recordingDatabase, type Sent } from "./recording-database.ts";
import { sentByRecovery } from "./recovery-statements.ts";

const HOME = { ipAddress: "203.0.113.9", userAgent: CHROME_ON_MAC };
const AWAY = { ipAddress: "198.51.100.7", userAgent: CHROME_ON_MAC };
const encryptionKey = () => randomBytes(32).toString("base64");
const DAY_SECS = 86_400;

/** Has a sidecar do everything that it can do, on this database, and returns what it sent. */
export async function sendEveryStatement(database: TestDatabase): Promise<Sent[]> {
  const opened = openPostgres({ connectionString: database.env.DATABASE_URL ?? "" });
  const recording = recordingDatabase(opened);
  const key = encryptionKey();
  const first = await start(database, recording, { ENCRYPTION_KEY: key });
  let newer: string;
  try {
    // First, because the owner's password expires as the others move the clock.
    await tryDashboard(first.sidecar);
    await trySessions(first.sidecar);
    await tryDevices(first.sidecar);
    await tryTokens(first.sidecar);
    await logIn(first.sidecar);
    await sleep(1500);
    newer = await tokenThatIsLost(first.sidecar);
  } finally {
    await first.stop();
  }
  // Another key, so that what is stored is resealed.
  const second = await start(database, recording, { ENCRYPTION_KEY: encryptionKey(), ENCRYPTION_KEY_PREVIOUS: key });
  await refresh(second.sidecar, newer, HOME);
  await sleep(2500);
  await second.stop();
  const { id } = await createKey(recording.db, { name: "of a script", expiresInSecs: 60 });
  await revokeKey(recording.db, id);
  await readEncryptionStatus(recording.db);
  await eraseUser(recording.db, "user-1");
  await resetOwner(recording.db, OWNER);
  await opened.close();
  return [...recording.sent(), ...(await sentByRecovery(first.sidecar.logText()))];
}

async function start(database: TestDatabase, { db }: RecordingDatabase, env: Record<string, string>) {
  const prepared = await prepareSidecarEnvironment({
    database,
    config: POLICY,
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

/** Gives the current token of a session of which the database has only the one before, as after a restore. */
async function tokenThatIsLost(sidecar: TestSidecar): Promise<string> {
  const { sessionId, token } = await logIn(sidecar, HOME);
  await sidecar.advance(3601);
  const newer = await successorOf(sidecar, token, HOME);
  const [stored] = await sidecar.sql("SELECT gen, cur_hash FROM byo.sessions WHERE id = $1", [sessionId]);
  await refresh(sidecar, newer, HOME);
  const restore = "UPDATE byo.sessions SET gen = $2, cur_hash = $3, next_hash = NULL, prev_until = NULL WHERE id = $1";
  await sidecar.sql(restore, [sessionId, stored?.gen, stored?.cur_hash]);
  return newer;
}
