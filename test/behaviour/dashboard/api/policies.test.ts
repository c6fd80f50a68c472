import { beforeAll, describe, expect, it } from "vitest";
import { startTestReplicas, startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { createDashboardClient, type DashboardClient, OWNER, onSidecar } from "./dashboard-client.ts";

const config = { tags: [{ tag: "org:acme", absolute_lifetime_secs: 3600 }], tag_priority: ["org"] };

let replicas: TestSidecar[];
let owner: DashboardClient;
let onOther: DashboardClient;
let editor: DashboardClient;

beforeAll(async () => {
  replicas = await startTestReplicas(2, { config, env: { INITIAL_OWNER_USERNAME: OWNER } });
  const [first, second] = replicas;
  if (!first || !second) throw new Error("expected two replicas");
  const dashboard = await onSidecar(first);
  owner = dashboard.owner;
  editor = await dashboard.person("Editor");
  onOther = createDashboardClient(second.dashboardUrl);
  await onOther.logIn(owner.username, owner.password);
});

/** The policy of now with one change, as somebody types it. */
async function edited(change: (policy: { defaults: object; tags: object[] }) => void) {
  const { text, revision } = await owner.get("policies/current", {});
  const policy = JSON.parse(text);
  change(policy);
  return { text: JSON.stringify(policy, null, 2), expectedRevision: revision };
}

const lifetime = (secs: number) => (policy: { defaults: object }) =>
  void Object.assign(policy.defaults, { absolute_lifetime_secs: secs });

describe("edits of the policy", () => {
  it("hold on every replica within a second, for sessions that exist", async () => {
    const [first, second] = replicas;
    const session = await second?.run("CreateSession", { userId: "u" });
    await owner.get("policies/save", await edited(lifetime(1000)));
    const start = performance.now();
    await expect
      .poll(async () => (await onOther.get("policies/explain", { tags: [] })).settings[0], { interval: 50 })
      .toMatchObject({ setting: "absolute_lifetime_secs", value: 1000, origin: "dashboard" });
    expect(performance.now() - start).toBeLessThan(5000);
    await first?.advance(1001);
    const answer = await second?.command("ValidateSession", { sessionToken: session?.sessionToken });
    expect(answer?.body).toMatchObject({ type: "InvalidSessionToken", details: "Expired" });
    await owner.logIn(owner.username, owner.password);
    await editor.logIn(editor.username, editor.password);
  });

  it("of two people who start from one revision: the second is told, and nothing is lost", async () => {
    const edits = [await edited(lifetime(900)), await edited(lifetime(800))];
    await onOther.logIn(owner.username, owner.password);
    const answers = await Promise.all([owner.call("policies/save", edits[0]), onOther.call("policies/save", edits[1])]);
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, 409]);
    const lost = answers.find(({ status }) => status === 409)?.body;
    const held = answers.find(({ status }) => status === 200)?.body;
    expect(lost).toMatchObject({ type: "Conflict", current: { revision: held?.revision, text: held?.text } });
  });

  it("are the difference to the file only: what the file says later of other settings holds", async () => {
    await replicas[0]?.writeConfig({ ...config, defaults: { max_concurrent_sessions_per_user: 3 } });
    await expect
      .poll(async () => (await owner.get("policies/explain", { tags: ["org:acme"] })).settings)
      .toEqual(
        expect.arrayContaining([
          { setting: "max_concurrent_sessions_per_user", value: 3, source: "defaults", origin: "file" },
          { setting: "absolute_lifetime_secs", value: 3600, source: "org:acme", origin: "file" },
          { setting: "user_agent_check", value: null, source: "default", origin: "built-in" },
        ]),
      );
    const { overlay } = await owner.get("policies/current", {});
    expect(overlay.map(({ layer, setting }) => [layer, setting])).toEqual([["defaults", "absolute_lifetime_secs"]]);
    const health = await owner.get("overview/health", {});
    expect(health.replicas).toHaveLength(2);
    // The other replica reads its own file, which has not changed.
    await expect
      .poll(async () => (await owner.get("overview/health", {})).replicas.find(({ isThisOne }) => !isThisOne)?.differs)
      .toBe(true);
  });

  it("that loosen need an admin who types the password again; tightening does not", async () => {
    const sidecar = replicas[0];
    const tighter = await edited(lifetime(700));
    expect((await editor.call("policies/save", tighter)).status).toBe(200);
    const looser = await edited((policy) => {
      policy.tags = [];
    });
    expect(await editor.call("policies/save", looser)).toMatchObject({ status: 200 });
    const longer = await edited(lifetime(70_000));
    expect(await editor.call("policies/save", longer)).toMatchObject({ status: 403, body: { type: "Forbidden" } });
    await sidecar?.sql("UPDATE byo.dashboard_sessions SET password_confirmed_until = NULL");
    expect(await owner.call("policies/save", longer)).toMatchObject({
      status: 403,
      body: { type: "PasswordRequired" },
    });
    await owner.confirm();
    expect((await owner.call("policies/save", longer)).status).toBe(200);
  });

  it("loosen too where only two tags together show it, and where an old revision was looser", async () => {
    await owner.get(
      "policies/save",
      await edited((policy) => {
        policy.tags = [
          { tag: "org:a", inactivity_timeout_secs: 60 },
          { tag: "type:b", disallow_ip_address_changes: true },
        ];
      }),
    );
    const pair = await edited((policy) => {
      policy.tags = [
        { tag: "org:a", inactivity_timeout_secs: 60, disallow_ip_address_changes: false },
        { tag: "type:b", disallow_ip_address_changes: true },
      ];
    });
    const { loosens } = await owner.get("policies/preview", { text: pair.text });
    expect(loosens).toEqual([
      { layer: "org:a + type:b", setting: "disallow_ip_address_changes", before: true, after: false },
    ]);
    expect(await editor.call("policies/save", pair)).toMatchObject({ status: 403, body: { type: "Forbidden" } });
    const { revision } = await owner.get("policies/current", {});
    const back = { revision: 0, expectedRevision: revision };
    expect(await editor.call("policies/rollback", back)).toMatchObject({ status: 403, body: { type: "Forbidden" } });
  });

  it("are checked as the file is: each problem with its line", async () => {
    const text = '{\n  "defaults": {\n    "rotation_interval_secs": "often",\n    "unknown": 1\n  }\n}';
    const check = await owner.get("policies/check", { text });
    expect(check.isValid).toBe(false);
    expect(check.problems.map(({ line }) => line).sort()).toEqual([3, 4]);
    const refused = await owner.call("policies/save", { text, expectedRevision: 0 });
    expect(refused).toMatchObject({ status: 422, body: { type: "PolicyRefused" } });
    const twice = await owner.get("policies/check", {
      text: '{ "tags": [{ "tag": "__proto__:x" }, { "tag": "constructor:y" }] }',
    });
    expect(twice.isValid).toBe(true);
  });

  it("are previewed: how many living sessions would end or be refused at once", async () => {
    const sidecar = replicas[0];
    for (let i = 0; i < 3; i++) await sidecar?.run("CreateSession", { userId: `p${i}`, ipAddress: "198.51.100.7" });
    await sidecar?.advance(500);
    await owner.logIn(owner.username, owner.password);
    const { text } = await edited((policy) =>
      Object.assign(policy.defaults, { absolute_lifetime_secs: 400, ip_allowlist: ["203.0.113.0/24"] }),
    );
    const preview = await owner.get("policies/preview", { text });
    expect(preview.ends).toMatchObject({ isComplete: true });
    expect(preview.ends.count).toBeGreaterThanOrEqual(3);
    expect(preview.refuses.count).toBeGreaterThanOrEqual(3);
    expect(preview.loosens).toEqual([]);
  });

  it("are kept with author and difference, can be rolled back to, and exported as the file", async () => {
    const { items } = await owner.get("policies/revisions", {});
    expect(items[0]?.author).toBe(owner.username);
    expect(items.at(-1)).toMatchObject({
      revision: 1,
      changes: [{ layer: "defaults", setting: "absolute_lifetime_secs", after: 1000 }],
    });
    const first = await owner.get("policies/revision", { revision: 1 });
    expect(JSON.parse(first.textBefore).defaults).toEqual({});
    expect(JSON.parse(first.textAfter).defaults).toEqual({ absolute_lifetime_secs: 1000 });
    await owner.logIn(owner.username, owner.password);
    const { revision } = await owner.get("policies/current", {});
    await owner.get("policies/rollback", { revision: 1, expectedRevision: revision });
    const exported = await owner.call("policies/export");
    expect(exported.headers["content-disposition"]).toBe('attachment; filename="session_config.jsonc"');
    expect(JSON.parse(exported.text)).toMatchObject({
      defaults: { absolute_lifetime_secs: 1000, max_concurrent_sessions_per_user: 3 },
    });
    await owner.get("policies/rollback", { revision: 0, expectedRevision: revision + 1 });
    expect((await owner.get("policies/current", {})).overlay).toEqual([]);
    const { items: log } = await owner.get("log/list", { event: "PolicyReplacedByFile" });
    expect(log[0]).toMatchObject({ actor: `dashboard:${owner.username}`, details: { revision: revision + 2 } });
  });

  it("can be switched off: then the file alone holds, also over edits of before", async () => {
    const first = replicas[0];
    await owner.logIn(owner.username, owner.password);
    await owner.get("policies/save", await edited(lifetime(600)));
    const off = await startTestSidecar({
      database: first?.database,
      config,
      env: { DASHBOARD_POLICY_EDITS: "off" },
    });
    expect(off.logText()).toContain("DASHBOARD_POLICY_EDITS is off");
    const client = createDashboardClient(off.dashboardUrl);
    expect((await client.logIn(owner.username, owner.password)).body).toMatchObject({ policyEdits: false });
    const current = await client.get("policies/current", {});
    expect(JSON.parse(current.text).defaults).toEqual({});
    const save = { text: current.text, expectedRevision: 0 };
    expect(await client.call("policies/save", save)).toMatchObject({ status: 409, body: { type: "PolicyEditsOff" } });
  });
});
