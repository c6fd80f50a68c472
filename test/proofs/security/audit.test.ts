import { setTimeout as sleep } from "node:timers/promises";
import { COMMAND_NAMES } from "@byo-session/core/contract";
import { request } from "undici";
import { beforeAll, describe, expect, it } from "vitest";
import { startTestSidecar, type TestSidecar } from "../../harness/test-sidecar.ts";

const REFUSALS_ARE_WRITTEN_AFTER_MS = 1200;
const CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/149.0.0.0 Safari/537.36";
const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar({
    config: {
      defaults: { max_concurrent_sessions_per_user: 2 },
      tags: [
        { tag: "net:office", ip_allowlist: ["203.0.113.0/24"] },
        { tag: "max:one", on_session_limit_exceeded: "reject_new", max_concurrent_sessions_per_user: 1 },
      ],
    },
  });
});

/** The names of a user's events, in the order of the database, with the reason where there is one. */
async function eventsOf(userId: string): Promise<string[]> {
  await sleep(REFUSALS_ARE_WRITTEN_AFTER_MS);
  const rows = await sidecar.sql<{ name: string }>(
    "SELECT concat_ws(' ', event, reason, nullif(count, 1)) AS name FROM byo.audit_events WHERE user_id = $1 ORDER BY id",
    [userId],
  );
  return rows.map(({ name }) => name);
}

async function login(userId: string, more: object = {}) {
  return sidecar.run("CreateSession", { userId, ...more });
}

describe("audit", () => {
  it.each<[string, (userId: string) => Promise<unknown>, string[]]>([
    ["a login", (userId) => login(userId), ["SessionCreated"]],
    [
      "a logout, and another one",
      async (userId) => {
        const { sessionToken } = await login(userId);
        await sidecar.run("InvalidateSessionByToken", { sessionToken });
        await sidecar.run("InvalidateSessionByToken", { sessionToken });
      },
      ["SessionCreated", "SessionEnded LoggedOut"],
    ],
    [
      "a revocation by id",
      async (userId) => sidecar.run("InvalidateSessionById", { sessionId: (await login(userId)).sessionId }),
      ["SessionCreated", "SessionEnded Revoked"],
    ],
    [
      "a revocation of all",
      async (userId) => {
        await Promise.all([login(userId), login(userId)]);
        await sidecar.run("InvalidateAllSessionsForUser", { userId });
      },
      ["SessionCreated", "SessionCreated", "SessionEnded Revoked", "SessionEnded Revoked"],
    ],
    [
      "a login over the limit",
      async (userId) => {
        for (let i = 0; i < 3; i++) await login(userId);
      },
      ["SessionCreated", "SessionCreated", "SessionEnded SessionLimit", "SessionCreated"],
    ],
    [
      "refused logins",
      async (userId) => {
        await login(userId, { tags: ["max:one"] });
        for (let i = 0; i < 5; i++) await sidecar.command("CreateSession", { userId, tags: ["max:one"] });
      },
      ["SessionCreated", "SessionCreateRefused SessionLimitExceeded 5"],
    ],
    [
      "a change of tags",
      async (userId) =>
        sidecar.run("UpdateSession", { sessionId: (await login(userId)).sessionId, tagsToAdd: ["role:admin"] }),
      ["SessionCreated", "SessionUpdated"],
    ],
    [
      "refusals of one session, each as often as it came",
      async (userId) => {
        const { sessionToken } = await login(userId, { tags: ["net:office"], ipAddress: "203.0.113.9" });
        for (let i = 0; i < 3; i++)
          await sidecar.command("ValidateSession", { sessionToken, ipAddress: "198.51.100.1" });
        await sidecar.command("ValidateSession", { sessionToken });
      },
      ["SessionCreated", "SessionRefused IpAddressNotAllowed 3", "SessionRefused IpAddressMissing"],
    ],
    [
      "another browser with the cookie",
      async (userId) => {
        const { sessionToken } = await login(userId, { userAgent: CHROME });
        await sidecar.command("ValidateSession", { sessionToken, userAgent: FIREFOX });
      },
      ["SessionCreated", "SessionEnded UserAgentChanged"],
    ],
    [
      "a rotation",
      async (userId) => {
        const { sessionToken } = await login(userId);
        await sidecar.advance(3601);
        const { newSessionToken } = await sidecar.run("ValidateAndRefreshSession", { sessionToken });
        await sidecar.run("ValidateAndRefreshSession", { sessionToken });
        await sidecar.run("ValidateSession", { sessionToken: newSessionToken });
      },
      ["SessionCreated", "RotationStarted", "RotationConfirmed"],
    ],
    [
      "a failed registration of a device",
      async (userId) => {
        const { sessionToken } = await login(userId);
        await sidecar.command("RegisterDevice", { sessionToken, signedDeviceChallenge: "no.proof.atall" });
      },
      ["SessionCreated", "DeviceRegistrationRefused InvalidDeviceRegistration"],
    ],
  ])("58 %s: one event per action", async (name, act, events) => {
    const userId = `audited: ${name}`;
    await act(userId);
    expect(await eventsOf(userId)).toEqual(events);
    const lines = sidecar.logs().filter((line) => line.userId === userId);
    expect(lines.map(({ event }) => event)).toEqual(events.map((event) => event.split(" ")[0]));
    for (const line of lines) expect(line.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it("58 validations that succeed and tokens that were never issued are counted, not written", async () => {
    const { sessionToken } = await login("quiet");
    const before = (await sidecar.metrics()).get('byo_refusals_total{reason="NotFound"}') ?? 0;
    for (let i = 0; i < 20; i++) {
      await sidecar.run("ValidateSession", { sessionToken });
      await sidecar.command("ValidateSession", { sessionToken: `${sessionToken.slice(0, -2)}AA` });
    }
    expect(await eventsOf("quiet")).toEqual(["SessionCreated"]);
    expect((await sidecar.metrics()).get('byo_refusals_total{reason="NotFound"}')).toBe(before + 20);
  });

  it("58 an event that cannot be written takes its change back with it", async () => {
    const { sessionId } = await login("atomic");
    await sidecar.sql("ALTER TABLE byo.audit_events ADD CONSTRAINT refuse CHECK (user_id <> 'atomic') NOT VALID");
    expect((await sidecar.command("InvalidateSessionById", { sessionId })).status).toBe(500);
    await sidecar.sql("ALTER TABLE byo.audit_events DROP CONSTRAINT refuse");
    expect((await sidecar.command("FetchSessionById", { sessionId })).status).toBe(200);
  });

  it("61 no command and no route changes or deletes an event", async () => {
    const { sessionId, sessionToken } = await login("written");
    await sidecar.command("ValidateSession", { sessionToken, requiredTags: ["a:b"] });
    await sleep(REFUSALS_ARE_WRITTEN_AFTER_MS);
    const read = () =>
      sidecar.sql("SELECT to_jsonb(a)::text AS row FROM byo.audit_events a WHERE user_id = 'written' ORDER BY id");
    const before = await read();
    expect(before).toHaveLength(2);
    const [event] = await sidecar.sql<{ id: string }>("SELECT max(id)::text AS id FROM byo.audit_events");
    const everything = {
      userId: "written",
      sessionId,
      sessionToken,
      id: event?.id,
      eventId: event?.id,
      filter: { userId: "written" },
      newMetadata: {},
      signedDeviceChallenge: "x",
      thumbprint: "x",
    };
    const invented = ["DeleteAuditEvents", "UpdateAuditEvent", "ClearAudit", "PurgeEvents", "FetchAuditEvents"];
    for (const name of [...COMMAND_NAMES, ...invented]) {
      // Logging in and refusing again add events; what stands there stays as it is.
      await sidecar.command(name, everything);
    }
    for (const method of ["DELETE", "PUT", "PATCH", "POST"]) {
      for (const path of ["/audit", "/audit-events", `/audit-events/${event?.id}`, "/events", "/dashboard-api/audit"]) {
        const answer = await request(`${sidecar.url}${path}`, {
          method,
          headers: { authorization: `Bearer ${sidecar.integrationKey}` },
        });
        expect(answer.statusCode).toBe(404);
        await answer.body.dump();
      }
    }
    await sleep(REFUSALS_ARE_WRITTEN_AFTER_MS);
    expect((await read()).slice(0, before.length)).toEqual(before);
  });
});
