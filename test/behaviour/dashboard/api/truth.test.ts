import { beforeAll, describe, expect, it } from "vitest";
import { logSentence } from "../../../../sidecar/src/dashboard/sentences/log-sentence.ts";
import type { SessionFilter } from "../../../../sidecar/src/dashboard/sessions/filter-input.ts";
import { type Login, logIn, refresh, successorOf, validate } from "../../sidecar/login.ts";
import { CHROME_ON_MAC, FIREFOX_ON_MAC } from "../../sidecar/user-agents.ts";
import { type DashboardClient, endMatching, startDashboard, type TestDashboard } from "./dashboard-client.ts";

const HOME = { ipAddress: "203.0.113.7", userAgent: CHROME_ON_MAC };
const THIEF = { ipAddress: "198.51.100.66", userAgent: FIREFOX_ON_MAC };
const config = {
  tags: [
    { tag: "browser:any", user_agent_check: "flag" },
    { tag: "life:day", absolute_lifetime_secs: 86_400 },
  ],
};

let dashboard: TestDashboard;
let owner: DashboardClient;
beforeAll(async () => {
  dashboard = await startDashboard({ config });
  owner = dashboard.owner;
});

/** Moves the clock, after which the owner logs in again. */
async function later(secs: number): Promise<void> {
  await dashboard.sidecar.advance(secs);
  await owner.logIn(owner.username, owner.password);
}

/** The users of the sessions that a filter finds; the count and the pages say the same. */
async function found(filter: SessionFilter): Promise<string[]> {
  const { items, next } = await owner.get("sessions/list", filter);
  expect([next, (await owner.get("sessions/count", filter)).count]).toEqual([null, items.length]);
  return items.map(({ userId }) => userId).sort();
}

describe("filters over what happened", () => {
  let touched: Login;
  beforeAll(async () => {
    const { sidecar } = dashboard;
    // The thief was refused, so neither the login nor the last use has anything of the thief.
    touched = await logIn(sidecar, { userId: "touched", ...HOME });
    await validate(sidecar, touched.token, THIEF);
    await logIn(sidecar, { userId: "untouched", ...HOME });
  });

  it("find the sessions that an address or a browser touched", async () => {
    expect(await found({ ip: THIEF.ipAddress })).toEqual(["touched"]);
    expect(await found({ ip: "198.51.100.0/24", browser: "Firefox" })).toEqual(["touched"]);
    expect(await found({ browser: "Firefox", os: "macOS", deviceType: "Desktop" })).toEqual(["touched"]);
    expect(await found({ browser: "Firefox", os: "Windows" })).toEqual([]);
    expect(await found({ ip: HOME.ipAddress })).toEqual(["touched", "untouched"]);
    expect(await found({ ip: "198.51.100.67" })).toEqual([]);
  });

  it("find as well where thousands of sessions match", async () => {
    const { sidecar } = dashboard;
    await sidecar.sql(`INSERT INTO byo.sessions (id, user_id, tags, created_at, expires_at, last_activity_at, ip_address,
        salt, gen, cur_hash, since)
      SELECT md5('many' || i)::uuid, 'many', ARRAY['org:many'], now(), now() + interval '1 day', now(),
        CASE WHEN i <= 3000 THEN '10.1.' || i / 250 || '.' || i % 250 END, 'x', 1, 'x', now()
      FROM generate_series(1, 6100) AS i`);
    await sidecar.sql(`INSERT INTO byo.audit_events (event, session_id, ip_address, device_browser, device_os, device_type)
      SELECT 'SessionRefused', md5('many' || i)::uuid, '10.2.' || i / 250 || '.' || i % 250, 'Lynx', 'Linux', 'Desktop'
      FROM generate_series(3001, 6000) AS i`);
    await sidecar.sql(`INSERT INTO byo.audit_events (event, session_id, ip_address)
      SELECT 'SessionRefused', md5('many' || i)::uuid, '10.3.0.1'
      FROM generate_series(6001, 6010) AS i, generate_series(1, 50)`);
    const count = async (filter: SessionFilter) => {
      const { items } = await owner.get("sessions/list", filter);
      expect(items).toHaveLength(50);
      return (await owner.get("sessions/count", filter)).count;
    };
    // Logins alone, events alone, both.
    expect(await count({ ip: "10.1.0.0/16" })).toBe(3000);
    expect(await count({ ip: "10.2.0.0/16" })).toBe(3000);
    expect(await count({ ip: "10.0.0.0/8" })).toBe(6010);
    expect(await count({ browser: "Lynx" })).toBe(3000);
    expect(await count({ os: "Linux", tag: ["org:many"] })).toBe(3000);
    expect(await count({ event: "refused" })).toBe(3010);
    expect(await found({ ip: "10.3.0.1" })).toHaveLength(10);
    expect(await found({ event: "refused", ip: "10.3.0.0/24" })).toHaveLength(10);
    await sidecar.sql("DELETE FROM byo.audit_events WHERE ip_address LIKE '10.%'");
    await sidecar.sql("DELETE FROM byo.sessions WHERE user_id = 'many'");
  });

  it("are about one event, if they name one", async () => {
    const event = "INSERT INTO byo.audit_events (event, session_id, ip_address) VALUES ('SessionRefused', $1, $2)";
    await dashboard.sidecar.sql(event, [touched.sessionId, "198.51.100.99"]);
    expect(await found({ event: "refused", ip: "198.51.100.99" })).toEqual(["touched"]);
    expect(await found({ event: "refused", ip: HOME.ipAddress })).toEqual([]);
    expect(await found({ event: "refused", ip: "198.51.100.99", browser: "Firefox" })).toEqual([]);
  });
});

describe("a session that a shorter lifetime has overtaken", () => {
  it("ended when the policy changed, not before its last use, and shows the policy of its end", async () => {
    const { sidecar } = dashboard;
    const { token, sessionId } = await logIn(sidecar, { userId: "overtaken", tags: ["life:day"], ...HOME });
    await later(20 * 3600);
    await validate(sidecar, token, HOME);
    await later(60);
    const { text, revision } = await owner.get("policies/current", {});
    const shorter = text.replace('"absolute_lifetime_secs": 86400', '"absolute_lifetime_secs": 3600');
    const edit = { text: shorter, expectedRevision: revision };
    expect(await owner.call("policies/save", edit)).toMatchObject({
      status: 409,
      body: { type: "ConfirmationNeeded", count: 1 },
    });
    const saved = await owner.get("policies/save", { ...edit, confirmed: { count: 1, isCapped: false } });

    const shown = await owner.get("sessions/detail", { sessionId });
    expect(shown.endReason).toBe("Expired");
    expect(shown.endedAt).toBeGreaterThanOrEqual(saved.editedAt ?? Number.POSITIVE_INFINITY);
    expect(shown.endedAt).toBeGreaterThanOrEqual(shown.lastActivityAt);
    // Nothing has marked it yet, and every list agrees.
    expect(await found({ userId: "overtaken", state: "active" })).toEqual([]);
    expect(await found({ userId: "overtaken", state: "ended" })).toEqual(["overtaken"]);
    expect(await found({ userId: "overtaken", endReason: "Expired" })).toEqual(["overtaken"]);
    expect(await found({ userId: "overtaken", endReason: "Inactive" })).toEqual([]);

    await validate(sidecar, token, HOME);
    const lifetimeOf = async () => {
      const { policy, policyOf } = await owner.get("sessions/detail", { sessionId });
      return [policyOf, policy.find(({ setting }) => setting === "absolute_lifetime_secs")?.value];
    };
    expect(await lifetimeOf()).toEqual([{ time: "end", revision: saved.revision }, 3600]);
    await owner.get("policies/rollback", { revision: 0, expectedRevision: saved.revision });
    expect(await lifetimeOf()).toEqual([{ time: "end", revision: saved.revision }, 3600]);
  });

  it("says of an end before the first edit that the file applied", async () => {
    const { sessionId } = await logIn(dashboard.sidecar, { userId: "early" });
    await dashboard.sidecar.sql(
      "UPDATE byo.sessions SET ended_at = now(), end_reason = 'Revoked', end_revision = 0 WHERE id = $1",
      [sessionId],
    );
    expect((await owner.get("sessions/detail", { sessionId })).policyOf).toEqual({ time: "end", revision: 0 });
    await dashboard.sidecar.sql("UPDATE byo.sessions SET end_revision = NULL WHERE id = $1", [sessionId]);
    expect((await owner.get("sessions/detail", { sessionId })).policyOf).toEqual({ time: "unknown", revision: null });
  });
});

it("says of each change what applied where nothing was set", async () => {
  const { text } = await owner.get("policies/current", {});
  const policy = JSON.parse(text);
  policy.tags.push({ tag: "org:new", absolute_lifetime_secs: 60, inactivity_timeout_secs: 30 });
  const { changes } = await owner.get("policies/preview", { text: JSON.stringify(policy) });
  expect(changes).toEqual([
    { layer: "org:new", setting: "absolute_lifetime_secs", before: null, beforeInForce: 1_209_600, after: 60 },
    { layer: "org:new", setting: "inactivity_timeout_secs", before: null, beforeInForce: null, after: 30 },
  ]);
});

it("says at which setting of which layer a problem is", async () => {
  const tags = [{ tag: "org:a" }, { tag: "org:b", ip_allowlist: ["10.0.0.0/8", "nowhere"] }];
  const text = JSON.stringify({ defaults: { absolute_lifetime_secs: "12 x" }, tags, audit_retention_secs: -1 });
  const { problems } = await owner.get("policies/check", { text });
  expect(problems.map(({ layer, setting }) => [layer, setting])).toEqual([
    ["defaults", "absolute_lifetime_secs"],
    ["org:b", "ip_allowlist"],
    ["", "audit_retention_secs"],
  ]);
});

it("flags a living session that two clients use, in the list and on its page", async () => {
  const { sidecar } = dashboard;
  const { token, sessionId } = await logIn(sidecar, { userId: "shared", tags: ["browser:any"], ...HOME });
  for (const client of [HOME, THIEF, HOME]) await validate(sidecar, token, client);
  const flags = async () => (await owner.get("sessions/detail", { sessionId })).flags.toSorted();
  await expect.poll(flags).toEqual(["anotherBrowser", "shared"]);
  const { items } = await owner.get("sessions/list", { userId: "shared" });
  expect(items.map((item) => item.flags.toSorted())).toEqual([["anotherBrowser", "shared"]]);
});

it("leaves routine events out of a timeline on the server, so that pages and the link to older ones agree", async () => {
  const { sidecar } = dashboard;
  const { sessionId } = await logIn(sidecar, { userId: "routine" });
  await sidecar.sql(
    "INSERT INTO byo.audit_events (event, session_id) SELECT 'RotationStarted', $1::uuid FROM generate_series(1, 150)",
    [sessionId],
  );
  const short = await owner.get("sessions/timeline", { sessionId });
  expect([short.items.map(({ event }) => event), short.next]).toEqual([["SessionCreated"], null]);
  const long = await owner.get("sessions/timeline", { sessionId, routine: true });
  expect([long.items.length, long.next]).toEqual([100, expect.any(String)]);
});

describe("the log", () => {
  it("says who ended which session of which user, from where, and finds a person by name", async () => {
    const editor = await dashboard.person("Editor");
    const { sessionId } = await logIn(dashboard.sidecar, { userId: "victim" });
    await editor.get("sessions/end-one", { sessionId });
    for (const actor of [editor.username, editor.username.toUpperCase(), `dashboard:${editor.username}`]) {
      const { items } = await owner.get("log/list", { actor, event: "SessionEnded" });
      expect(items.map(logSentence)).toEqual([
        `The session ${sessionId} of victim was ended by ${editor.username} from 127.0.0.1.`,
      ]);
    }
    expect((await owner.get("log/list", { actor: "nobody" })).items).toEqual([]);
  });

  it("has one entry for sessions that end together, with the number and the note", async () => {
    for (let i = 0; i < 5; i++) await logIn(dashboard.sidecar, { tags: ["org:bulk"] });
    expect(await endMatching(owner, { tag: ["org:bulk"] }, "stolen laptop")).toMatchObject({ ended: 5 });
    const { items } = await owner.get("log/list", { event: "SessionsEnded" });
    expect(items.map(logSentence)).toEqual([
      `5 sessions of tag org:bulk were ended by owner, with the note "stolen laptop".`,
    ]);
    expect(items[0]).toMatchObject({ count: 1, details: { ended: 5 }, ipAddress: "127.0.0.1" });
    await endMatching(owner, { tag: ["org:bulk"] });
    expect((await owner.get("log/list", { event: "SessionsEnded" })).items).toHaveLength(2);
  });
});

it("says why a login has ended, but not to somebody who only knows its id", async () => {
  const person = await dashboard.person("ReadOnly");
  const ended = async (client: DashboardClient) => (await client.get("access/state", {})).ended;
  expect(await ended(person)).toBeNull();
  await later(31 * 60);
  expect(await ended(person)).toEqual({ reason: "Idle", afterSecs: 1800 });
  const stranger = dashboard.newClient();
  const [name, token = ""] = person.cookie?.split("=") ?? [];
  stranger.cookie = `${name}=${token.split(".")[0]}.${"A".repeat(token.split(".")[1]?.length ?? 0)}`;
  expect(await ended(stranger)).toBeNull();
  await person.logIn(person.username, person.password);
  await owner.confirm();
  await owner.get("settings/change-user", { username: person.username, isDisabled: true });
  expect(await ended(person)).toEqual({ reason: "Ended" });
});

it("says where the time of a call went, to people who are logged in", async () => {
  const { headers } = await owner.call("sessions/list");
  expect(headers["server-timing"]).toMatch(/^db;dur=\d+\.\d;desc="[1-9]\d* queries", total;dur=\d+\.\d$/);
  const stranger = await dashboard.newClient().call("access/login", { username: "owner", password: "wrong" });
  expect(stranger.headers["server-timing"]).toBeUndefined();
});

it("finds a session by the address at which it got a new token", async () => {
  // The events of a rotation count as touches too.
  const { sidecar } = dashboard;
  const { token } = await logIn(sidecar, { userId: "rotating", tags: ["browser:any"], ...HOME });
  await later(3601);
  await refresh(sidecar, await successorOf(sidecar, token, { ...THIEF, ipAddress: "192.0.2.77" }), HOME);
  expect(await found({ ip: "192.0.2.77" })).toEqual(["rotating"]);
});
