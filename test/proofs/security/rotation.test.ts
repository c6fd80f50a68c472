import { setTimeout as sleep } from "node:timers/promises";
import { request } from "undici";
import { beforeAll, describe, expect, it } from "vitest";
import { createDeviceKey } from "../../harness/device-key.ts";
import { type SpawnedSidecar, spawnTestSidecar } from "../../harness/spawned-sidecar.ts";
import { createTestDatabase } from "../../harness/test-database.ts";
import { startTestReplicas, type TestSidecar } from "../../harness/test-sidecar.ts";

const INTERVAL_SECS = 3600;
const GRACE_SECS = 60;
const OWNER = {
  ipAddress: "203.0.113.7",
  userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
};
/** The same kind of browser elsewhere: a careful thief copies the user agent. */
const THIEF = { ...OWNER, ipAddress: "198.51.100.66" };

let sidecar: TestSidecar;
let replica: TestSidecar;

beforeAll(async () => {
  [sidecar, replica] = (await startTestReplicas(2)) as [TestSidecar, TestSidecar];
});

/** A session whose token has a successor that is in use. */
async function rotatedSession(userId: string) {
  const { sessionToken: old, sessionId } = await sidecar.run("CreateSession", { userId, ...OWNER });
  await sidecar.advance(INTERVAL_SECS + 1);
  const { newSessionToken = "" } = await sidecar.run("ValidateAndRefreshSession", { sessionToken: old, ...OWNER });
  await sidecar.run("ValidateSession", { sessionToken: newSessionToken, ...OWNER });
  return { old, current: newSessionToken, sessionId };
}

describe("rotation", () => {
  it("19 a copied token that is replayed after the grace ends the session for both, and the log says why", async () => {
    const { old, current, sessionId } = await rotatedSession("ada");
    await sidecar.advance(GRACE_SECS + 1);
    const ended = { status: 401, body: { type: "InvalidSessionToken", details: "TokenReused" } };
    expect(await replica.command("ValidateAndRefreshSession", { sessionToken: old, ...THIEF })).toEqual(ended);
    expect(await sidecar.command("ValidateSession", { sessionToken: current, ...OWNER })).toEqual(ended);
    const events = await sidecar.sql(
      "SELECT reason, ip_address, details FROM byo.audit_events WHERE session_id = $1 AND event = 'SessionEnded'",
      [sessionId],
    );
    expect(events).toEqual([
      {
        reason: "TokenReused",
        ip_address: THIEF.ipAddress,
        details: expect.objectContaining({ sessionIpAddress: OWNER.ipAddress, rotatedByIpAddress: OWNER.ipAddress }),
      },
    ]);
  });

  it("19 a thief with an old token within the grace gets no newer one", async () => {
    const { old } = await rotatedSession("bob");
    const answer = await sidecar.run("ValidateAndRefreshSession", { sessionToken: old, ...THIEF });
    expect(answer).not.toHaveProperty("newSessionToken");
  });

  it("19 a token three generations old is still known as stolen", async () => {
    const { sessionToken: first } = await sidecar.run("CreateSession", { userId: "carol" });
    let current = first;
    for (let generation = 0; generation < 3; generation++) {
      await sidecar.advance(INTERVAL_SECS + GRACE_SECS + 1);
      const { newSessionToken = "" } = await sidecar.run("ValidateAndRefreshSession", { sessionToken: current });
      await sidecar.run("ValidateSession", { sessionToken: newSessionToken });
      current = newSessionToken;
    }
    await sidecar.advance(GRACE_SECS + 1);
    expect((await sidecar.command("ValidateSession", { sessionToken: first })).body.details).toBe("TokenReused");
    expect((await sidecar.command("ValidateSession", { sessionToken: current })).status).toBe(401);
  });

  it("20 50 parallel requests with one token on two replicas: one successor, and nobody is logged out", async () => {
    const { sessionToken } = await sidecar.run("CreateSession", { userId: "dora" });
    await sidecar.advance(INTERVAL_SECS + 1);
    const servers = [sidecar, replica] as const;
    const refresh = (token: string) =>
      Promise.all(
        Array.from({ length: 50 }, (_, at) =>
          servers[at % 2]?.run("ValidateAndRefreshSession", { sessionToken: token }),
        ),
      );
    const successors = new Set((await refresh(sessionToken)).map((answer) => answer?.newSessionToken));
    expect(successors.size).toBe(1);
    const [successor = ""] = successors;
    // First use of the successor, in parallel with more of the old one.
    await Promise.all([refresh(successor), refresh(sessionToken)]);
    await sidecar.run("ValidateSession", { sessionToken: successor });
    const [row] = await sidecar.sql("SELECT gen, ended_at FROM byo.sessions WHERE user_id = 'dora'");
    expect(row).toEqual({ gen: 2, ended_at: null });
  });

  it("22 with a device: a copied cookie gets no successor, rotates nothing and cannot end the session", async () => {
    const key = createDeviceKey();
    const request = { requestUrl: "https://app.example/data", requestMethod: "GET" };
    const prove = async (by = key) => {
      const { deviceChallenge: challenge } = await sidecar.run("CreateDeviceChallenge", {});
      const proof = by.prove({ challenge, url: request.requestUrl, method: request.requestMethod });
      return { signedDeviceChallenge: proof, ...request };
    };
    const { sessionToken, sessionId } = await sidecar.run("CreateSession", {
      userId: "eve",
      deviceRegistration: await prove(),
    });
    await sidecar.advance(INTERVAL_SECS + 1);
    const refresh = (more: object) => replica.command("ValidateAndRefreshSession", { sessionToken, ...more });
    expect(await refresh({})).toMatchObject({ status: 401, body: { type: "DeviceVerificationRequired" } });
    expect(await refresh({ deviceVerification: await prove(createDeviceKey()) })).toMatchObject({
      status: 401,
      body: { type: "DeviceVerificationFailed" },
    });
    const unchecked = await refresh({ ignoreDeviceForVerification: true });
    expect(unchecked.status).toBe(200);
    expect(unchecked.body).not.toHaveProperty("newSessionToken");
    const [row] = await sidecar.sql("SELECT gen, next_hash FROM byo.sessions WHERE id = $1", [sessionId]);
    expect(row).toEqual({ gen: 1, next_hash: null });

    const { newSessionToken = "" } = await sidecar.run("ValidateAndRefreshSession", {
      sessionToken,
      deviceVerification: await prove(),
    });
    await sidecar.run("ValidateSession", { sessionToken: newSessionToken, deviceVerification: await prove() });
    await sidecar.advance(GRACE_SECS + 1);
    // The replay that ends a plain session: here only the key could.
    expect((await refresh({})).status).toBe(401);
    expect((await refresh({ ignoreDeviceForVerification: true })).status).toBe(401);
    await sidecar.run("ValidateSession", { sessionToken: newSessionToken, deviceVerification: await prove() });
  });

  it("21 kill -9 between the commit and the answer: both tokens work on another process, and are followed by the same", {
    timeout: 60_000,
  }, async () => {
    const database = await createTestDatabase();
    for (const step of ["start", "confirm"] as const) {
      const first = await spawnTestSidecar({ database });
      const { sessionToken, sessionId } = await first.run("CreateSession", { userId: step });
      await database.advance(INTERVAL_SECS + 1);
      const pending =
        step === "start"
          ? sessionToken
          : ((await first.run("ValidateAndRefreshSession", { sessionToken })).newSessionToken ?? "");
      await killAtCommit(first, pending, async () => {
        const [row] = await database.sql<{ gen: number; started: boolean }>(
          "SELECT gen, next_hash IS NOT NULL AS started FROM byo.sessions WHERE id = $1",
          [sessionId],
        );
        return step === "start" ? row?.started === true : row?.gen === 2;
      });
      const second = await spawnTestSidecar({ database });
      // The browser still has the token that it sent: the answer with another one was lost.
      await second.run("ValidateSession", { sessionToken });
      const again = await second.run("ValidateAndRefreshSession", { sessionToken: pending });
      if (step === "start") expect(again.newSessionToken).toMatch(/^byo_sess_/);
      await second.run("ValidateSession", { sessionToken: again.newSessionToken ?? pending });
      const ends = await database.sql(
        "SELECT 1 AS one FROM byo.audit_events WHERE session_id = $1 AND event = 'SessionEnded'",
        [sessionId],
      );
      expect(ends).toEqual([]);
      await second.stop();
    }
  });
});

/** Sends a refresh, kills the process as soon as its change is in the database, and drops whatever was answered. */
async function killAtCommit(
  server: SpawnedSidecar,
  sessionToken: string,
  committed: () => Promise<boolean>,
): Promise<void> {
  const lost = request(`${server.url}/run-command`, {
    method: "POST",
    headers: { authorization: `Bearer ${server.integrationKey}` },
    body: JSON.stringify({ command: "ValidateAndRefreshSession", data: { sessionToken } }),
  }).catch(() => undefined);
  for (let attempt = 0; attempt < 200 && !(await committed()); attempt++) await sleep(5);
  await server.kill("SIGKILL");
  await lost;
  expect(await committed()).toBe(true);
}
