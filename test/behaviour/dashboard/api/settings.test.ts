import { beforeAll, describe, expect, it } from "vitest";
import { sentenceOf } from "../../../../sidecar/src/dashboard/sentences/sentence.ts";
import { createSidecarClient } from "../../../harness/sidecar-client.ts";
import { type DashboardClient, startDashboard, type TestDashboard } from "./dashboard-client.ts";

let dashboard: TestDashboard;
let owner: DashboardClient;

beforeAll(async () => {
  dashboard = await startDashboard({ env: { ENCRYPTION_KEY: Buffer.alloc(32, 7).toString("base64") } });
  owner = dashboard.owner;
});

describe("integration keys", () => {
  it("are shown once, work for their commands, are listed without their secret, and die when revoked", async () => {
    const { sidecar } = dashboard;
    const made = await owner.get("settings/create-integration-key", {
      name: "shop",
      allowedCommands: ["Ping"],
      expiresInSecs: 600,
    });
    expect(made.key).toMatch(/^api_[\w-]{43}$/);
    const shop = createSidecarClient(sidecar.url, made.key);
    await expect.poll(async () => (await shop.command("Ping", {})).status).toBe(200);
    expect((await shop.command("CreateSession", { userId: "u" })).status).toBe(403);
    const list = await owner.call("settings/integration-keys");
    expect(list.text).not.toContain(made.key);
    expect(list.body).toMatchObject({
      items: expect.arrayContaining([
        expect.objectContaining({ name: "shop", allowedCommands: ["Ping"], state: "active" }),
      ]),
    });
    expect((await owner.call("settings/create-integration-key", { name: "shop" })).status).toBe(409);
    expect(await owner.call("settings/create-integration-key", { name: "x", allowedCommands: ["Fly"] })).toMatchObject({
      status: 400,
      body: { problems: [{ field: "allowedCommands" }] },
    });
    await owner.get("settings/revoke-integration-key", { id: made.id });
    await expect.poll(async () => (await shop.command("Ping", {})).status).toBe(401);
    const { items } = await owner.get("log/list", {});
    expect(items.slice(0, 2).map(sentenceOf)).toEqual([
      'The integration key "shop" was revoked by owner.',
      'The integration key "shop" was created by owner.',
    ]);
    expect(sidecar.logText()).toContain('"event":"IntegrationKeyCreated"');
  });
});

it("a key ignores devices only where that was ticked, and the list says which does", async () => {
  const { sidecar } = dashboard;
  const allowedCommands = ["Ping", "ValidateSession"];
  await owner.get("settings/create-integration-key", { name: "strict", allowedCommands });
  const { key } = await owner.get("settings/create-integration-key", {
    name: "lenient",
    allowedCommands,
    mayIgnoreDevices: true,
  });
  const lenient = createSidecarClient(sidecar.url, key);
  await expect.poll(async () => (await lenient.command("Ping", {})).status).toBe(200);
  const read = async () => {
    const { items } = await owner.get("settings/integration-keys", {});
    return Object.fromEntries(items.map((item) => [item.name, [item.mayIgnoreDevices, item.devicesIgnoredAt]]));
  };
  expect(await read()).toMatchObject({ initial: [true, null], strict: [false, null], lenient: [true, null] });
  expect(
    (await lenient.command("ValidateSession", { sessionToken: "x", ignoreDeviceForVerification: true })).status,
  ).toBe(401);
  await expect.poll(read).toMatchObject({ strict: [false, null], lenient: [true, expect.any(Number)] });
});

describe("retention", () => {
  it("is part of the policy; lowering it requires the password again", async () => {
    const { revision, ...before } = await owner.get("settings/retention", {});
    expect(before).toEqual({ ended_session_retention_secs: 2_592_000, audit_retention_secs: 31_536_000 });
    await dashboard.sidecar.sql("UPDATE byo.dashboard_sessions SET password_confirmed_until = NULL");
    const lower = { ...before, audit_retention_secs: 86_400, expectedRevision: revision };
    expect(await owner.call("settings/set-retention", lower)).toMatchObject({
      status: 403,
      body: { type: "PasswordRequired" },
    });
    const higher = { ...before, audit_retention_secs: 63_072_000, expectedRevision: revision };
    expect(await owner.get("settings/set-retention", higher)).toMatchObject({
      audit_retention_secs: 63_072_000,
      revision: revision + 1,
    });
    await owner.confirm();
    expect((await owner.call("settings/set-retention", { ...lower, expectedRevision: revision })).status).toBe(409);
    expect(await owner.get("settings/set-retention", { ...lower, expectedRevision: revision + 1 })).toMatchObject({
      audit_retention_secs: 86_400,
    });
  });
});

describe("the overview", () => {
  it("counts what happened, and how many were active then", async () => {
    const { sidecar } = dashboard;
    const [{ now = 0 } = {}] = await sidecar.sql<{ now: number }>("SELECT floor(date_part('epoch', byo.now())) AS now");
    for (const userId of ["a", "b", "c"])
      await sidecar.run("CreateSession", { userId, tags: ["org:top", `user:${userId}`] });
    const { sessionToken } = await sidecar.run("CreateSession", { userId: "d", ipAddress: "192.0.2.1" });
    await sidecar.command("ValidateSession", { sessionToken });
    await sidecar.run("InvalidateSessionByToken", { sessionToken });
    const sum = (values: readonly number[] = []) => values.reduce((total, value) => total + value, 0);
    await expect
      .poll(async () => {
        const series = await owner.get("overview/series", { from: now - 3600, to: now + 600 });
        return [
          sum(series.logins),
          sum(series.ends.LoggedOut),
          sum(series.refusals),
          series.active.at(-1),
          series.bucketSecs,
        ];
      })
      .toEqual([4, 1, 1, 3, 300]);
    const early = await owner.get("overview/series", { from: now - 86_400, to: now - 43_200 });
    expect([sum(early.logins), Math.max(...early.active)]).toEqual([0, 0]);
    expect(early.buckets).toHaveLength(early.logins.length);
    const top = await owner.get("overview/top-tags", {});
    expect(top.tags[0]).toEqual({ tag: "org:top", sessions: 3 });
    expect((await owner.call("overview/series", { from: 10, to: 5 })).status).toBe(400);
  });

  it("shows replicas, the database and jobs", async () => {
    await dashboard.sidecar.writeConfig(
      { job_run_intervals: { session_garbage_collection: 1 } },
      "system_config.jsonc",
    );
    const health = await owner.get("overview/health", {});
    expect(health.database).toMatchObject({
      kind: "postgres",
      answerMs: expect.any(Number),
      sizeBytes: expect.any(Number),
    });
    expect(health.replicas).toMatchObject([
      { state: "up", isThisOne: true, differs: false, version: expect.stringMatching(/^\d+\.\d+\.\d+/) },
    ]);
    const keys = await owner.get("settings/signing-keys", {});
    expect(keys.encrypted).toBe(true);
  });
});

describe("the signing keys of stateless tokens", () => {
  it("are listed, rotated by an admin, and the log says who did it", async () => {
    const { sidecar } = dashboard;
    expect(await owner.get("settings/token-keys", {})).toEqual({ items: [], canBeCreated: true });
    await sidecar.run("CreateStatelessToken", { userId: "ada" });
    const [first] = (await owner.get("settings/token-keys", {})).items;
    expect(first).toMatchObject({ isSigning: true, expiresAt: null });
    const times = { secsBeforeNewKeyBecomesDefault: 60, secsBeforeExistingKeysAreDeactivated: 120 };
    const rotated = await owner.get("settings/rotate-token-key", times);
    expect((await owner.get("settings/token-keys", {})).items).toEqual([
      expect.objectContaining({
        id: rotated.newKeyId,
        signsFrom: rotated.newKeyBecomesDefaultAt,
        expiresAt: null,
        isSigning: false,
      }),
      { ...first, expiresAt: rotated.existingKeysExpireAt },
    ]);
    expect((await sidecar.run("GetJwks", {})).keys.map(({ kid }) => kid)).toEqual([rotated.newKeyId, first?.id]);
    const { items } = await owner.get("log/list", { event: "StatelessTokenKeyRotated" });
    expect(items[0]).toMatchObject({ actor: "dashboard:owner", ipAddress: "127.0.0.1", details: times });
    expect(items.map(sentenceOf)[0]).toBe("The signing key of stateless tokens was rotated by owner.");
  });

  it("cannot be rotated so that none signs, nor without end", async () => {
    const rotate = (first: number, second: number) =>
      owner.call("settings/rotate-token-key", {
        secsBeforeNewKeyBecomesDefault: first,
        secsBeforeExistingKeysAreDeactivated: second,
      });
    expect(await rotate(2, 1)).toMatchObject({ status: 400, body: { type: "InvalidInput" } });
    expect(await rotate(-1, 1)).toMatchObject({ status: 400, body: { type: "InvalidInput" } });
    const answers = [];
    for (let at = 0; at < 10; at++) answers.push((await rotate(0, 1000)).body.type);
    expect(answers.at(-1)).toBe("Conflict");
    // A leaked key can be replaced all the same.
    expect((await rotate(0, 0)).status).toBe(200);
    expect((await owner.get("settings/token-keys", {})).items).toHaveLength(1);
  });
});

describe("the log", () => {
  it("has every action with who, what, before and after, and cannot be written to", async () => {
    const person = await dashboard.person("ReadOnly");
    await owner.get("settings/change-user", { username: person.username, isDisabled: true });
    const { items } = await owner.get("log/list", { event: "DashboardUserChanged" });
    expect(items[0]).toMatchObject({
      actor: "dashboard:owner",
      ipAddress: "127.0.0.1",
      details: {
        target: person.username,
        before: { role: "ReadOnly", isDisabled: false },
        after: { role: "ReadOnly", isDisabled: true },
      },
    });
    expect(items.map(sentenceOf)[0]).toBe(`${person.username} was disabled by owner.`);
    const pages: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await owner.get("log/list", { ...(cursor !== undefined && { cursor }) });
      pages.push(...page.items.map(({ id }) => id));
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    expect(new Set(pages).size).toBe(pages.length);
    const csv = await owner.call("log/export", { format: "csv" });
    expect(csv.text.split("\n")[0]).toBe(
      '"time","event","actor","sentence","session_id","user_id","ip_address","reason","details"',
    );
  });

  it("holds no password, code, key or token, and neither does stdout", async () => {
    const secrets = [owner.password, owner.cookie?.split("=")[1] ?? "", owner.cookie?.split(".")[1] ?? ""];
    const rows = await dashboard.sidecar.sql("SELECT a::text AS row FROM byo.audit_events a");
    const written = dashboard.sidecar.logText() + rows.map(({ row }) => row).join("\n");
    for (const secret of secrets) expect(written).not.toContain(secret);
    expect(written).not.toMatch(/api_[\w-]{30}|\$argon2/);
  });
});
