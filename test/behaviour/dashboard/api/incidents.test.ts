import { beforeAll, describe, expect, it } from "vitest";
import type { IncidentClient, IncidentSession } from "../../../../sidecar/src/dashboard/contract/incidents.ts";
import { type Login, logIn, refresh, successorOf, validate } from "../../sidecar/login.ts";
import { CHROME_ON_MAC, FIREFOX_ON_MAC } from "../../sidecar/user-agents.ts";
import { type DashboardClient, startDashboard, type TestDashboard } from "./dashboard-client.ts";

const HOME = { ipAddress: "203.0.113.7", userAgent: CHROME_ON_MAC };
const THIEF = { ipAddress: "198.51.100.66", userAgent: FIREFOX_ON_MAC };
const config = {
  tags: [
    { tag: "browser:any", user_agent_check: "flag" },
    { tag: "ip:office", ip_allowlist: ["203.0.113.0/24"] },
    { tag: "rotate:fast", rotation_interval_secs: 10, rotation_grace_secs: 1 },
  ],
};

let dashboard: TestDashboard;
let owner: DashboardClient;
beforeAll(async () => {
  dashboard = await startDashboard({ config });
  owner = dashboard.owner;
});

const kinds = async (kind: string) =>
  (await owner.get("incidents/attention", {})).items.filter((item) => item.kind === kind);

describe("what needs attention", () => {
  it("is nothing at first", async () => {
    expect(await owner.get("incidents/attention", {})).toEqual({ items: [] });
  });

  it("is what happened much more often than in the hour before, by its reason", async () => {
    const { sidecar } = dashboard;
    const add = (name: string, count: number, ago: string) =>
      sidecar.sql(
        `INSERT INTO byo.counters VALUES (to_timestamp(floor(date_part('epoch', byo.now() - $3::interval) / 300) * 300), $1, $2)`,
        [name, count, ago],
      );
    for (const [name, count, before] of [
      ["ended:Revoked", 30, 10],
      ["ended:Expired", 29, 10],
      ["ended:LoggedOut", 9, 0],
      ["refused", 10, 0],
    ] as const) {
      await add(name, count, "20 minutes");
      await add(name, before, "80 minutes");
    }
    await expect
      .poll(async () =>
        (await kinds("spike")).map((item) => item.kind === "spike" && [item.name, item.count, item.before]),
      )
      .toEqual([
        ["refused", 10, 0],
        ["ended:Revoked", 30, 10],
      ]);
    await sidecar.sql("DELETE FROM byo.counters");
  });

  it("is an address from which many users were refused, logins too", async () => {
    const { sidecar } = dashboard;
    for (let user = 0; user < 3; user++) {
      const { token } = await logIn(sidecar, { userId: `office-${user}`, tags: ["ip:office"], ...HOME });
      await validate(sidecar, token, THIEF);
      await sidecar.command("CreateSession", { userId: `other-${user}`, tags: ["ip:office"], ...THIEF });
    }
    await expect
      .poll(() => kinds("refusals"))
      .toEqual([{ kind: "refusals", ipAddress: THIEF.ipAddress, users: 6, refusals: 6 }]);
  });

  it("is a user with unusually many new devices", async () => {
    const event = `INSERT INTO byo.audit_events (event, user_id, details) SELECT 'SessionCreated', $1, '{"newDeviceDetected": true}'
      FROM generate_series(1, $2)`;
    await dashboard.sidecar.sql(event, ["busy", 5]);
    await dashboard.sidecar.sql(event, ["quiet", 4]);
    await expect.poll(() => kinds("newDevices")).toEqual([{ kind: "newDevices", userId: "busy", devices: 5 }]);
  });
});

describe("an incident", () => {
  let shared: Login;
  let reused: Login;
  beforeAll(async () => {
    const { sidecar } = dashboard;
    const client = { tags: ["browser:any", "rotate:fast"], ...HOME };
    shared = await logIn(sidecar, { userId: "ada", ...client });
    for (const next of [HOME, THIEF, HOME, THIEF]) await validate(sidecar, shared.token, next);
    await logIn(sidecar, { userId: "ada", ...client });
    reused = await logIn(sidecar, { userId: "grace", ...client });
    await sidecar.advance(15);
    await refresh(sidecar, await successorOf(sidecar, reused.token, HOME), HOME);
    await sidecar.advance(5);
    await validate(sidecar, reused.token, THIEF);
    await owner.logIn(owner.username, owner.password);
  });

  const roles = ({ clients }: IncidentSession) => clients.map(({ ipAddress, role }) => [ipAddress, role]);
  const evidence = (client: IncidentClient | undefined) => client?.evidence.map(({ kind }) => kind);

  it("needs attention", async () => {
    await expect
      .poll(async () => (await owner.get("incidents/attention", {})).items)
      .toMatchObject([
        { kind: "reuse", sessions: 1 },
        { kind: "flagged", flag: expect.any(String), sessions: 1 },
        { kind: "flagged", flag: expect.any(String), sessions: 1 },
        { kind: "refusals" },
        { kind: "newDevices" },
      ]);
  });

  it("says who is who in each session that an address touched, and why", async () => {
    const { items } = await owner.get("incidents/sessions", { ip: "198.51.100.0/24" });
    const of = (id: string) => items.find(({ sessionId }) => sessionId === id);
    const stolen = of(shared.sessionId);
    expect(stolen && roles(stolen)).toEqual([
      [THIEF.ipAddress, "intruder"],
      [HOME.ipAddress, "owner"],
    ]);
    expect(stolen?.clients.map(({ isSubject }) => isSubject)).toEqual([true, false]);
    const known = ["newToUser", "otherBrowser", "otherAddress", "flagged", "tookTurns", "manyUsers"];
    expect(evidence(stolen?.clients[0])).toEqual(known);
    expect(evidence(stolen?.clients[1])).toEqual(["loggedIn", "knownAddress", "knownBrowser", "manyUsers"]);
    expect(evidence(of(reused.sessionId)?.clients[0])).toContain("oldToken");
    // Refused at another address, by the policy.
    expect(evidence(items.find(({ userId }) => userId === "office-0")?.clients[0])).toContain("refused");
    expect(items.every(({ clients }) => clients[0]?.isSubject && clients[0].role === "intruder")).toBe(true);
  });

  it("is about a browser or a mark as well", async () => {
    const ofBrowser = await owner.get("incidents/sessions", { browser: "Firefox", userId: "ada" });
    expect(ofBrowser.items.map(({ clients }) => clients.map(({ isSubject }) => isSubject))).toEqual([[true, false]]);
    const { items } = await owner.get("incidents/sessions", { flag: "shared" });
    expect(items.map(({ sessionId }) => sessionId)).toEqual([shared.sessionId]);
  });

  it("does not take a user who moves to another network for an intruder", async () => {
    const { sidecar } = dashboard;
    const { token } = await logIn(sidecar, { userId: "mobile", ...HOME });
    await sidecar.advance(3601);
    const train = { ...HOME, ipAddress: "192.0.2.9" };
    await refresh(sidecar, await successorOf(sidecar, token, train), train);
    await owner.logIn(owner.username, owner.password);
    const { items } = await owner.get("incidents/sessions", { ip: train.ipAddress });
    expect(items.map(roles)).toEqual([
      [
        [train.ipAddress, "unclear"],
        [HOME.ipAddress, "owner"],
      ],
    ]);
  });

  it("ends with the selected sessions that are active, with one entry in the log", async () => {
    const sessionIds = [shared.sessionId, reused.sessionId, crypto.randomUUID()];
    const target = { sessionIds, incident: "Address 198.51.100.66" };
    const confirmed = { count: 1, isCapped: false };
    expect(await owner.get("sessions/end-count", { target })).toEqual(confirmed);
    const end = await owner.get("sessions/end-many", { target, confirmed, note: "theft" });
    expect(end).toMatchObject({ ended: 1, target: "a selection of the incident Address 198.51.100.66" });
    expect((await validate(dashboard.sidecar, shared.token, HOME)).status).toBe(401);
    const { items } = await owner.get("log/list", { event: "SessionsEnded" });
    expect(items.map(({ details }) => details)).toEqual([{ target: end.target, selected: 3, note: "theft", ended: 1 }]);
    expect((await owner.get("log/list", { event: "SessionEnded" })).items).toEqual([]);
    const many = Array.from({ length: 501 }, () => crypto.randomUUID());
    for (const wrong of [
      { target: { ...target, sessionIds: [] }, note: "theft" },
      { target, note: "" },
      { target },
      { target, note: "half a pair: \ud83d" },
      { target: { ...target, sessionIds: many }, note: "theft" },
    ]) {
      expect((await owner.call("sessions/end-many", { confirmed, ...wrong })).status).toBe(400);
    }
  });
});
