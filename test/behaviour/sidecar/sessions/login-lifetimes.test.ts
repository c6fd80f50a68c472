import { beforeAll, describe, expect, it, vi } from "vitest";
import { startTestReplicas, startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { auditRow } from "../audit-trail.ts";
import { invalid, logIn, refresh, validate } from "../login.ts";

const LIFE_SECS = 10_000;
const config = { defaults: { absolute_lifetime_secs: LIFE_SECS } };
let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar({ config });
});

async function lifetimeOf(of: TestSidecar, sessionId: string): Promise<number> {
  const { createdAt, expiresAt } = await of.run("FetchSessionById", { sessionId });
  return expiresAt - createdAt;
}

describe("a login that asks for a lifetime", () => {
  it("gets it where it is shorter than the policy's, through every rotation", async () => {
    const { token, sessionId } = await logIn(sidecar, { lifetimeSecs: 5000 });
    expect(await lifetimeOf(sidecar, sessionId)).toBe(5000);
    expect(await auditRow(sidecar, sessionId, "SessionCreated")).toMatchObject({ details: { lifetimeSecs: 5000 } });
    await sidecar.advance(3700);
    const { newSessionToken = "" } = await refresh(sidecar, token);
    await refresh(sidecar, newSessionToken);
    expect(await lifetimeOf(sidecar, sessionId)).toBe(5000);
    await sidecar.advance(1300);
    expect(await validate(sidecar, newSessionToken)).toEqual(invalid("Expired"));
  });

  it.each([LIFE_SECS + 1, Number.MAX_SAFE_INTEGER])(
    "gets the policy's where it asks for more: %i",
    async (lifetimeSecs) => {
      const { sessionId } = await logIn(sidecar, { lifetimeSecs });
      expect(await lifetimeOf(sidecar, sessionId)).toBe(LIFE_SECS);
    },
  );

  it.each([0, -1, 0.5, "3600"])("is refused for %j", async (lifetimeSecs) => {
    const answer = await sidecar.command("CreateSession", { userId: "ada", lifetimeSecs });
    expect(answer).toMatchObject({ status: 400, body: { type: "UnexpectedError" } });
  });

  it("is counted from the old login where it replaces another library's session", async () => {
    const { timestamp } = await sidecar.run("Ping", {});
    const legacy = { userId: "old", legacyId: "old-1", authenticatedAt: timestamp - 100, lifetimeSecs: 300 };
    const { expiresAt } = await sidecar.run("CreateSession", legacy);
    expect(expiresAt).toBe(timestamp + 200);
    const over = { ...legacy, legacyId: "old-2", lifetimeSecs: 50 };
    expect(await sidecar.command("CreateSession", over)).toMatchObject({ body: { type: "LegacySessionExpired" } });
  });
});

/** Logins, rotations and an edited policy, all at once and on two replicas. */
describe("a policy that is edited meanwhile", () => {
  it("shortens every session at once, and lengthens none", async () => {
    const [one, two] = await startTestReplicas(2, { config });
    if (!one || !two) throw new Error("expected two replicas");
    const before = await logIn(one, { lifetimeSecs: 8000 });
    await one.advance(3700);
    const pending = await refresh(one, before.token);
    const work = Array.from({ length: 40 }, async (_, index) => {
      const replica = index % 2 === 0 ? one : two;
      if (index % 4 < 2) return refresh(replica, pending.newSessionToken ?? "").then(() => undefined);
      return logIn(replica, { lifetimeSecs: 8000 });
    });
    const shorter = { defaults: { absolute_lifetime_secs: 6000 } };
    await Promise.all([one.writeConfig(shorter), two.writeConfig(shorter)]);
    const logins = (await Promise.all(work)).filter((login) => login !== undefined);
    for (const replica of [one, two]) {
      for (const { sessionId } of [before, ...logins]) {
        await vi.waitFor(async () => expect(await lifetimeOf(replica, sessionId)).toBe(6000), 5000);
      }
    }

    await Promise.all([one.writeConfig(config), two.writeConfig(config)]);
    for (const replica of [one, two]) {
      for (const { sessionId } of [before, ...logins]) {
        await vi.waitFor(async () => expect(await lifetimeOf(replica, sessionId)).toBeGreaterThan(6000), 5000);
        // What the login asked for, or what the policy allowed at that moment; never the policy's longer life.
        expect(await lifetimeOf(replica, sessionId)).toBeLessThanOrEqual(8000);
      }
    }
  });

  it("ends by the shorter time in every view: a validation, a list", async () => {
    const editing = await startTestSidecar({ config });
    const { token, sessionId, userId } = await logIn(editing, { lifetimeSecs: 5000 });
    await editing.writeConfig({ defaults: { absolute_lifetime_secs: 4000 } });
    await vi.waitFor(async () => expect(await lifetimeOf(editing, sessionId)).toBe(4000), 5000);
    await editing.advance(4001);
    expect(await editing.run("FetchAllSessionsForUser", { userId })).toEqual({ sessions: [] });
    expect(await validate(editing, token)).toEqual(invalid("Expired"));
  });
});
