import { beforeAll, describe, expect, it, vi } from "vitest";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { type AuditRow, auditRow, auditRows } from "../audit-trail.ts";
import { logIn, refresh, successorOf, validate } from "../login.ts";
import { CHROME_ON_MAC, FIREFOX_ON_MAC, NEWER_CHROME_ON_MAC } from "../user-agents.ts";

const CLIENT = { ipAddress: "203.0.113.9", userAgent: CHROME_ON_MAC };
const AWAY = { ipAddress: "198.51.100.7", userAgent: CHROME_ON_MAC };
let sidecar: TestSidecar;
let actor: string;

beforeAll(async () => {
  const tags = [
    { tag: "agent:flag", user_agent_check: "flag" },
    { tag: "life:idle", inactivity_timeout_secs: 600 },
    { tag: "ip:fixed", disallow_ip_address_changes: true },
    { tag: "ip:none", ip_allowlist: ["192.0.2.0/24"] },
    { tag: "one:only", max_concurrent_sessions_per_user_per_tag: 1 },
    { tag: "one:strict", max_concurrent_sessions_per_user_per_tag: 1, on_session_limit_exceeded: "reject_new" },
  ];
  sidecar = await startTestSidecar({ config: { tags } });
  const [key] = await sidecar.sql<{ id: string }>("SELECT id FROM byo.integration_keys");
  actor = `key:${key?.id}`;
});

/** The lines on stdout about one session or user. */
function linesOf({ sessionId, userId }: { sessionId?: string; userId?: string }) {
  return sidecar
    .logs()
    .filter((line) => "event" in line && (sessionId ? line.sessionId === sessionId : line.userId === userId));
}

/** What a line says, from a row. */
function lineOf(row: AuditRow): Record<string, unknown> {
  const { time, event, session_id, user_id, tags, ip_address, user_agent, actor, reason, details } = row;
  const line = {
    time,
    event,
    sessionId: session_id,
    userId: user_id,
    tags,
    ipAddress: ip_address,
    userAgent: user_agent,
    actor,
    reason,
    details,
  };
  const said = Object.fromEntries(Object.entries(line).filter(([, value]) => value !== null));
  return { level: 30, msg: event, requestId: expect.stringMatching(/^[\da-f-]{36}$/), ...said };
}

/** Each row has its line, with the same words and the same time. */
async function expectLines(of: { sessionId: string } | { userId: string }, events: string[]): Promise<AuditRow[]> {
  const rows = await vi.waitFor(async () => {
    const found = await auditRows(sidecar, of);
    expect(found.map(({ event }) => event).sort()).toEqual([...events].sort());
    return found;
  }, 5000);
  const byTime = (a: Record<string, unknown>, b: Record<string, unknown>) =>
    String(a.time).localeCompare(String(b.time));
  expect(rows.map(lineOf).sort(byTime)).toEqual(linesOf(of).sort(byTime));
  for (const { time } of rows) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  return rows;
}

describe("a row and a line on stdout, with one time, tell of", () => {
  it("a login", async () => {
    const { sessionId, userId } = await logIn(sidecar, { ...CLIENT, tags: ["a:b"], metadata: { secret: 1 } });
    const [row] = await expectLines({ sessionId }, ["SessionCreated"]);
    expect(row).toMatchObject({ user_id: userId, tags: ["a:b"], ip_address: CLIENT.ipAddress, actor, details: null });
    expect(row?.user_agent).toBe(CHROME_ON_MAC);
  });

  it("a login that is refused", async () => {
    const cases: [userId: string, reason: string, data: object][] = [
      ["refused for an address", "IpAddressError", { ...CLIENT, tags: ["ip:none"] }],
      ["refused for what is no address", "IpAddressError", { ipAddress: "nonsense" }],
      ["refused for a limit", "SessionLimitExceeded", { tags: ["one:strict"] }],
      ["refused for a session that was used", "LegacySessionUsed", { legacyId: "used" }],
    ];
    for (const [userId, reason, data] of cases) {
      if (reason !== "IpAddressError") await logIn(sidecar, { userId, ...data });
      const { status } = await sidecar.command("CreateSession", { userId, ...data });
      expect(status, userId).toBeOneOf([403, 409]);
    }
    for (const [userId, reason] of cases) {
      const created = reason === "IpAddressError" ? [] : ["SessionCreated"];
      const rows = await expectLines({ userId }, [...created, "SessionCreateRefused"]);
      expect(rows.at(-1)).toMatchObject({ reason, actor, session_id: null, count: 1 });
    }
  });

  it("both steps of a rotation, with no token", async () => {
    const { token, sessionId } = await logIn(sidecar, CLIENT);
    await sidecar.advance(3601);
    const successor = await successorOf(sidecar, token, CLIENT);
    await refresh(sidecar, successor, AWAY);
    const rows = await expectLines({ sessionId }, ["SessionCreated", "RotationStarted", "RotationConfirmed"]);
    expect(rows.map(({ ip_address }) => ip_address)).toEqual([CLIENT.ipAddress, CLIENT.ipAddress, AWAY.ipAddress]);
  });

  it("a validation that is refused", async () => {
    const cases = [
      ["UserAgentMissing", { ipAddress: CLIENT.ipAddress }],
      ["MissingRequiredTag", { ...CLIENT, requiredTags: ["no:such"] }],
      ["IpAddressMissing", {}],
      ["IpAddressMalformed", { ...CLIENT, ipAddress: "nonsense" }],
    ] as const;
    const logins = await Promise.all(cases.map(() => logIn(sidecar, CLIENT)));
    for (const [index, [, data]] of cases.entries())
      await sidecar.command("ValidateSession", { sessionToken: logins[index]?.token, ...data });
    for (const [index, [reason]] of cases.entries()) {
      const rows = await expectLines({ sessionId: logins[index]?.sessionId ?? "" }, [
        "SessionCreated",
        "SessionRefused",
      ]);
      expect(rows[1]).toMatchObject({ reason, count: 1, actor: null });
    }
  });

  it("a token of a session that is over", async () => {
    const { token, sessionId } = await logIn(sidecar);
    await sidecar.run("InvalidateSessionByToken", { sessionToken: token });
    await validate(sidecar, token);
    const rows = await expectLines({ sessionId }, ["SessionCreated", "SessionEnded", "SessionRefused"]);
    expect(rows.slice(1)).toMatchObject([
      { reason: "LoggedOut", actor: "user" },
      { reason: "LoggedOut", actor: null },
    ]);
  });

  it.each([
    ["Revoked", {}, ({ sessionId }: { sessionId: string }) => sidecar.run("InvalidateSessionById", { sessionId })],
    ["Revoked", {}, ({ userId }: { userId: string }) => sidecar.run("InvalidateAllSessionsForUser", { userId })],
    [
      "SessionLimit",
      { tags: ["one:only"] },
      ({ userId }: { userId: string }) => logIn(sidecar, { userId, tags: ["one:only"] }),
    ],
    [
      "UserAgentChanged",
      CLIENT,
      ({ token }: { token: string }) => validate(sidecar, token, { ...CLIENT, userAgent: FIREFOX_ON_MAC }),
    ],
    [
      "IpAddressChanged",
      { ...CLIENT, tags: ["ip:fixed"] },
      ({ token }: { token: string }) => validate(sidecar, token, AWAY),
    ],
    [
      "Inactive",
      { tags: ["life:idle"] },
      async ({ token }: { token: string }) => {
        await sidecar.advance(601);
        await validate(sidecar, token);
      },
    ],
  ] as const)("an end: %s", async (reason, data, end) => {
    const login = await logIn(sidecar, { ...data, tags: "tags" in data ? [...data.tags] : [] });
    await end(login);
    const rows = await expectLines({ sessionId: login.sessionId }, ["SessionCreated", "SessionEnded"]);
    expect(rows[1]).toMatchObject({ reason, user_id: login.userId, actor: reason === "Revoked" ? actor : "system" });
    const [row] = await sidecar.sql(
      "SELECT end_reason, ended_at IS NOT NULL AS ended FROM byo.sessions WHERE id = $1",
      [login.sessionId],
    );
    expect(row).toEqual({ end_reason: reason, ended: true });
  });

  it("what is remarkable about a client", async () => {
    const { token, sessionId } = await logIn(sidecar, { ...CLIENT, tags: ["agent:flag"] });
    await validate(sidecar, token, { ...CLIENT, userAgent: FIREFOX_ON_MAC });
    await validate(sidecar, token, { ...CLIENT, userAgent: NEWER_CHROME_ON_MAC });
    await validate(sidecar, token, { ...CLIENT, userAgent: FIREFOX_ON_MAC });
    await expectLines({ sessionId }, ["SessionCreated", "UserAgentFlagged", "UserAgentUpgraded", "SessionShared"]);
  });

  it("a change of tags, with those from before", async () => {
    const { sessionId, userId } = await logIn(sidecar, { tags: ["a:b"] });
    await sidecar.run("UpdateSession", { sessionId, tagsToAdd: ["c:d"] });
    await sidecar.run("UpdateSessions", { filter: { userId }, newMetadata: { private: "x" } });
    const rows = await expectLines({ sessionId }, ["SessionCreated", "SessionUpdated", "SessionUpdated"]);
    expect(rows.slice(1)).toMatchObject([
      { tags: ["a:b", "c:d"], actor, details: { tagsBefore: ["a:b"] } },
      { tags: ["a:b", "c:d"], actor, details: null },
    ]);
    expect(JSON.stringify(rows)).not.toContain("private");
  });
});

describe("refusals", () => {
  it("of one session are one row a minute for each reason and address, with a count", async () => {
    const { token, sessionId } = await logIn(sidecar, CLIENT);
    const refuse = (times: number, data: object) =>
      Promise.all(Array.from({ length: times }, () => validate(sidecar, token, data)));
    // All within one minute of the database's clock, however long this takes.
    const [row] = await sidecar.sql<{ secs: number }>("SELECT extract(second FROM byo.now())::float8 AS secs");
    await sidecar.advance(60 - (row?.secs ?? 0) + 1);
    await refuse(30, { ...CLIENT, requiredTags: ["no:such"] });
    await refuse(20, { ...CLIENT, requiredTags: ["none:either"] });
    await refuse(10, { ...AWAY, requiredTags: ["no:such"] });
    await refuse(5, { ipAddress: CLIENT.ipAddress });
    const counts = async () =>
      (await auditRows(sidecar, { sessionId }))
        .filter(({ event }) => event === "SessionRefused")
        .map(({ reason, ip_address, count }) => `${reason} from ${ip_address}: ${count}`)
        .sort();
    await vi.waitFor(
      async () =>
        expect(await counts()).toEqual([
          `MissingRequiredTag from ${AWAY.ipAddress}: 10`,
          `MissingRequiredTag from ${CLIENT.ipAddress}: 50`,
          `UserAgentMissing from ${CLIENT.ipAddress}: 5`,
        ]),
      5000,
    );
    expect(linesOf({ sessionId }).filter(({ event }) => event === "SessionRefused")).toHaveLength(3);

    await refuse(2, { ipAddress: CLIENT.ipAddress });
    await vi.waitFor(
      async () => expect(await counts()).toContain(`UserAgentMissing from ${CLIENT.ipAddress}: 7`),
      5000,
    );
    await sidecar.advance(60);
    await refuse(1, { ipAddress: CLIENT.ipAddress });
    await vi.waitFor(
      async () => expect(await counts()).toContain(`UserAgentMissing from ${CLIENT.ipAddress}: 1`),
      5000,
    );
  });

  it("from addresses without number are few rows", async () => {
    const { token, sessionId } = await logIn(sidecar);
    for (let index = 0; index < 100; index++) {
      await validate(sidecar, token, { ipAddress: `203.0.113.${index}`, requiredTags: ["no:such"] });
    }
    await vi.waitFor(async () => {
      const rows = (await auditRows(sidecar, { sessionId })).filter(({ event }) => event === "SessionRefused");
      expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(100);
      // Twenty addresses and the rest, in the minute or the two that this took.
      expect(rows.length).toBeLessThanOrEqual(42);
      expect(rows.some(({ ip_address }) => ip_address === null)).toBe(true);
    }, 5000);
  });
});

describe("a line on stdout", () => {
  it("is one line, whatever the values hold", async () => {
    const userAgent = 'evil\r\n{"event":"SessionEnded"}\u0085\u2028\u2029\u001b[31m\u009b';
    const { sessionId } = await logIn(sidecar, { userId: "line\nbreak\u2028", userAgent });
    const text = sidecar
      .logText()
      .split("\n")
      .filter((line) => line.includes(sessionId));
    expect(text).toHaveLength(1);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(text[0]).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
    expect(JSON.parse(text[0] ?? "")).toMatchObject({ userAgent, userId: "line\nbreak\u2028" });
  });

  it("never has a token in it, and nor has a row", async () => {
    const { token, sessionId } = await logIn(sidecar, CLIENT);
    await sidecar.advance(3601);
    const successor = await successorOf(sidecar, token, CLIENT);
    await refresh(sidecar, successor, CLIENT);
    await sidecar.advance(61);
    await validate(sidecar, token, CLIENT);
    await auditRow(sidecar, sessionId, "SessionEnded");
    const dump = JSON.stringify(await sidecar.sql("SELECT * FROM byo.audit_events"));
    for (const secret of [token, successor].map((text) => text.slice(-43))) {
      expect(dump).not.toContain(secret);
      expect(sidecar.logText()).not.toContain(secret);
    }
    expect(sidecar.logText()).not.toContain("byo_sess_");
  });
});
