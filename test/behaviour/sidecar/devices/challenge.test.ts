import { beforeAll, describe, expect, it, vi } from "vitest";
import { createDevice } from "../../../../sidecar/test/devices/forge.ts";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { challengeFor, freshProof, logInWithDevice, proofOf, proved } from "../bound-session.ts";
import { validate } from "../login.ts";
import { CHROME_ON_MAC, FIREFOX_ON_MAC } from "../user-agents.ts";

const LIFETIME_SECS = 600;
const DAY_SECS = 86_400;
/** How long a replica may go without reading the keys. */
const KEYS_READ_BY_ALL = { timeout: 15_000, interval: 200 };

let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar({ config: { device_challenge_lifetime_secs: LIFETIME_SECS } });
});

describe("CreateDeviceChallenge", () => {
  it("gives a challenge that lives as long as the configuration says, by the database's clock", async () => {
    const [{ now } = { now: 0 }] = await sidecar.sql<{ now: number }>(
      "SELECT extract(epoch FROM byo.now())::float8 AS now",
    );
    const { deviceChallenge, expiresAt } = await sidecar.run("CreateDeviceChallenge", {});
    expect(deviceChallenge).toMatch(/^[\w-]{102}$/);
    expect(expiresAt - now).toBeGreaterThan(LIFETIME_SECS - 2);
    expect(expiresAt - now).toBeLessThan(LIFETIME_SECS + 10);
    expect(Number.isInteger(expiresAt)).toBe(true);
  });

  it("never gives one twice, and keeps no row of any", async () => {
    const challenges = await Promise.all(Array.from({ length: 50 }, () => challengeFor(sidecar)));
    expect(new Set(challenges).size).toBe(50);
    const tables = await sidecar.sql<{ name: string }>(
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'byo'",
    );
    for (const { name } of tables) {
      const text = `SELECT 1 FROM byo.${name} t WHERE t::text LIKE '%' || $1 || '%'`;
      expect(await sidecar.sql(text, [challenges[0]]), name).toEqual([]);
    }
  });

  it.each(["nonsense", "", "010.0.0.1", "fe80::1%eth0", "203.0.113.9/32"])(
    "refuses %j as an address",
    async (ipAddress) => {
      expect(await sidecar.command("CreateDeviceChallenge", { ipAddress })).toEqual({
        status: 400,
        body: { type: "UnexpectedError", details: "ipAddress: expected an IP address" },
      });
    },
  );
});

describe("a challenge", () => {
  const home = { ipAddress: "203.0.113.9", userAgent: CHROME_ON_MAC };

  it.each([
    ["for nobody", {}],
    ["for an address", { ipAddress: home.ipAddress }],
    ["for the same address written as an IPv6 one", { ipAddress: "::ffff:203.0.113.9" }],
    ["for a user agent", { userAgent: home.userAgent }],
    ["for both", home],
  ])("that was made %s serves where both are passed", async (_, madeFor) => {
    const session = await logInWithDevice(sidecar, home);
    const deviceVerification = await freshProof(sidecar, session.device, madeFor);
    expect(await validate(sidecar, session.token, { ...home, deviceVerification })).toMatchObject({ status: 200 });
  });

  it.each([
    ["another address", { ...home, ipAddress: "203.0.113.10" }],
    ["another user agent", { ...home, userAgent: FIREFOX_ON_MAC }],
    ["an empty user agent", { ...home, userAgent: "" }],
  ])("that was made for %s is answered with a new one, which serves", async (_, madeFor) => {
    const session = await logInWithDevice(sidecar, home);
    const deviceVerification = await freshProof(sidecar, session.device, madeFor);
    const { status, body } = await validate(sidecar, session.token, { ...home, deviceVerification });
    expect([status, body.type]).toEqual([425, "NewDeviceChallengeRequired"]);
    const { deviceChallenge } = body.details as { deviceChallenge: string };
    const again = proofOf(session.device, deviceChallenge);
    expect(await validate(sidecar, session.token, { ...home, deviceVerification: again })).toMatchObject({
      status: 200,
    });
  });

  it.each([
    ["prefix", "203.0.113.10", 200],
    ["prefix", "203.0.114.9", 425],
    ["prefix", "2001:db8::1", 425],
    ["off", "2001:db8::1", 200],
  ])(
    "is tied to its address by challenge_ip_binding %s: made for %s it gives %d",
    async (binding, ipAddress, status) => {
      const config = { challenge_ip_binding: binding };
      const replica = await startTestSidecar({ database: sidecar.database, config });
      const session = await logInWithDevice(replica, home);
      const deviceVerification = await freshProof(replica, session.device, { ...home, ipAddress });
      expect(await validate(replica, session.token, { ...home, deviceVerification })).toMatchObject({ status });
    },
  );

  it("that was made for an address does not serve where none is passed", async () => {
    const session = await logInWithDevice(sidecar);
    const deviceVerification = await freshProof(sidecar, session.device, { ipAddress: home.ipAddress });
    expect(await validate(sidecar, session.token, { deviceVerification })).toMatchObject({ status: 425 });
  });

  it("serves until its time is over", async () => {
    const session = await logInWithDevice(sidecar);
    const challenge = await challengeFor(sidecar);
    await sidecar.advance(LIFETIME_SECS - 20);
    const early = { deviceVerification: proofOf(session.device, challenge) };
    expect(await validate(sidecar, session.token, early)).toMatchObject({ status: 200 });
    await sidecar.advance(21);
    const late = { deviceVerification: proofOf(session.device, challenge) };
    const { status, body } = await validate(sidecar, session.token, late);
    expect([status, body.type]).toEqual([425, "NewDeviceChallengeRequired"]);
  });

  it("keeps its time when the configuration makes later ones live longer or shorter", async () => {
    const session = await logInWithDevice(sidecar);
    const brief = await startTestSidecar({ database: sidecar.database, config: { device_challenge_lifetime_secs: 5 } });
    const [long, short] = [await challengeFor(sidecar), await challengeFor(brief)];
    await sidecar.advance(10);
    const proofs = [long, short].map((challenge) => proofOf(session.device, challenge));
    const answers = proofs.map((deviceVerification) => validate(brief, session.token, { deviceVerification }));
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 425]);
  });
});

describe("the keys of challenges", () => {
  const startReplicaOf = ({ database }: TestSidecar) => startTestSidecar({ database });

  it("are one for all replicas, also when all of them need the first one at once", async () => {
    const first = await startTestSidecar();
    const replicas = [first, await startReplicaOf(first), await startReplicaOf(first)];
    const challenges = await Promise.all(replicas.map((replica) => challengeFor(replica)));
    expect(await keysOf(first)).toBe(1);
    for (const [at, replica] of replicas.entries()) {
      for (const challenge of challenges) {
        const deviceRegistration = proofOf(createDevice(), challenge);
        const answer = await replica.command("CreateSession", { userId: `user ${at}`, deviceRegistration });
        expect(answer).toMatchObject({ status: 200 });
      }
    }
  });

  it("change every day, while the one before still counts", { timeout: 60_000 }, async () => {
    const first = await startTestSidecar();
    const yesterday = keyOf(await challengeFor(first));

    await first.advance(DAY_SECS + 1);
    const second = await startReplicaOf(first);
    // Until every replica has read the new key, nobody makes challenges with it.
    expect(keyOf(await challengeFor(second))).toBe(yesterday);
    expect(await keysOf(first)).toBe(2);
    const before = await challengeFor(first);
    await first.advance(30);
    const third = await startReplicaOf(first);
    const after = await challengeFor(third);
    expect(keyOf(after)).not.toBe(yesterday);

    await vi.waitFor(async () => expect(keyOf(await challengeFor(first))).toBe(keyOf(after)), KEYS_READ_BY_ALL);
    for (const challenge of [before, after]) {
      for (const judge of [first, third]) {
        const deviceRegistration = proofOf(createDevice(), challenge);
        const answer = await judge.command("CreateSession", { userId: "ada", deviceRegistration });
        expect(answer).toMatchObject({ status: 200 });
      }
    }
  });

  it("are deleted when none of their challenges can live, and what they made is stale, not forged", async () => {
    const first = await startTestSidecar();
    const session = await logInWithDevice(first);
    const old = await challengeFor(first);
    await first.advance(3 * DAY_SECS);
    await challengeFor(await startReplicaOf(first));
    expect(await keysOf(first)).toBe(2);
    await first.advance(DAY_SECS + 1);
    const later = await startReplicaOf(first);
    await challengeFor(later);
    expect(await keysOf(first)).toBe(2);
    const deviceVerification = proofOf(session.device, old);
    expect(await validate(later, session.token, { deviceVerification })).toMatchObject({ status: 425 });
    expect(await later.command("ValidateSession", await proved(later, session))).toMatchObject({ status: 200 });
  });
});

async function keysOf({ sql }: TestSidecar): Promise<number | undefined> {
  const [row] = await sql<{ keys: number }>("SELECT count(*)::int AS keys FROM byo.challenge_keys");
  return row?.keys;
}

/** Which key made a challenge. */
function keyOf(challenge: string): number {
  return Buffer.from(challenge, "base64url").readUInt32BE(2);
}
