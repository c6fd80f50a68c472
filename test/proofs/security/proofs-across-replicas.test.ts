import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { createEnvelope } from "../../../sidecar/src/engine/keys/envelope.ts";
import { createDevice, type Device, REQUEST_URL } from "../../../sidecar/test/devices/forge.ts";
import { spawnTestSidecar } from "../../harness/spawned-sidecar.ts";
import { startTestReplicas, startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";
import { dumpDatabase } from "./database-dump.ts";
import { type Canary, foundCanaries } from "./spellings.ts";

const REQUEST = { requestUrl: REQUEST_URL, requestMethod: "POST" } as const;
const ENCRYPTION_KEY = randomBytes(32);
const ENV = { ENCRYPTION_KEY: ENCRYPTION_KEY.toString("base64") };
const ROUNDS = 100;
const REGISTRATIONS = 30;
const YEAR_MS = 365 * 86_400_000;

let a: TestSidecar;
let b: TestSidecar;
/** Every proof that was sent, and every challenge. */
const canaries: Canary[] = [];

beforeAll(async () => {
  [a, b] = (await startTestReplicas(2, { env: ENV })) as [TestSidecar, TestSidecar];
});

type Sidecar = Pick<TestSidecar, "run">;

async function challengeOf(sidecar: Sidecar): Promise<string> {
  const { deviceChallenge } = await sidecar.run("CreateDeviceChallenge", {});
  canaries.push({ name: "challenge", value: deviceChallenge });
  return deviceChallenge;
}

function proofBy(device: Device, challenge: string) {
  const signedDeviceChallenge = device.prove({ claims: { nonce: challenge } });
  const [, , signature = ""] = signedDeviceChallenge.split(".");
  canaries.push({ name: "proof", value: signedDeviceChallenge }, { name: "signature", value: signature });
  return { signedDeviceChallenge, ...REQUEST };
}

async function boundSession(sidecar: Sidecar, device = createDevice()) {
  const deviceRegistration = proofBy(device, await challengeOf(sidecar));
  const created = await sidecar.run("CreateSession", { userId: "ada", deviceRegistration });
  return { ...created, device };
}

describe("a jti serves once", () => {
  it(`33 when it is sent to two replicas at once, ${ROUNDS} times`, { timeout: 120_000 }, async () => {
    const { sessionId, sessionToken, device } = await boundSession(a);
    const challenge = await challengeOf(a);
    for (let round = 0; round < ROUNDS; round++) {
      const data = { sessionToken, deviceVerification: proofBy(device, challenge) };
      const order = round % 2 === 0 ? [a, b] : [b, a];
      const answers = await Promise.all(order.map((replica) => replica.command("ValidateSession", data)));
      expect(answers.map(({ status }) => status).sort(), `round ${round}`).toEqual([200, 401]);
      const refused = answers.find(({ status }) => status === 401);
      expect(refused?.body).toEqual({ type: "DeviceVerificationFailed" });
    }
    await vi.waitFor(async () => {
      const rows = await a.sql(
        `SELECT reason, details->>'problem' AS problem, sum(count)::int AS count FROM byo.audit_events
         WHERE session_id = $1 AND event = 'SessionRefused' GROUP BY 1, 2`,
        [sessionId],
      );
      expect(rows).toEqual([{ reason: "DeviceVerificationFailed", problem: "replayed", count: ROUNDS }]);
    }, 5000);
  });

  it(`33 when it registers two sessions on two replicas at once, ${REGISTRATIONS} times`, {
    timeout: 120_000,
  }, async () => {
    for (let round = 0; round < REGISTRATIONS; round++) {
      const sessions = await Promise.all(
        [a, b].map((replica) => replica.run("CreateSession", { userId: `u${round}` })),
      );
      const proof = proofBy(createDevice(), await challengeOf(a));
      const attempts = sessions.map(({ sessionToken }, at) => {
        const data = { sessionToken, rememberDevice: false, ...proof };
        return (at === 0 ? a : b).command("RegisterDevice", data);
      });
      const statuses = (await Promise.all(attempts)).map(({ status }) => status);
      expect(statuses.toSorted()).toEqual([200, 400]);
      const bound = await a.sql<{ id: string }>(
        "SELECT id FROM byo.sessions WHERE user_id = $1 AND device_thumbprint IS NOT NULL",
        [`u${round}`],
      );
      expect(bound.map(({ id }) => id)).toEqual([sessions[statuses.indexOf(200)]?.sessionId]);
    }
  });

  it("33 after the replica that saw it was killed", { timeout: 60_000 }, async () => {
    const first = await spawnTestSidecar({ database: a.database, env: ENV });
    const { sessionToken, device } = await boundSession(first);
    const data = { sessionToken, deviceVerification: proofBy(device, await challengeOf(first)) };
    expect(await first.command("ValidateSession", data)).toMatchObject({ status: 200 });
    await first.kill("SIGKILL");
    const second = await spawnTestSidecar({ database: a.database, env: ENV });
    const refused = { status: 401, body: { type: "DeviceVerificationFailed" } };
    expect(await second.command("ValidateSession", data)).toEqual(refused);
    const good = { sessionToken, deviceVerification: proofBy(device, await challengeOf(second)) };
    expect(await second.command("ValidateSession", good)).toMatchObject({ status: 200 });
    await second.stop();
  });

  it("33 but a call that is repeated at another replica, by its attemptId, gets the same answer", async () => {
    const { sessionToken, device } = await boundSession(a);
    await a.advance(3601);
    const deviceVerification = proofBy(device, await challengeOf(a));
    const data = { sessionToken, deviceVerification, attemptId: "lost answer" };
    const [one, other] = await Promise.all([a, b].map((replica) => replica.command("ValidateAndRefreshSession", data)));
    expect(one).toMatchObject({ status: 200, body: { newSessionToken: expect.any(String) } });
    // The time that is left goes on.
    expect(other).toEqual({ ...one, body: { ...one?.body, expiresInSecs: expect.any(Number) } });
  });
});

describe("a session", () => {
  it(`36 is bound once when two replicas register two devices at once, ${REGISTRATIONS} times`, {
    timeout: 120_000,
  }, async () => {
    for (let round = 0; round < REGISTRATIONS; round++) {
      const { sessionToken } = await a.run("CreateSession", { userId: "ada" });
      const devices = [createDevice(), createDevice()];
      const challenge = await challengeOf(a);
      const attempts = devices.map((device, at) => {
        const data = { sessionToken, rememberDevice: false, ...proofBy(device, challenge) };
        return (at === 0 ? a : b).command("RegisterDevice", data);
      });
      const statuses = (await Promise.all(attempts)).map(({ status }) => status);
      expect(statuses.toSorted()).toEqual([200, 409]);
      const answers = devices.map((device) => {
        return b.command("ValidateSession", { sessionToken, deviceVerification: proofBy(device, challenge) });
      });
      const winner = statuses.indexOf(200);
      expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(winner === 0 ? [200, 401] : [401, 200]);
    }
  });
});

describe("freshness is the challenge's", () => {
  it.each([10, -10])("32 also on a replica whose clock is %i years ahead", { timeout: 60_000 }, async (years) => {
    const wrong = await spawnTestSidecar({ database: a.database, env: { ...ENV, NODE_OPTIONS: clockOff(years) } });
    const [line] = wrong.logs().filter((entry) => entry.msg === "the sidecar is listening");
    expect(Date.parse(String(line?.time)) / YEAR_MS).toBeCloseTo(Date.now() / YEAR_MS + years, 1);

    const { sessionToken, device } = await boundSession(wrong);
    for (const [maker, judge] of [
      [wrong, a],
      [a, wrong],
    ] as const) {
      const challenge = await challengeOf(maker);
      const data = { sessionToken, deviceVerification: proofBy(device, challenge) };
      expect(await judge.command("ValidateSession", data)).toMatchObject({ status: 200 });
      expect(await maker.command("ValidateSession", data)).toMatchObject({ status: 401 });
      await a.advance(601);
      const late = { sessionToken, deviceVerification: proofBy(device, challenge) };
      expect(await judge.command("ValidateSession", late)).toMatchObject({ status: 425 });
    }
    await wrong.stop();
  });
});

/** Node options that give a process another time. */
function clockOff(years: number): string {
  const code = `const RealDate = Date;
    const now = () => RealDate.now() + ${years * YEAR_MS};
    globalThis.Date = class extends RealDate {
      constructor(...parts) { super(...(parts.length > 0 ? parts : [now()])); }
      static now() { return now(); }
    };`;
  return `--import=data:text/javascript;base64,${Buffer.from(code).toString("base64")}`;
}

describe("what devices leave behind", () => {
  it("03 and 59: no proof, challenge or challenge key is in the database or the log, in any spelling", async () => {
    const [row] = await a.sql<{ id: string; sealed: Buffer }>("SELECT id::text, sealed FROM byo.challenge_keys");
    const envelope = createEnvelope({ current: ENCRYPTION_KEY });
    const secret = envelope.open(`challenge-key:${row?.id}`, row?.sealed ?? Buffer.alloc(0));
    expect(secret).toHaveLength(32);
    const all = [...canaries, { name: "challenge key", value: secret.toString("base64url") }];
    expect(all.length).toBeGreaterThan(3 * ROUNDS);
    // The values of one round are enough, and faster to search for.
    const some = all.filter((_, at) => at % 20 < 3 || at === all.length - 1);
    const { text } = await dumpDatabase(a.database);
    expect(foundCanaries(text, some)).toEqual([]);
    expect(foundCanaries(a.logText() + b.logText(), some)).toEqual([]);
    // The search itself works: the thumbprint is what a session keeps.
    const { sessionId, device } = await boundSession(await startTestSidecar({ database: a.database, env: ENV }));
    const { text: later } = await dumpDatabase(a.database);
    expect(foundCanaries(later, [{ name: "thumbprint", value: device.thumbprint }])).toEqual(["thumbprint"]);
    expect(foundCanaries(later, [{ name: "public key", value: String(device.jwk.x) }])).toEqual([]);
    expect(sessionId).not.toBe("");
  });
});
