import { beforeAll, describe, expect, it } from "vitest";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { invalid, logIn, refresh, rotatedOnce, validate } from "../login.ts";

const LIFE_SECS = 10_000;

let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar({
    config: { defaults: { absolute_lifetime_secs: LIFE_SECS } },
    env: { SESSION_CACHE: "on" },
  });
});

async function count(series: string): Promise<number> {
  return (await sidecar.metrics()).get(series) ?? 0;
}

const hits = () => count('byo_session_cache_total{answer="hit"}');
const reads = () => count('byo_batched_total{kind="session-read"}');

/** Validates until the sidecar answers from its cache. */
async function remember(token: string): Promise<void> {
  await expect
    .poll(async () => {
      const before = await hits();
      expect(await validate(sidecar, token)).toMatchObject({ status: 200 });
      return (await hits()) > before;
    })
    .toBe(true);
}

describe("a remembered session", () => {
  it("is answered without a read, and as one that is read", async () => {
    const { token } = await logIn(sidecar, { tags: ["type:web"], metadata: { plan: "team" }, userAgent: "agent/1" });
    const first = await validate(sidecar, token, { userAgent: "agent/1" });
    await expect
      .poll(async () => {
        const [readsBefore, hitsBefore] = [await reads(), await hits()];
        expect(await validate(sidecar, token, { userAgent: "agent/1" })).toEqual(first);
        return { reads: (await reads()) - readsBefore, hits: (await hits()) - hitsBefore };
      })
      .toEqual({ reads: 0, hits: 1 });
  });

  it("is refused at once when this replica ends it", async () => {
    for (const end of ["InvalidateSessionByToken", "InvalidateSessionById", "InvalidateAllSessionsForUser"] as const) {
      const { token, sessionId, userId } = await logIn(sidecar);
      await remember(token);
      const data = { sessionToken: token, sessionId, userId };
      expect(await sidecar.command(end, data)).toMatchObject({ status: 200 });
      expect(await validate(sidecar, token)).toMatchObject({ status: 401 });
    }
  });

  it("shows its changes at once when this replica makes them", async () => {
    const { token, sessionId } = await logIn(sidecar, { metadata: { plan: "free" } });
    await remember(token);
    await sidecar.run("UpdateSession", { sessionId, newMetadata: { plan: "team" }, tagsToAdd: ["org:acme"] });
    const { body } = await validate(sidecar, token);
    expect(body).toMatchObject({ metadata: { plan: "team" }, tags: ["org:acme"] });
    // Changed tags make a rotation due.
    expect(await refresh(sidecar, token)).toMatchObject({ newSessionToken: expect.any(String) });
  });

  it("answers no token but its current one", async () => {
    const { first, second, token } = await rotatedOnce(sidecar);
    await remember(second);
    const forged = `${second.slice(0, -4)}${second.endsWith("AAAA") ? "BBBA" : "AAAA"}`;
    expect(await validate(sidecar, forged)).toEqual(invalid("NotFound"));
    expect(await validate(sidecar, first)).toMatchObject({ status: 200 });
    await sidecar.advance(61);
    expect(await validate(sidecar, token)).toEqual(invalid("TokenReused"));
    expect(await validate(sidecar, second)).toEqual(invalid("TokenReused"));
  });

  it("rotates when it is due, and comes to its end in time", async () => {
    const { token } = await logIn(sidecar);
    await remember(token);
    await sidecar.advance(3601);
    await expect.poll(() => refresh(sidecar, token)).toMatchObject({ newSessionToken: expect.any(String) });
    await remember(token);
    await sidecar.advance(LIFE_SECS);
    await expect.poll(() => validate(sidecar, token)).toEqual(invalid("Expired"));
  });

  it("is checked by the current policy", async () => {
    const { token } = await logIn(sidecar, { ipAddress: "192.0.2.1" });
    const from = { ipAddress: "192.0.2.1" };
    expect(await validate(sidecar, token, from)).toMatchObject({ status: 200 });
    await sidecar.writeConfig({ defaults: { ip_blocklist: ["192.0.2.0/24"] } });
    await expect.poll(() => validate(sidecar, token, from)).toMatchObject({ status: 403 });
    await sidecar.writeConfig({ defaults: { absolute_lifetime_secs: LIFE_SECS } });
    await expect.poll(() => validate(sidecar, token, from)).toMatchObject({ status: 200 });
  });
});

describe("what is done beside the sidecar", () => {
  it("is heard: an end, a deletion, and the end of all by hand", async () => {
    for (const statement of [
      "UPDATE byo.sessions SET ended_at = byo.now(), end_reason = 'Revoked' WHERE id = $1",
      "DELETE FROM byo.sessions WHERE id = $1",
    ]) {
      const { token, sessionId } = await logIn(sidecar);
      await remember(token);
      await sidecar.sql(statement, [sessionId]);
      await expect.poll(() => validate(sidecar, token), { interval: 10, timeout: 5000 }).toMatchObject({ status: 401 });
    }
    const { token } = await logIn(sidecar);
    await remember(token);
    await sidecar.sql("TRUNCATE byo.sessions");
    await expect.poll(() => validate(sidecar, token), { interval: 10, timeout: 5000 }).toEqual(invalid("NotFound"));
  });

  it("is heard when a restore or a subscription makes it, in which ordinary triggers do not fire", async () => {
    for (const change of [
      "UPDATE byo.sessions SET ended_at = byo.now(), end_reason = 'Revoked'",
      "DELETE FROM byo.sessions",
      "TRUNCATE byo.sessions",
    ]) {
      const { token, sessionId } = await logIn(sidecar);
      await remember(token);
      const which = change.startsWith("TRUNCATE") ? "" : `WHERE id = '${sessionId}'`;
      await sidecar.sql(`DO $$ BEGIN SET LOCAL session_replication_role = replica; ${change} ${which}; END $$`);
      await expect.poll(() => validate(sidecar, token), { interval: 10, timeout: 5000 }).toMatchObject({ status: 401 });
    }
  });

  it.each([
    ["off", "DISABLE"],
    ["off for restores", "ENABLE"],
  ])("is heard again after somebody has switched the notifications %s", async (_, switched) => {
    await sidecar.sql(`ALTER TABLE byo.sessions ${switched} TRIGGER session_changed`);
    await expect
      .poll(() => sidecar.sql("SELECT tgenabled FROM pg_trigger WHERE tgname = 'session_changed'"))
      .toEqual([{ tgenabled: "A" }]);
    const { token, sessionId } = await logIn(sidecar);
    await remember(token);
    await sidecar.sql("UPDATE byo.sessions SET ended_at = byo.now(), end_reason = 'Revoked' WHERE id = $1", [
      sessionId,
    ]);
    await expect.poll(() => validate(sidecar, token)).toEqual(invalid("Revoked"));
  });
});
