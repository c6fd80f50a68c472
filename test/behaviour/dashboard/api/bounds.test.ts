import { Agent, request } from "undici";
import { beforeAll, describe, expect, it } from "vitest";
import { callUrl } from "../../../../sidecar/src/dashboard/contract/addresses.ts";
import { type DashboardClient, startDashboard, type TestDashboard } from "./dashboard-client.ts";

let dashboard: TestDashboard;
let owner: DashboardClient;
let reader: DashboardClient;

beforeAll(async () => {
  dashboard = await startDashboard();
  owner = dashboard.owner;
  reader = await dashboard.person("ReadOnly");
});

const manyTags = (count: number, more = "") =>
  `{"tags":[${Array.from({ length: count }, (_, at) => `{"tag":"org:${at}","absolute_lifetime_secs":${1000 + at}}`).join(",")}]${more}}`;

describe("an input", () => {
  it("is no larger than its call needs", async () => {
    const large = await reader.call("access/confirm-password", { password: "x".repeat(40_000) });
    expect(large).toMatchObject({ status: 400, body: { type: "InvalidInput" } });
    const text = await reader.call("policies/check", { text: "x".repeat(400_000) });
    expect(text).toMatchObject({ status: 400, body: { type: "InvalidInput" } });
    expect(await reader.call("policies/check", { text: `${" ".repeat(199_998)}{}` })).toMatchObject({ status: 200 });
    expect(await reader.call("policies/check", { text: `${" ".repeat(199_999)}{}` })).toMatchObject({ status: 400 });
  });

  it("is told a few of its problems, each in short", async () => {
    const fields = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`f${at}${"x".repeat(5000)}`, 1]));
    const { status, text, body } = await reader.call("policies/check", fields);
    expect({ status, type: body.type }).toEqual({ status: 400, type: "InvalidInput" });
    expect(text.length).toBeLessThan(20_000);
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`f${at}`, 1]));
    expect(await reader.call("policies/check", many)).toMatchObject({
      status: 400,
      body: { message: "Expected at most 50 fields." },
    });
    const tags = await reader.call("policies/explain", { tags: Array.from({ length: 20_000 }, () => 1) });
    expect(tags.body).toMatchObject({ problems: [{ field: "tags", message: "expected tags, at most 50" }] });
    expect(tags.text.length).toBeLessThan(1000);
  });

  it.each(["2026-13-01T00:00:00.000000Z", "2026-01-32T00:00:00.000000Z", "2026-01-01T24:00:00.000000Z"])(
    "is no cursor with the time %s",
    async (time) => {
      const cursor = Buffer.from(`${time} 00000000-0000-4000-8000-000000000000`).toString("base64url");
      expect(await reader.call("sessions/list", { cursor })).toMatchObject({ status: 400 });
    },
  );
});

describe("the text of a policy", () => {
  it("with more problems than anybody would fix reports a hundred of them", async () => {
    const { problems } = await reader.get("policies/check", { text: `{"tags":[${"1,\n".repeat(4000)}]}` });
    expect(problems).toHaveLength(100);
    expect(problems.at(-1)).toMatchObject({ line: 100 });
  });

  it("is previewed however much of it loosens: the first hundred", async () => {
    const { isValid, changes, loosens } = await reader.get("policies/preview", {
      text: manyTags(3500).replaceAll('"absolute_lifetime_secs":', '"absolute_lifetime_secs":900'),
    });
    expect(isValid).toBe(true);
    expect(changes).toHaveLength(3500);
    expect(loosens).toHaveLength(100);
  });

  it("is kept whole, and a page of revisions does without the changes that are too long for it", async () => {
    await owner.logIn(owner.username, owner.password);
    await owner.confirm();
    const { revision } = await owner.get("policies/current", {});
    await owner.get("policies/save", { text: manyTags(3000), expectedRevision: revision });
    const { items } = await owner.get("policies/revisions", {});
    expect(items[0]).toMatchObject({ revision: revision + 1, changes: null });
    const detail = await owner.get("policies/revision", { revision: revision + 1 });
    expect(detail.changes).toHaveLength(3000);
    await owner.get("policies/rollback", { revision: 0, expectedRevision: revision + 1 });
    expect((await owner.get("policies/current", {})).overlay).toEqual([]);
  });
});

describe("exports", () => {
  it("are one at a time for a person, and free again when its reader is gone", async () => {
    const { sidecar } = dashboard;
    await sidecar.sql(
      `INSERT INTO byo.sessions (id, user_id, tags, created_at, expires_at, last_activity_at, salt, gen, cur_hash, since,
         user_agent)
       SELECT gen_random_uuid(), 'crowd', '{}', byo.now(), byo.now() + interval '1 day', byo.now(), 'salt', 1, 'hash',
         byo.now(), repeat('x', 500) FROM generate_series(1, 20000)`,
    );
    const dispatcher = new Agent();
    const options = { dispatcher, headers: { "sec-fetch-site": "same-origin", cookie: reader.cookie ?? "" } };
    const url = `${sidecar.dashboardUrl}${callUrl("sessions/export", { format: "json" })}`;
    const slow = await request(url, options);
    expect(slow.statusCode).toBe(200);
    expect(await reader.call("log/export", { format: "csv" })).toMatchObject({ status: 503, body: { type: "Busy" } });
    expect(await owner.call("log/export", { format: "csv" })).toMatchObject({ status: 200 });
    slow.body.on("error", () => {});
    slow.body.destroy();
    await dispatcher.destroy();
    await expect.poll(async () => (await reader.call("log/export", { format: "csv" })).status).toBe(200);
    // A HEAD has no reader either.
    await request(url, { method: "HEAD", headers: options.headers });
    await expect.poll(async () => (await reader.call("log/export", { format: "json" })).status).toBe(200);
  });
});

describe("a chart", () => {
  it("of two hours long ago knows how many sessions were active then, by what happened since", async () => {
    const day = 86_400;
    const then = Math.floor(Date.now() / 1000 / day) * day - 300 * day;
    const counted = [
      [then + 600, "created", 5],
      [then + 1800, "ended:LoggedOut", 1],
      [then + 100 * day, "ended:Expired", 2],
      [then + 200 * day, "created", 7],
    ];
    for (const row of counted) {
      await dashboard.sidecar.sql(
        "INSERT INTO byo.counters (bucket, name, count) VALUES (to_timestamp($1), $2, $3)",
        row,
      );
    }
    await dashboard.owner.logIn(owner.username, owner.password);
    const series = await owner.get("overview/series", { from: then, to: then + 7200 });
    const last = series.active.at(-1) ?? Number.NaN;
    const at = (secs: number) => series.buckets.indexOf(then + secs);
    expect(series.logins[at(600)]).toBe(5);
    expect(last).toBe(Math.max(0, series.activeNow - 7 + 2));
    expect(series.active[at(600)]).toBe(last + 1);
    expect(series.active[at(300)]).toBe(Math.max(0, last + 1 - 5));
  });
});
