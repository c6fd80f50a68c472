import { createSecretKey, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type ChallengeClient, createChallenges } from "../../src/engine/devices/challenge.ts";

const CLIENT = { ip: "203.0.113.7", userAgent: "Mozilla/5.0" };

function newSecret() {
  return createSecretKey(randomBytes(32));
}

function setUp() {
  const world = {
    now: 1_800_000_000,
    keys: [{ id: 7, secret: newSecret() }],
    lifetimeSecs: 600,
  };
  const replica = () =>
    createChallenges({ keys: () => world.keys, lifetimeSecs: () => world.lifetimeSecs, nowSecs: () => world.now });
  return { world, challenges: replica(), otherReplica: replica() };
}

describe("a device challenge", () => {
  it("is valid until its lifetime is over, on every replica", () => {
    const { world, challenges, otherReplica } = setUp();
    const { deviceChallenge, expiresAt } = challenges.issue(CLIENT);
    expect(expiresAt).toBe(world.now + 600);
    expect(otherReplica.check(deviceChallenge, CLIENT)).toBe("ok");
    world.now = expiresAt - 1;
    expect(otherReplica.check(deviceChallenge, CLIENT)).toBe("ok");
    world.now = expiresAt;
    expect(otherReplica.check(deviceChallenge, CLIENT)).toBe("expired");
  });

  it("takes a changed lifetime for new ones only", () => {
    const { world, challenges } = setUp();
    const first = challenges.issue({});
    world.lifetimeSecs = 1;
    const second = challenges.issue({});
    world.now += 1;
    expect(challenges.check(first.deviceChallenge, {})).toBe("ok");
    expect(challenges.check(second.deviceChallenge, {})).toBe("expired");
  });

  it.each<[made: ChallengeClient, shown: ChallengeClient, expected: "ok" | "other-client"]>([
    [{}, {}, "ok"],
    [{}, CLIENT, "ok"],
    [{ userAgent: CLIENT.userAgent }, CLIENT, "ok"],
    [{ userAgent: CLIENT.userAgent }, { ...CLIENT, ip: "203.0.113.8" }, "ok"],
    [{ userAgent: CLIENT.userAgent }, { ...CLIENT, userAgent: "curl/8" }, "other-client"],
    [{ ip: CLIENT.ip }, CLIENT, "ok"],
    [{ ip: CLIENT.ip }, { ...CLIENT, userAgent: "curl/8" }, "ok"],
    [{ ip: CLIENT.ip }, { ...CLIENT, ip: "203.0.113.8" }, "other-client"],
    [CLIENT, CLIENT, "ok"],
    [CLIENT, {}, "other-client"],
    [CLIENT, { ip: CLIENT.ip }, "other-client"],
    [CLIENT, { userAgent: CLIENT.userAgent }, "other-client"],
    [{ userAgent: "" }, {}, "other-client"],
    [{ ip: "203.0.113.7", userAgent: "Mozilla" }, { ip: "203.0.113.7M", userAgent: "ozilla" }, "other-client"],
    [{ ip: CLIENT.userAgent }, { userAgent: CLIENT.userAgent }, "other-client"],
  ])("made for %j and shown by %j is %s", (made, shown, expected) => {
    const { challenges } = setUp();
    const { deviceChallenge } = challenges.issue(made);
    expect(challenges.check(deviceChallenge, shown)).toBe(expected);
    // The client that it was made for is remembered, and is no other one.
    expect(challenges.check(deviceChallenge, made)).toBe("ok");
    expect(challenges.check(deviceChallenge, shown)).toBe(expected);
  });

  it("that was valid is checked again with another secret, though it has the id of the first", () => {
    const { world, challenges } = setUp();
    const { deviceChallenge } = challenges.issue(CLIENT);
    expect(challenges.check(deviceChallenge, CLIENT)).toBe("ok");
    world.keys = [{ id: 7, secret: newSecret() }];
    expect(challenges.check(deviceChallenge, CLIENT)).toBe("forged");
  });

  it("is reported as expired even if it was made for another client", () => {
    const { world, challenges } = setUp();
    const { deviceChallenge, expiresAt } = challenges.issue(CLIENT);
    world.now = expiresAt;
    expect(challenges.check(deviceChallenge, {})).toBe("expired");
  });

  it("survives a rotation of the keys while its own one is kept", () => {
    const { world, challenges } = setUp();
    const { deviceChallenge, expiresAt } = challenges.issue(CLIENT);
    world.keys = [{ id: 8, secret: newSecret() }, ...world.keys];
    expect(challenges.check(deviceChallenge, CLIENT)).toBe("ok");
    expect(challenges.check(challenges.issue(CLIENT).deviceChallenge, CLIENT)).toBe("ok");
    world.keys = world.keys.slice(0, 1);
    expect(challenges.check(deviceChallenge, CLIENT)).toBe("forged");
    // A laptop that slept longer than the key's lifetime gets a new challenge instead of a refusal.
    world.now = expiresAt;
    expect(challenges.check(deviceChallenge, CLIENT)).toBe("expired");
  });

  it("is unguessable: another key under the same id did not make it", () => {
    const { world, challenges } = setUp();
    const { deviceChallenge } = challenges.issue(CLIENT);
    world.keys = [{ id: 7, secret: newSecret() }];
    expect(challenges.check(deviceChallenge, CLIENT)).toBe("forged");
  });

  it("is never repeated", () => {
    const { challenges } = setUp();
    const made = Array.from({ length: 10_000 }, () => challenges.issue(CLIENT).deviceChallenge);
    expect(new Set(made).size).toBe(made.length);
  });

  it("is forged as soon as any bit of it is changed", () => {
    const { challenges } = setUp();
    const bytes = Buffer.from(challenges.issue(CLIENT).deviceChallenge, "base64url");
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      // A changed expiry in the past is no exception: the key is known, so the MAC decides.
      expect(challenges.check(changed.toString("base64url"), CLIENT), `bit ${bit}`).toBe("forged");
    }
  });

  it("does not choke on hostile text", () => {
    const { challenges } = setUp();
    const good = challenges.issue(CLIENT).deviceChallenge;
    const hostile = [
      "",
      ".",
      good.slice(1),
      good.slice(0, -1),
      `${good}A`,
      `${good}=`,
      `${good.slice(0, -1)}=`,
      ` ${good.slice(1)}`,
      `${good.slice(0, -1)}\n`,
      `${good.slice(0, -1)}\0`,
      good.replace(/.$/, (last) => String.fromCharCode(last.charCodeAt(0) + 1)),
      "A".repeat(good.length),
      "_".repeat(good.length),
      "\u{1f511}".repeat(good.length / 2),
      "\ud800".repeat(good.length),
      "A".repeat(1_000_000),
    ];
    for (const text of hostile)
      expect(challenges.check(text, CLIENT), JSON.stringify(text.slice(0, 120))).toBe("forged");
  });

  it("says what is missing when there is no key", () => {
    const { world, challenges } = setUp();
    world.keys = [];
    expect(() => challenges.issue(CLIENT)).toThrow("There is no challenge key");
  });
});
