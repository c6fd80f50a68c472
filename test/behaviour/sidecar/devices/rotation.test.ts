import { beforeAll, describe, expect, it } from "vitest";
import { createDevice } from "../../../../sidecar/test/devices/forge.ts";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { auditRow, auditRows } from "../audit-trail.ts";
import { type BoundSession, FAILED, freshProof, logInWithDevice, proved, REQUIRED, rowOf } from "../bound-session.ts";
import { invalid, validate } from "../login.ts";
import { CHROME_ON_MAC } from "../user-agents.ts";

const HOME = { ipAddress: "203.0.113.9", userAgent: CHROME_ON_MAC };
const THIEF = { ipAddress: "198.51.100.66", userAgent: CHROME_ON_MAC };
const INTERVAL_SECS = 3600;
const GRACE_SECS = 60;

let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar();
});

/** A refresh by the owner; returns the token to use from then on. */
async function ownerRefreshes(session: BoundSession, sessionToken: string): Promise<string> {
  const data = await proved(sidecar, session, { sessionToken });
  return (await sidecar.run("ValidateAndRefreshSession", data)).newSessionToken ?? sessionToken;
}

/** Rotates and confirms. */
async function nextGeneration(session: BoundSession, sessionToken: string): Promise<string> {
  await sidecar.advance(INTERVAL_SECS + GRACE_SECS + 1);
  const successor = await ownerRefreshes(session, sessionToken);
  expect(successor).not.toBe(sessionToken);
  return ownerRefreshes(session, successor);
}

describe("the successor", () => {
  it("is given to a holder of the key only, and confirmed by one only", async () => {
    const session = await logInWithDevice(sidecar, HOME);
    await sidecar.advance(INTERVAL_SECS + 1);
    const bare = { sessionToken: session.token, ...HOME };
    const thiefs = { ...bare, deviceVerification: await freshProof(sidecar, createDevice(), HOME) };
    const before = await rowOf(sidecar, session);
    expect(await sidecar.command("ValidateAndRefreshSession", bare)).toEqual(REQUIRED);
    expect(await sidecar.command("ValidateAndRefreshSession", thiefs)).toEqual(FAILED);
    expect(await rowOf(sidecar, session)).toEqual(before);

    const successor = await ownerRefreshes(session, session.token);
    const pending = await rowOf(sidecar, session);
    expect(await validate(sidecar, successor, HOME)).toEqual(REQUIRED);
    expect(await rowOf(sidecar, session)).toEqual(pending);
    expect(
      await sidecar.run("ValidateSession", await proved(sidecar, session, { sessionToken: successor })),
    ).toBeDefined();
    const [row] = await sidecar.sql("SELECT gen FROM byo.sessions WHERE id = $1", [session.sessionId]);
    expect(row).toEqual({ gen: 2 });
  });

  it("is given for the token before too, within the grace, from wherever the proof comes", async () => {
    const session = await logInWithDevice(sidecar, HOME);
    const current = await nextGeneration(session, session.token);
    const moved = await proved(sidecar, session, { ...THIEF });
    expect(await sidecar.run("ValidateAndRefreshSession", moved)).toMatchObject({ newSessionToken: current });
  });
});

describe("a browser that restored an old cookie", () => {
  it.each([1, 3])("%i generations late is healed by its proof, and the trail says so", async (generations) => {
    const session = await logInWithDevice(sidecar, HOME);
    let current = session.token;
    for (let made = 0; made < generations; made++) current = await nextGeneration(session, current);
    await sidecar.advance(GRACE_SECS + 1);
    const before = await rowOf(sidecar, session);
    const restored = await proved(sidecar, session);
    expect(await sidecar.run("ValidateAndRefreshSession", restored)).toMatchObject({ newSessionToken: current });
    expect(await rowOf(sidecar, session)).toEqual(before);
    expect(await auditRow(sidecar, session.sessionId, "CookieRestored")).toMatchObject({
      ip_address: HOME.ipAddress,
      user_agent: HOME.userAgent,
    });
    expect(
      await sidecar.command("ValidateSession", await proved(sidecar, { ...session, token: current })),
    ).toMatchObject({
      status: 200,
    });
  });

  it("passes ValidateSession with its proof, which the trail notes too", async () => {
    const session = await logInWithDevice(sidecar);
    await nextGeneration(session, session.token);
    await sidecar.advance(GRACE_SECS + 1);
    expect(await sidecar.command("ValidateSession", await proved(sidecar, session))).toMatchObject({ status: 200 });
    await auditRow(sidecar, session.sessionId, "CookieRestored");
  });

  it("gets the current token, not the one that is pending", async () => {
    const session = await logInWithDevice(sidecar);
    const current = await nextGeneration(session, session.token);
    await sidecar.advance(INTERVAL_SECS + 1);
    const pending = await ownerRefreshes(session, current);
    expect(pending).not.toBe(current);
    expect(await ownerRefreshes(session, session.token)).toBe(current);
  });
});

describe("a thief without the key", () => {
  const attempts = [
    {},
    { deviceVerification: { signedDeviceChallenge: "" } },
    { ignoreDeviceForVerification: true },
    { requiredTags: ["no:such"] },
    THIEF,
    { ipAddress: "nonsense" },
    { userAgent: "" },
  ];

  it("with a token of any age, no validation can use, rotate or end the session", async () => {
    const session = await logInWithDevice(sidecar, HOME);
    const previous = await nextGeneration(session, session.token);
    const current = await nextGeneration(session, previous);
    await sidecar.advance(INTERVAL_SECS + 1);
    const pending = await ownerRefreshes(session, current);
    const before = await rowOf(sidecar, session);
    const thiefsProof = await freshProof(sidecar, createDevice(), HOME);
    for (const sessionToken of [session.token, previous, current, pending]) {
      for (const attempt of [...attempts, { deviceVerification: thiefsProof }]) {
        for (const command of ["ValidateSession", "ValidateAndRefreshSession"]) {
          const { status, body } = await sidecar.command(command, { sessionToken, ...HOME, ...attempt });
          expect(body).not.toHaveProperty("newSessionToken");
          // Where the application itself asks to leave the check out, tokens in use pass; old ones do not.
          const mayPass = "ignoreDeviceForVerification" in attempt && [current, pending].includes(sessionToken);
          expect([status, body.type]).toEqual(mayPass ? [200, undefined] : [401, expect.stringMatching(/^Device/)]);
        }
      }
    }
    expect(await rowOf(sidecar, session)).toEqual(before);
    const events = (await auditRows(sidecar, session)).map(({ event }) => event);
    expect(events).not.toContain("SessionEnded");
    expect(await ownerRefreshes(session, pending)).toBe(pending);
  });

  it("may log out: any genuine token ends the session, and the trail says how", async () => {
    const session = await logInWithDevice(sidecar, HOME);
    const current = await nextGeneration(session, session.token);
    await sidecar.advance(GRACE_SECS + 1);
    await sidecar.run("InvalidateSessionByToken", { sessionToken: session.token });
    const answer = await sidecar.command("ValidateSession", await proved(sidecar, { ...session, token: current }));
    expect(answer).toEqual(invalid("LoggedOut"));
    const ended = await auditRow(sidecar, session.sessionId, "SessionEnded");
    expect(ended).toMatchObject({ reason: "LoggedOut", actor: "user" });
  });
});
