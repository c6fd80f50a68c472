import { setTimeout as sleep } from "node:timers/promises";
import type { SessionEnd } from "@byo-session/core";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startTestReplicas, startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { type ConnectedClient, connectedClient } from "./connected-client.ts";

const NOTIFIES = { SESSION_CACHE: "on" };
const CONFIG = {
  tags: [
    { tag: "rotates:now", rotation_interval_secs: 1, rotation_grace_secs: 1 },
    { tag: "ends:soon", absolute_lifetime_secs: 2 },
    { tag: "idle:soon", inactivity_timeout_secs: 2 },
  ],
};

let here: TestSidecar;
let there: TestSidecar;
let client: ConnectedClient;

beforeAll(async () => {
  [here, there] = (await startTestReplicas(2, { config: CONFIG, env: NOTIFIES })) as [TestSidecar, TestSidecar];
  client = await connectedClient(here);
});

interface Watched {
  readonly told: (string | object)[];
  readonly ended: Promise<SessionEnd>;
  readonly stop: () => void;
}

function watch(sessionId: string, by = client): Watched {
  const told: (string | object)[] = [];
  let stop = () => {};
  const ended = new Promise<SessionEnd>((resolve) => {
    stop = by.watch(sessionId, {
      onSessionEnd(end) {
        told.push(end.reason);
        resolve(end);
      },
      onSessionChange: ({ sessionTags, metadata }) => told.push({ sessionTags, metadata }),
      onSessionUnknown: () => told.push("unknown"),
    });
  });
  onTestFinished(stop);
  return { told, ended, stop };
}

/** Long enough for it to be pushed. */
const settled = () => sleep(400);

async function msUntil(ended: Promise<unknown>, change: () => Promise<unknown>): Promise<number> {
  await settled();
  await change();
  const atMs = performance.now();
  await ended;
  return performance.now() - atMs;
}

/** Cuts every connection on which a replica hears of changes. */
const CUT = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE application_name = 'byo-session listener' AND datname = current_database()`;

describe("a watched session", () => {
  it("is told to have ended, with the reason, by whichever replica it was ended", async () => {
    const { sessionId } = await here.run("CreateSession", { userId: "ada" });
    const { sessionToken, sessionId: second } = await here.run("CreateSession", { userId: "ben" });
    const [ada, ben] = [watch(sessionId), watch(second)];
    const revoke = () => there.run("InvalidateAllSessionsForUser", { userId: "ada" });
    expect(await msUntil(ada.ended, revoke)).toBeLessThan(1000);
    expect(await ada.ended).toEqual({ sessionId, reason: "Revoked" });
    expect(ben.told).toEqual([]);
    expect(await msUntil(ben.ended, () => there.run("InvalidateSessionByToken", { sessionToken }))).toBeLessThan(1000);
    expect(ben.told).toEqual(["LoggedOut"]);
  });

  it("has ended as a token that came back shows a theft", async () => {
    const { sessionId, sessionToken } = await here.run("CreateSession", { userId: "eve", tags: ["rotates:now"] });
    const watched = watch(sessionId);
    await settled();
    const tokens = [sessionToken];
    for (let turn = 0; turn < 5; turn++) {
      const presented = { sessionToken: tokens.at(-1) };
      const { newSessionToken } = await there.run("ValidateAndRefreshSession", presented);
      if (newSessionToken) tokens.push(newSessionToken);
      await sleep(1100);
    }
    expect(tokens.length).toBeGreaterThan(2);
    expect(watched.told).toEqual([]);
    await there.command("ValidateSession", { sessionToken });
    expect(await watched.ended).toEqual({ sessionId, reason: "TokenReused" });
  });

  it("has changed when its tags, its metadata or its end are others, and not when it is used", async () => {
    const { sessionId, sessionToken } = await here.run("CreateSession", { userId: "ida" });
    const watched = watch(sessionId);
    await settled();
    await there.run("ValidateSession", { sessionToken, ipAddress: "203.0.113.7", userAgent: "curl/8.5.0" });
    await there.run("UpdateSession", { sessionId, newMetadata: { theme: "dark" } });
    await expect.poll(() => watched.told).toEqual([{ metadata: { theme: "dark" } }]);
    await here.run("UpdateSession", { sessionId, tagsToAdd: ["plan:pro"] });
    await expect
      .poll(() => watched.told.slice(1))
      .toEqual([{ sessionTags: ["plan:pro"], metadata: { theme: "dark" } }]);
  });

  it("tells at once what has changed since it was seen last, and an end that came before", async () => {
    const { sessionId } = await here.run("CreateSession", { userId: "jo", tags: ["a:1"] });
    const changed = new Promise((onSessionChange) => {
      onTestFinished(client.watch(sessionId, { onSessionChange }, { expiresAt: 1, sessionTags: ["a:1"] }));
    });
    expect(await changed).toMatchObject({ sessionId, sessionTags: ["a:1"] });
    await there.run("InvalidateSessionById", { sessionId });
    expect(await watch(sessionId).ended).toEqual({ sessionId, reason: "Revoked" });
    expect(await watch(crypto.randomUUID()).ended).toMatchObject({ reason: "NotFound" });
    expect(await watch("x".repeat(500)).ended).toMatchObject({ reason: "NotFound" });
  });

  it.each([
    ["ends:soon", "Expired"],
    ["idle:soon", "Inactive"],
  ])("ends by time, without any change: %s", async (tag, reason) => {
    const { sessionId } = await here.run("CreateSession", { userId: "kim", tags: [tag] });
    const beganAt = performance.now();
    expect(await watch(sessionId).ended).toEqual({ sessionId, reason });
    expect(performance.now() - beganAt).toBeGreaterThan(1500);
    expect(performance.now() - beganAt).toBeLessThan(3000);
  });

  it("does not end while it is used, though uses are not reported", async () => {
    const { sessionId, sessionToken } = await here.run("CreateSession", { userId: "lea", tags: ["idle:soon"] });
    const watched = watch(sessionId);
    for (let second = 0; second < 4; second++) {
      await sleep(900);
      await here.run("ValidateSession", { sessionToken });
    }
    expect(watched.told).toEqual([]);
    expect(await watched.ended).toMatchObject({ reason: "Inactive" });
  });

  it("ends as the policy becomes stricter", async () => {
    const { sessionId } = await here.run("CreateSession", { userId: "max", tags: ["strict:er"] });
    const watched = watch(sessionId);
    await sleep(1200);
    await here.writeConfig({ ...CONFIG, tags: [...CONFIG.tags, { tag: "strict:er", absolute_lifetime_secs: 1 }] });
    expect(await watched.ended).toMatchObject({ reason: "Expired" });
  });

  it("is told once to each that watches it, and to none that has stopped", async () => {
    const { sessionId } = await here.run("CreateSession", { userId: "nia" });
    const [first, second, third] = [watch(sessionId), watch(sessionId), watch(sessionId)];
    await settled();
    second.stop();
    await there.run("InvalidateSessionById", { sessionId });
    await Promise.all([first.ended, third.ended]);
    await settled();
    expect([first, second, third].map(({ told }) => told)).toEqual([["Revoked"], [], ["Revoked"]]);
  });

  it("ends within a second, too, while the replicas hear nothing", async () => {
    for (const delayMs of [0, 100, 600, 900]) {
      const { sessionId } = await here.run("CreateSession", { userId: "oli" });
      const watched = watch(sessionId);
      await settled();
      await here.sql(CUT);
      await sleep(delayMs);
      await there.run("InvalidateSessionById", { sessionId });
      const atMs = performance.now();
      await watched.ended;
      expect(performance.now() - atMs).toBeLessThan(1000);
      await sleep(1500);
    }
  });

  it("is watched as well by a client that holds no answers", async () => {
    const holdsNothing = await connectedClient(here, { hold: false });
    const { sessionId } = await here.run("CreateSession", { userId: "pia" });
    const watched = watch(sessionId, holdsNothing);
    const revoke = () => there.run("InvalidateSessionById", { sessionId });
    expect(await msUntil(watched.ended, revoke)).toBeLessThan(1000);
  });
});

describe("a sidecar that is away", () => {
  it("ends nothing: what has ended meanwhile is told when it is back", { timeout: 60_000 }, async () => {
    const away = await startTestSidecar({ config: CONFIG, env: NOTIFIES });
    const port = new URL(away.url).port;
    const own = await connectedClient(away, { timeoutMs: 500 });
    const logins = await Promise.all(["", "ends:soon"].map((tag) => logIn(away, tag)));
    const [lives, soon] = logins.map(({ sessionId }) => watch(sessionId, own));
    const revoked = await logIn(away);
    const gone = watch(revoked.sessionId, own);
    await settled();
    await away.stop();
    await away.sql("UPDATE byo.sessions SET ended_at = now(), end_reason = 'Revoked' WHERE id = $1", [
      revoked.sessionId,
    ]);
    // The absolute end is the one that nobody has to be asked about.
    expect(await soon?.ended).toMatchObject({ reason: "Expired" });
    expect([lives?.told, gone.told]).toEqual([[], []]);
    const back = await startTestSidecar({ config: CONFIG, env: { ...NOTIFIES, PORT: port }, database: away.database });
    expect(await gone.ended).toMatchObject({ reason: "Revoked" });
    expect(lives?.told).toEqual([]);
    await back.run("InvalidateSessionById", { sessionId: logins[0]?.sessionId ?? "" });
    expect(await lives?.ended).toMatchObject({ reason: "Revoked" });
  });
});

describe("many that come and go", () => {
  it("leave nothing behind, neither here nor at the sidecar", { timeout: 60_000 }, async () => {
    const { sessionId } = await here.run("CreateSession", { userId: "quin" });
    const own = await connectedClient(here);
    for (let round = 0; round < 20; round++) {
      const ids = Array.from({ length: 500 }, (_, index) => (index % 2 === 0 ? sessionId : crypto.randomUUID()));
      const stops = ids.map((id) => own.watch(id, {}));
      await sleep(10);
      for (const stop of stops) stop();
    }
    const interests = async () => (await here.metrics()).get("byo_held_interests") ?? Number.NaN;
    await expect.poll(interests).toBe(0);
  });
});

function logIn(sidecar: TestSidecar, tag = "") {
  return sidecar.run("CreateSession", { userId: crypto.randomUUID(), ...(tag && { tags: [tag] }) });
}
