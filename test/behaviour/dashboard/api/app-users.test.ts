import { beforeAll, describe, expect, it } from "vitest";
import { createDevice } from "../../../../sidecar/test/devices/forge.ts";
import { logInRemembered, logInWithDevice } from "../../sidecar/bound-session.ts";
import { logIn, validate } from "../../sidecar/login.ts";
import { CHROME_ON_MAC, FIREFOX_ON_MAC } from "../../sidecar/user-agents.ts";
import { startDashboard, type TestDashboard } from "./dashboard-client.ts";

const DAY_SECS = 86_400;
const now = () => Math.floor(Date.now() / 1000);

let dashboard: TestDashboard;
beforeAll(async () => {
  dashboard = await startDashboard({
    config: {
      defaults: { max_concurrent_sessions_per_user: 7 },
      tags: [{ tag: "role:admin", absolute_lifetime_secs: 600 }],
    },
  });
});

describe("the lanes of a user", () => {
  it("have the sessions that lived in the time, and the events of all of them and of failed logins", async () => {
    const { owner, sidecar } = dashboard;
    const { token } = await logIn(sidecar, { userId: "ada", userAgent: CHROME_ON_MAC });
    await logIn(sidecar, { userId: "ada", userAgent: FIREFOX_ON_MAC });
    await logIn(sidecar, { userId: "grace" });
    await validate(sidecar, token, { userAgent: FIREFOX_ON_MAC });
    const lanes = await owner.get("app-users/lanes", { userId: "ada", from: now() - DAY_SECS, to: now() + 60 });
    expect(lanes.sessions.map(({ device }) => device.displayName)).toEqual([
      "Firefox 140 on macOS",
      "Chrome 140 on macOS",
    ]);
    expect(lanes.events.map(({ event }) => event)).toContain("SessionCreated");
    expect(lanes.events.every(({ userId }) => userId === "ada")).toBe(true);
    expect([lanes.hasMoreSessions, lanes.eventsSince]).toEqual([false, undefined]);
    const past = { userId: "ada", from: now() - 3 * DAY_SECS, to: now() - 2 * DAY_SECS };
    expect(await owner.get("app-users/lanes", past)).toEqual({ sessions: [], hasMoreSessions: false, events: [] });
  });

  it("leave out sessions that ended before, and say when they are not all", async () => {
    const { owner, sidecar } = dashboard;
    await sidecar.sql(
      `INSERT INTO byo.sessions (id, user_id, tags, created_at, expires_at, last_activity_at, salt, gen, cur_hash, since,
         ended_at, end_reason)
       SELECT gen_random_uuid(), 'many', '{}', byo.now() - interval '20 days', byo.now() + interval '1 day', byo.now(), 's', 1,
         'h', byo.now(), byo.now() - n * interval '1 hour', 'LoggedOut' FROM generate_series(1, 190) AS n`,
    );
    const from = now() - 2 * DAY_SECS;
    const lanes = await owner.get("app-users/lanes", { userId: "many", from, to: now() + 60 });
    expect(lanes.sessions.length).toBeLessThanOrEqual(48);
    expect(lanes.sessions.every(({ endedAt }) => endedAt !== null && endedAt >= from)).toBe(true);
    expect(lanes.hasMoreSessions).toBe(false);
    const all = await owner.get("app-users/lanes", { userId: "many", from: now() - 30 * DAY_SECS, to: now() + 60 });
    expect([all.sessions.length, all.hasMoreSessions]).toEqual([50, true]);
  });
});

it("the limits of a user are those of the tags that the active sessions have", async () => {
  const { owner, sidecar } = dashboard;
  for (const tags of [["role:admin"], ["role:admin"], []]) await logIn(sidecar, { userId: "mary", tags });
  const { groups } = await owner.get("app-users/limits", { userId: "mary" });
  const settingOf = (at: number, name: string) => groups[at]?.policy.find(({ setting }) => setting === name)?.value;
  expect(groups.map(({ tags, active }) => [tags, active])).toEqual([
    [["role:admin"], 2],
    [[], 1],
  ]);
  expect([settingOf(0, "absolute_lifetime_secs"), settingOf(0, "max_concurrent_sessions_per_user")]).toEqual([600, 7]);
  const nobody = await owner.get("app-users/limits", { userId: "nobody" });
  expect(nobody.groups.map(({ tags, active }) => [tags, active])).toEqual([[[], 0]]);
});

describe("the devices of a user", () => {
  const device = createDevice();
  const other = createDevice();
  beforeAll(async () => {
    const { sidecar } = dashboard;
    const client = { userAgent: CHROME_ON_MAC };
    for (const userId of ["edith", "eve"]) {
      await logInRemembered(sidecar, device, { userId, ...client });
    }
    await logInWithDevice(sidecar, { device, userId: "edith", ...client });
    await logInWithDevice(sidecar, { device: other, userId: "edith", userAgent: FIREFOX_ON_MAC });
  });

  const ofUser = async (userId: string) => (await dashboard.owner.get("devices/of-user", { userId })).devices;

  it("are those that are remembered or bound, with who else has used them", async () => {
    const facts = (await ofUser("edith")).map((one) => [
      one.device.displayName,
      one.isRemembered,
      one.active,
      one.otherUsers,
    ]);
    expect(facts).toEqual([
      ["Firefox 140 on macOS", false, 1, 0],
      ["Chrome 140 on macOS", true, 2, 1],
    ]);
    expect(await ofUser("nobody")).toEqual([]);
  });

  it("have all their users on a page of their own", async () => {
    const [, shared] = await ofUser("edith");
    const { users, isCapped } = await dashboard.owner.get("devices/users", { thumbprint: shared?.thumbprint ?? "" });
    const facts = users.map(({ userId, isRemembered, sessions }) => [userId, isRemembered, sessions]);
    expect([facts.sort(), isCapped]).toEqual([
      [
        ["edith", true, 2],
        ["eve", true, 1],
      ],
      false,
    ]);
  });

  it("can be forgotten, for one user and for all, and the log and the timeline say by whom", async () => {
    const { owner, sidecar } = dashboard;
    const [, shared] = await ofUser("edith");
    const thumbprint = shared?.thumbprint ?? "";
    expect(await owner.get("devices/forget", { thumbprint, userId: "edith" })).toEqual({ forgotten: 1 });
    expect((await ofUser("edith"))[1]).toMatchObject({ isRemembered: false, sessions: 2 });
    expect((await ofUser("eve"))[0]).toMatchObject({ isRemembered: true });
    await logInRemembered(sidecar, device, { userId: "edith" });
    expect(await owner.get("devices/forget", { thumbprint })).toEqual({ forgotten: 2 });
    expect((await owner.call("devices/forget", { thumbprint })).status).toBe(404);
    const { items } = await owner.get("sessions/timeline", { userId: "eve" });
    expect(items[0]).toMatchObject({ event: "DeviceForgotten", actor: "dashboard:owner", ipAddress: null });
    const log = await owner.get("log/list", {});
    const forgotten = log.items.filter(({ event }) => event.startsWith("DeviceForgotten"));
    expect(forgotten.map(({ event, details, userId }) => [event, userId, details?.users])).toEqual([
      ["DeviceForgottenForAll", null, 2],
      ["DeviceForgotten", "edith", undefined],
    ]);
  });
});

it("a timeline can be exported whole, and the log says whose", async () => {
  const { owner, sidecar } = dashboard;
  await sidecar.sql(
    `INSERT INTO byo.audit_events (time, event, user_id, reason, ip_address)
     SELECT byo.now() - n * interval '1 minute', 'SessionCreateRefused', '=cmd', 'IpAddressError', '192.0.2.1'
     FROM generate_series(1, 450) AS n`,
  );
  const csv = await owner.call("timeline/export", { userId: "=cmd", format: "csv" });
  const lines = csv.text.trimEnd().split("\n");
  expect([csv.status, lines.length]).toEqual([200, 451]);
  expect(lines[1]).toContain("A login was refused from 192.0.2.1: the policy does not allow its address.");
  expect(lines[1]).toContain(`"'=cmd"`);
  const json = await owner.call("timeline/export", { userId: "=cmd", format: "json" });
  expect(JSON.parse(json.text)).toHaveLength(450);
  expect((await owner.call("timeline/export", { format: "csv" })).status).toBe(400);
  const log = await owner.get("log/list", { event: "TimelineExported" });
  expect(log.items.map(({ details }) => details?.target)).toEqual([{ userId: "=cmd" }, { userId: "=cmd" }]);
});

it("charts compare with the period before, and only if all of it was counted", async () => {
  const { owner, sidecar } = dashboard;
  const step = Math.floor(now() / 300) * 300;
  const count = (ago: number, name: string, by: number) =>
    sidecar.sql(
      "INSERT INTO byo.counters (bucket, name, count) VALUES (to_timestamp($1::float8), $2, $3) ON CONFLICT (bucket, name) DO UPDATE SET count = EXCLUDED.count",
      [step - ago, name, by],
    );
  await count(5 * 3600, "ended:Revoked", 40);
  const period = { from: step - 4 * 3600, to: step };
  expect((await owner.get("overview/series", period)).before).toBeNull();
  await count(8 * 3600, "created", 9);
  const { before } = await owner.get("overview/series", period);
  expect(before).toMatchObject({ logins: 9, ends: { Revoked: 40, Expired: 0 }, refusals: 0 });
});
