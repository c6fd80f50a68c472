import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { startTestReplicas, type TestSidecar } from "../../harness/test-sidecar.ts";

/** Each rule of rotation once over HTTP, on two sidecars, by the real clock of the database. */

const HOUR_SECS = 3600;
const DESKTOP = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/149.0.0.0 Safari/537.36";
const HOME = { ipAddress: "192.0.2.10", userAgent: DESKTOP };
const ELSEWHERE = { ipAddress: "198.51.100.66", userAgent: DESKTOP };

let a: TestSidecar;
let b: TestSidecar;

beforeAll(async () => {
  const quick = { rotation_interval_secs: 1 };
  const [first, second] = await startTestReplicas(2, {
    config: {
      tags: [
        { tag: "grace:long", ...quick, rotation_grace_secs: HOUR_SECS },
        { tag: "grace:short", ...quick, rotation_grace_secs: 1 },
        { tag: "patience:short", ...quick, rotation_grace_secs: 1, rotation_pending_max_secs: 2 },
      ],
    },
  });
  if (!first || !second) throw new Error("expected two sidecars");
  [a, b] = [first, second];
});

async function login(tag: string, client: object = {}): Promise<{ sessionId: string; sessionToken: string }> {
  return a.run("CreateSession", { userId: crypto.randomUUID(), tags: [tag], ...client });
}

async function refresh(sidecar: TestSidecar, sessionToken: string, client: object = {}) {
  const { status, body } = await sidecar.command("ValidateAndRefreshSession", { sessionToken, ...client });
  return { status, word: body.details, newToken: body.newSessionToken };
}

/** Waits until a refresh brings a new token. */
async function rotated(sessionToken: string, client: object = {}): Promise<string> {
  for (;;) {
    const { status, newToken } = await refresh(b, sessionToken, client);
    if (typeof newToken === "string") return newToken;
    expect(status).toBe(200);
    await sleep(100);
  }
}

async function events(sessionId: string, event: string) {
  return a.sql("SELECT * FROM byo.audit_events WHERE session_id = $1 AND event = $2", [sessionId, event]);
}

describe.concurrent("by the wall clock", { timeout: 60_000 }, () => {
  it("a current token is kept until it is due; then everyone gets the same successor, every time", async () => {
    const { sessionToken } = await login("grace:long");
    const start = performance.now();
    const successor = await rotated(sessionToken);
    expect(performance.now() - start).toBeGreaterThan(500);
    for (const sidecar of [a, b, a]) {
      expect(await refresh(sidecar, sessionToken)).toMatchObject({ status: 200, newToken: successor });
    }
    expect(await a.command("ValidateSession", { sessionToken })).toMatchObject({ status: 200 });
  });

  it("the first use of a successor confirms it; keeping it or logging out with it does not", async () => {
    const { sessionId, sessionToken } = await login("grace:long");
    const successor = await rotated(sessionToken);
    const { userId } = await a.run("ValidateSession", { sessionToken });
    await b.run("InvalidateAllSessionsForUserExceptOne", { userId, sessionTokenToKeep: successor });
    expect(await events(sessionId, "RotationConfirmed")).toHaveLength(0);
    expect(await refresh(a, successor)).toMatchObject({ status: 200, newToken: undefined });
    expect(await events(sessionId, "RotationConfirmed")).toHaveLength(1);

    const other = await login("grace:long");
    await b.run("InvalidateSessionByToken", { sessionToken: await rotated(other.sessionToken) });
    expect(await events(other.sessionId, "RotationConfirmed")).toHaveLength(0);
    expect(await refresh(a, other.sessionToken)).toMatchObject({ status: 401, word: "LoggedOut" });
  });

  it("the token before works on within the grace, and brings the new one to the same client only", async () => {
    const { sessionToken } = await login("grace:long", HOME);
    const successor = await rotated(sessionToken, HOME);
    await refresh(a, successor, HOME);
    expect(await refresh(b, sessionToken, ELSEWHERE)).toMatchObject({ status: 200, newToken: undefined });
    expect(await refresh(b, sessionToken, HOME)).toMatchObject({ status: 200, newToken: successor });
  });

  it("after the grace a replay ends the session, and the trail says who met whom", async () => {
    const { sessionId, sessionToken } = await login("grace:short", HOME);
    const successor = await rotated(sessionToken, HOME);
    await refresh(a, successor, HOME);
    await sleep(1500);
    expect(await refresh(b, sessionToken, ELSEWHERE)).toMatchObject({ status: 401, word: "TokenReused" });
    expect(await refresh(a, successor, HOME)).toMatchObject({ status: 401, word: "TokenReused" });
    const [end] = await events(sessionId, "SessionEnded");
    expect(end).toMatchObject({ reason: "TokenReused", ip_address: ELSEWHERE.ipAddress, user_agent: DESKTOP });
    expect(end?.details).toMatchObject({ rotatedByIpAddress: HOME.ipAddress, rotatedByUserAgent: DESKTOP });
  });

  it("a token three generations old is recognised", async () => {
    const { sessionToken } = await login("grace:short");
    let newest = sessionToken;
    for (let generation = 0; generation < 3; generation++) {
      newest = await rotated(newest);
      expect(await refresh(a, newest)).toMatchObject({ status: 200 });
    }
    expect(await refresh(b, sessionToken)).toMatchObject({ status: 401, word: "TokenReused" });
    expect(await refresh(a, newest)).toMatchObject({ status: 401, word: "TokenReused" });
  });

  it("a forged token is unknown, whatever the session's state, and changes nothing", async () => {
    const { sessionToken } = await login("grace:long");
    const forged = (token: string) => token.slice(0, -8) + token.slice(-8).split("").reverse().join("");
    const unknown = { status: 401, word: "NotFound" };
    expect(await refresh(a, forged(sessionToken))).toMatchObject(unknown);
    expect(await refresh(b, sessionToken)).toMatchObject({ status: 200 });
    await a.run("InvalidateSessionByToken", { sessionToken: forged(sessionToken) });
    expect(await refresh(b, sessionToken)).toMatchObject({ status: 200 });
    await a.run("InvalidateSessionByToken", { sessionToken });
    expect(await refresh(b, forged(sessionToken))).toMatchObject(unknown);
    expect(await refresh(b, sessionToken)).toMatchObject({ status: 401, word: "LoggedOut" });
  });

  it("logging out with an old token ends the session", async () => {
    const { sessionToken } = await login("grace:short");
    const successor = await rotated(sessionToken);
    await refresh(a, successor);
    await sleep(1500);
    await b.run("InvalidateSessionByToken", { sessionToken });
    expect(await refresh(a, successor)).toMatchObject({ status: 401, word: "LoggedOut" });
  });

  it("a client that keeps ignoring its successor is refused, and the session lives", async () => {
    const { sessionToken } = await login("patience:short");
    const successor = await rotated(sessionToken);
    const deadline = performance.now() + 20_000;
    let answer = await refresh(a, sessionToken);
    while (answer.status === 200 && performance.now() < deadline) {
      await sleep(300);
      answer = await refresh(a, sessionToken);
    }
    expect(answer).toMatchObject({
      status: 401,
      word: expect.stringMatching(/^Expired: the client never used the successor/),
    });
    expect(await refresh(b, successor)).toMatchObject({ status: 200 });
  });

  it("two clients that take turns are seen", async ({ expect }) => {
    const { sessionId, sessionToken } = await login("grace:long", HOME);
    for (const client of [ELSEWHERE, HOME])
      expect(await refresh(a, sessionToken, client)).toMatchObject({ status: 200 });
    await expect.poll(() => events(sessionId, "SessionShared"), { timeout: 10_000 }).toHaveLength(1);
  });
});
