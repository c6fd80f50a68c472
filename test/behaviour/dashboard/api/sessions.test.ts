import { beforeAll, describe, expect, it } from "vitest";
import { sentenceOf } from "../../../../sidecar/src/dashboard/sentences/sentence.ts";
import type { SessionFilter } from "../../../../sidecar/src/dashboard/sessions/filter-input.ts";
import { type DashboardClient, endMatching, startDashboard, type TestDashboard } from "./dashboard-client.ts";

const CHROME =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36";
const SAFARI =
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15";
const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1";

let dashboard: TestDashboard;
let owner: DashboardClient;
const ids = new Map<string, string>();
let moved: { sessionToken: string };

beforeAll(async () => {
  dashboard = await startDashboard();
  owner = dashboard.owner;
  const { sidecar } = dashboard;
  const login = async (name: string, data: object) => {
    const made = await sidecar.run("CreateSession", { userId: name, ...data });
    ids.set(name, made.sessionId);
    return made;
  };
  await login("ada", {
    ipAddress: "203.0.113.7",
    userAgent: CHROME,
    tags: ["org:acme", "type:admin"],
    metadata: { plan: "x" },
  });
  await login("bea", { ipAddress: "203.0.113.99", userAgent: SAFARI, tags: ["org:acme"] });
  moved = await login("cid", { ipAddress: "198.51.100.1", userAgent: IPHONE });
  await login("dan", { ipAddress: "2001:db8::7" });
  await login("eve", { ipAddress: "192.0.2.1", userAgent: CHROME });
  await sidecar.run("ValidateSession", {
    sessionToken: moved.sessionToken,
    ipAddress: "192.0.2.200",
    userAgent: IPHONE,
  });
  await sidecar.run("InvalidateSessionById", { sessionId: ids.get("eve") ?? "" });
});

async function found(filter: SessionFilter): Promise<string[]> {
  const { items } = await owner.get("sessions/list", filter);
  const { count } = await owner.get("sessions/count", filter);
  expect(count).toBe(items.length);
  return items.map(({ userId }) => userId).sort();
}

describe("the list of sessions", () => {
  it.each<[SessionFilter, string[]]>([
    [{}, ["ada", "bea", "cid", "dan", "eve"]],
    [{ state: "active" }, ["ada", "bea", "cid", "dan"]],
    [{ state: "ended" }, ["eve"]],
    [{ userId: "ada" }, ["ada"]],
    [{ userId: "' OR 1=1 --" }, []],
    [{ ip: "203.0.113.7" }, ["ada"]],
    [{ ip: "::ffff:203.0.113.7" }, ["ada"]],
    [{ ip: "203.0.113.0/24" }, ["ada", "bea"]],
    [{ ip: "203.0.113.77/24" }, ["ada", "bea"]],
    [{ ip: "2001:db8::/32" }, ["dan"]],
    [{ tag: ["org:acme"] }, ["ada", "bea"]],
    [{ tag: ["org:acme", "type:admin"] }, ["ada"]],
    [{ browser: "Chrome" }, ["ada", "eve"]],
    [{ os: "iOS", deviceType: "Mobile" }, ["cid"]],
    [{ deviceType: "Unknown" }, ["dan"]],
    [{ endReason: "Revoked" }, ["eve"]],
    [{ endReason: "Expired" }, []],
    [{ endReason: "Revoked", state: "all" }, ["eve"]],
    [{ endReason: "Revoked", state: "active" }, []],
    [{ bound: true }, []],
    [{ browser: "Chrome", ip: "203.0.113.0/24", tag: ["org:acme"], state: "active" }, ["ada"]],
    [{ createdFrom: 1, createdTo: 2 }, []],
    [{ createdFrom: 1, createdTo: 9_999_999_999 }, ["ada", "bea", "cid", "dan", "eve"]],
  ])("finds by %j", async (filter, expected) => {
    expect(await found(filter)).toEqual(expected);
  });

  it("finds a session by the address of its last use too", async () => {
    // Uses that follow each other closely are written together.
    await dashboard.sidecar.advance(61);
    const use = { sessionToken: moved.sessionToken, ipAddress: "192.0.2.200", userAgent: IPHONE };
    await dashboard.sidecar.run("ValidateSession", use);
    await expect.poll(() => found({ ip: "192.0.2.192/26" })).toEqual(["cid"]);
  });

  it("finds those that lived at a time, and those that something happened to", async () => {
    const { items } = await owner.get("sessions/list", { userId: "eve" });
    const endedAt = items[0]?.endedAt ?? 0;
    expect(await found({ activeAt: endedAt + 60 })).not.toContain("eve");
    expect(await found({ activeAt: (items[0]?.createdAt ?? 0) + 1, userId: "ada" })).toEqual(["ada"]);
    expect(await found({ event: "refused", eventFrom: endedAt - 60, eventTo: endedAt + 600 })).toEqual([]);
    const refusal = "INSERT INTO byo.audit_events (time, event, session_id) VALUES ($1, 'SessionRefused', $2)";
    await dashboard.sidecar.sql(refusal, [new Date(endedAt * 1000), ids.get("ada")]);
    await dashboard.sidecar.sql(refusal, [new Date((endedAt - 3 * 86_400) * 1000), ids.get("bea")]);
    expect(await found({ event: "refused" })).toEqual(["ada"]);
    expect(await found({ event: "refused", eventFrom: endedAt - 4 * 86_400 })).toEqual(["ada", "bea"]);
    expect(await found({ event: "refused", eventTo: endedAt - 86_400 })).toEqual([]);
    expect(await found({ event: "refused", eventTo: endedAt - 3 * 86_400 + 1 })).toEqual(["bea"]);
  });

  it.each<[object, string]>([
    [{ ip: "not an address" }, "ip"],
    [{ ip: "010.0.0.1" }, "ip"],
    [{ ip: "fe80::1%eth0" }, "ip"],
    [{ cursor: "nonsense" }, "cursor"],
    [{ limit: "101" }, "limit"],
    [{ createdFrom: "yesterday" }, "createdFrom"],
    [{ unknown: "field" }, ""],
    [{ userId: "a\u0000b" }, "userId"],
    [{ eventFrom: 1 }, "event"],
    [{ event: "refused", eventFrom: 1, eventTo: 9_999_999 }, "eventTo"],
  ])("says which field is wrong: %j", async (filter, field) => {
    const answer = await owner.call("sessions/list", filter);
    expect(answer).toMatchObject({ status: 400, body: { type: "InvalidInput", problems: [{ field }] } });
  });

  it("pages by a cursor, without a gap or a repetition while sessions come and go", async () => {
    const { sidecar } = dashboard;
    await sidecar.sql(`INSERT INTO byo.sessions (id, user_id, tags, created_at, expires_at, last_activity_at, salt, gen, cur_hash, since)
      SELECT gen_random_uuid(), 'page', '{}', date_trunc('second', now()), now() + interval '1 day', now(), 'x', 1, 'x', now()
      FROM generate_series(1, 25)`);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await owner.get("sessions/list", {
        userId: "page",
        limit: 10,
        ...(cursor !== undefined && { cursor }),
      });
      seen.push(...page.items.map(({ sessionId }) => sessionId));
      cursor = page.next ?? undefined;
      await sidecar.run("CreateSession", { userId: "newcomer" });
    } while (cursor !== undefined);
    expect([seen.length, new Set(seen).size]).toEqual([25, 25]);
  });
});

describe("one session", () => {
  it("says everything, with the source of each setting", async () => {
    const detail = await owner.get("sessions/detail", { sessionId: ids.get("ada") ?? "" });
    expect(detail).toMatchObject({
      userId: "ada",
      tags: ["org:acme", "type:admin"],
      metadata: { plan: "x" },
      userAgent: CHROME,
      device: { displayName: "Chrome 130 on Windows" },
      ipAddresses: [{ ipAddress: "203.0.113.7" }],
      rotations: 0,
    });
    expect(detail.policy).toContainEqual({
      setting: "absolute_lifetime_secs",
      value: 1_209_600,
      source: "default",
      origin: "built-in",
    });
    expect(JSON.stringify(detail)).not.toMatch(/salt|hash/i);
  });

  it("tells in its timeline why it ended, in a sentence", async () => {
    const { sidecar } = dashboard;
    const { sessionId, sessionToken } = await sidecar.run("CreateSession", {
      userId: "tia",
      ipAddress: "192.0.2.9",
      userAgent: SAFARI,
    });
    await sidecar.command("ValidateSession", { sessionToken, ipAddress: "192.0.2.10", userAgent: CHROME });
    const { items } = await owner.get("sessions/timeline", { sessionId });
    expect(items.map(sentenceOf)).toEqual([
      "Ended: UserAgentChanged. A request came from Chrome 130 on Windows at 192.0.2.10, but the login was from Safari 17 on macOS.",
      "Logged in from Safari 17 on macOS at 192.0.2.9.",
    ]);
    const ofUser = await owner.get("sessions/timeline", { userId: "tia" });
    // There each event says which session it belongs to.
    expect(ofUser.items).toMatchObject(items);
  });
});

describe("ending sessions", () => {
  it("one, with who did it in its timeline", async () => {
    const { sidecar } = dashboard;
    const { sessionId, sessionToken } = await sidecar.run("CreateSession", { userId: "one" });
    const editor = await dashboard.person("Editor");
    await editor.get("sessions/end-one", { sessionId });
    const answer = await sidecar.command("ValidateSession", { sessionToken });
    expect(answer.body).toMatchObject({ type: "InvalidSessionToken", details: "Revoked" });
    expect((await editor.call("sessions/end-one", { sessionId })).status).toBe(404);
    const { items } = await owner.get("sessions/timeline", { sessionId });
    expect(items.map(sentenceOf)).toContain(`Ended: Revoked. Ended by ${editor.username}.`);
  });

  it("all of a user or a tag, after the number was read", async () => {
    const { sidecar } = dashboard;
    for (const userId of ["many", "many", "other"]) await sidecar.run("CreateSession", { userId, tags: ["org:bulk"] });
    const target = { filter: { userId: "many" } };
    expect(await owner.get("sessions/end-count", { target })).toEqual({ count: 2, isCapped: false });
    expect(await owner.call("sessions/end-many", { target, confirmed: { count: 1, isCapped: false } })).toMatchObject({
      status: 200,
      body: { target: "user many", ended: 2, expected: { count: 2, isCapped: false }, startedBy: "owner" },
    });
    expect(await endMatching(owner, { tag: ["org:bulk"] })).toMatchObject({ target: "tag org:bulk", ended: 1 });
    expect((await owner.call("sessions/end-many", { confirmed: { count: 1, isCapped: false } })).status).toBe(400);
    const { items } = await owner.get("log/list", {});
    expect(items.slice(0, 2).map(sentenceOf)).toEqual([
      "1 session of tag org:bulk was ended by owner.",
      "2 sessions of user many were ended by owner.",
    ]);
    expect(items.filter(({ event }) => event === "SessionEnded" || event === "SessionsEnded")[1]?.event).toBe(
      "SessionsEnded",
    );
  });
});

describe("exports", () => {
  it("are what is filtered, as CSV that is no formula and as JSON", async () => {
    const { sidecar } = dashboard;
    const userId = '=HYPERLINK("http://evil.test")';
    await sidecar.run("CreateSession", { userId, tags: ["org:export"], userAgent: "+cmd|' /C calc'!A0" });
    await sidecar.run("CreateSession", { userId: "\r\n@SUM(1)", tags: ["org:export"] });
    const csv = await owner.call("sessions/export", { format: "csv", tag: ["org:export"] });
    expect(csv.headers).toMatchObject({
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": 'attachment; filename="sessions.csv"',
      "cache-control": "no-store",
    });
    const lines = csv.text.trimEnd().split("\n");
    expect(lines).toHaveLength(3);
    expect(csv.text).toContain(`"'=HYPERLINK(""http://evil.test"")"`);
    expect(csv.text).toContain(`,"'@SUM(1)",`);
    const json = await owner.call("sessions/export", { format: "json", tag: ["org:export"] });
    const items: { userId: string }[] = JSON.parse(json.text);
    expect(items.map((item) => item.userId).sort()).toEqual(["\r\n@SUM(1)", userId].sort());
    const { items: log } = await owner.get("log/list", { event: "SessionsExported" });
    expect(log[0]).toMatchObject({ details: { format: "json", target: { tag: ["org:export"] } } });
  });

  it("has no formula in it for a reader who parts cells at semicolons", async () => {
    const users = ["x;=1+1;y", 'x; "=HYPERLINK(1)";', "a;\t\n;+1", "b,c;-1", "d;'@SUM(1)", "e;＝1+1", "f;;;=2"];
    for (const userId of users) await dashboard.sidecar.run("CreateSession", { userId, tags: ["org:semicolons"] });
    const { text } = await owner.call("sessions/export", { format: "csv", tag: ["org:semicolons"] });
    const lines = text.trimEnd().split("\n");
    expect(lines).toHaveLength(users.length + 1);
    for (const line of lines) {
      expect(line).toMatch(/^"(?:[^"]|"")*"(?:,"(?:[^"]|"")*")*$/);
      // Such a reader need not see the quotes and blanks around a cell.
      const cells = line.split(";").map((cell) => cell.replace(/^[\s"]+/, ""));
      expect(cells.filter((cell) => /^[=+\-@＝＋－＠]/u.test(cell))).toEqual([]);
    }
  });
});
