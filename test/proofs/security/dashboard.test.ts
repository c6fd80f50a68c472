import { request } from "undici";
import { beforeAll, expect, it } from "vitest";
import {
  createDashboardClient,
  startDashboard,
  type TestDashboard,
} from "../../behaviour/dashboard/api/dashboard-client.ts";

let dashboard: TestDashboard;

beforeAll(async () => {
  dashboard = await startDashboard({ env: { DASHBOARD_PORT: "0" } });
});

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
  "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

async function raw(
  path: string,
  options: { method?: "GET" | "POST" | "DELETE"; headers?: Record<string, string>; body?: string } = {},
) {
  const answer = await request(`${dashboard.sidecar.dashboardUrl}${path}`, options);
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
}

it.each<[string, Parameters<typeof raw>, number]>([
  ["the page", ["/", { headers: { accept: "text/html" } }], 200],
  ["an address of the page", ["/sessions/1", { headers: { accept: "text/html" } }], 200],
  ["an answer", ["/dashboard-api/access/state", { headers: { "sec-fetch-site": "same-origin" } }], 200],
  [
    "a request without a login",
    ["/dashboard-api/sessions/list", { headers: { "sec-fetch-site": "same-origin" } }],
    401,
  ],
  ["a request of another site", ["/dashboard-api/access/state", { headers: { "sec-fetch-site": "cross-site" } }], 403],
  ["a file that is not there", ["/assets/nothing.js"], 404],
  ["a call that is not there", ["/dashboard-api/nothing"], 404],
  ["another method", ["/dashboard-api/access/login", { method: "DELETE" }], 404],
  ["an invalid path", ["/%c0%af"], 400],
  ["another name", ["/", { headers: { host: "evil.test" } }], 421],
  [
    "a body that is no JSON",
    [
      "/dashboard-api/access/login",
      { method: "POST", body: "{", headers: { "sec-fetch-site": "same-origin", "content-type": "application/json" } },
    ],
    400,
  ],
])(
  "45: no answer can be framed, sniffed or run a script that stands in it: %s",
  async (_name, [path, options], status) => {
    const answer = await raw(path, options);
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({
      "content-security-policy": POLICY,
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
    });
    expect(answer.headers["access-control-allow-origin"]).toBe(undefined);
  },
);

it("45: an answer of the database that fails has the same headers, and says nothing of it", async () => {
  const { sidecar, owner } = dashboard;
  await sidecar.sql("ALTER TABLE byo.policy_revisions RENAME TO elsewhere");
  try {
    const answer = await owner.call("policies/revisions");
    expect(answer).toMatchObject({ status: 500, body: { type: "Unexpected" } });
    expect(answer.headers["content-security-policy"]).toBe(POLICY);
    expect(answer.text).not.toContain("policy_revisions");
  } finally {
    await sidecar.sql("ALTER TABLE byo.elsewhere RENAME TO policy_revisions");
  }
});

it("45: the page holds no script and no style of its own, and loads from nowhere else", async () => {
  const { text } = await raw("/", { headers: { accept: "text/html" } });
  expect(text).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\son\w+=|\sstyle=|(?:src|href)="(?:https?:)?\/\//i);
});

it("45: markup in a user id, user agent or metadata arrives as text in JSON, never as a document", async () => {
  const { sidecar, owner } = dashboard;
  const evil = '<img src=x onerror="alert(1)">';
  const { sessionId } = await sidecar.run("CreateSession", { userId: evil, userAgent: evil, metadata: { evil } });
  for (const answer of [
    await owner.call("sessions/detail", { sessionId }),
    await owner.call("sessions/list", { userId: evil }),
    await owner.call("sessions/timeline", { sessionId }),
    await owner.call("sessions/list", { [evil]: "x" }),
  ]) {
    expect(answer.headers["content-type"]).toBe("application/json; charset=utf-8");
  }
  expect((await owner.get("sessions/detail", { sessionId })).metadata).toEqual({ evil });
});

it("46: a login is slowed down for an account and for an address, and never shut out for longer than a minute", async () => {
  const { sidecar } = dashboard;
  const person = await dashboard.person("ReadOnly");
  const statuses: number[] = [];
  let waitSecs = 0;
  for (let tries = 0; tries < 12; tries++) {
    const answer = await createDashboardClient(sidecar.dashboardUrl).logIn(person.username, "wrong");
    statuses.push(answer.status);
    waitSecs = Math.max(waitSecs, Number(answer.headers["retry-after"] ?? 0));
  }
  expect(statuses.slice(0, 3)).toEqual([401, 401, 401]);
  expect(statuses.slice(3).every((status) => status === 429)).toBe(true);
  expect([waitSecs > 0, waitSecs <= 60]).toEqual([true, true]);
  const rows = await sidecar.sql(
    "SELECT count(*)::int AS rows FROM byo.audit_events WHERE event = 'DashboardLoginRefused'",
  );
  expect(Number(rows[0]?.rows)).toBeLessThan(5);
});

it("46: the answer to a wrong login is the same for a person and for nobody", async () => {
  const { sidecar } = dashboard;
  const fresh = await startDashboard();
  const person = await fresh.person("ReadOnly");
  const answers = [];
  for (const username of [person.username, "nobody"]) {
    const { status, text, headers } = await createDashboardClient(fresh.sidecar.dashboardUrl).logIn(username, "wrong");
    const { date: _date, "x-request-id": _id, ...others } = headers;
    answers.push({ status, text, others });
  }
  expect(answers[1]).toEqual(answers[0]);
  expect(sidecar.logText()).not.toContain("nobody");
});

it("46: the dashboard's own login rotates, and ends by itself", async () => {
  const fresh = await startDashboard();
  const { owner, sidecar } = fresh;
  const before = owner.cookie;
  await sidecar.advance(16 * 60);
  expect((await owner.call("sessions/list")).status).toBe(200);
  expect(owner.cookie).not.toBe(before);
  const line = (await owner.logIn(owner.username, owner.password)).headers["set-cookie"];
  expect(line).toMatch(
    /^__Host-byo_dashboard=byo_dash_[\w-]{22}\.[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
  );
  await sidecar.advance(1801);
  expect((await owner.call("sessions/list")).status).toBe(401);
});

it("43: nothing of the dashboard can be made from another site, not even to log in or out", async () => {
  const { owner } = dashboard;
  for (const site of ["cross-site", "same-site", "none", undefined]) {
    for (const name of ["access/login", "access/logout", "sessions/end-many", "policies/save"] as const) {
      const headers = { "sec-fetch-site": site, origin: "https://evil.test" };
      const answer = await owner.call(name, { username: owner.username, password: owner.password }, headers);
      expect([site, name, answer.status, answer.body.type]).toEqual([site, name, 403, "CrossSite"]);
      expect(answer.headers["set-cookie"]).toBe(undefined);
    }
  }
});

it("51: searches for adversarial text are answered at once", async () => {
  const { owner, sidecar } = dashboard;
  const long = "a".repeat(1000);
  const start = performance.now();
  await owner.call("sessions/list", { userId: `${long}'--`, ip: "1".repeat(60) });
  await owner.call("sessions/list", { userId: "%".repeat(1000), browser: "(a+)+$" });
  const login = await createDashboardClient(sidecar.dashboardUrl).call(
    "access/state",
    {},
    { cookie: "__Host-byo_dashboard=;".repeat(400), "user-agent": "a ".repeat(2000) },
  );
  expect(login.status).toBe(200);
  expect(performance.now() - start).toBeLessThan(2000);
});

it("61: nothing of the dashboard writes to what happened: no call names it, and no row of before has changed", async () => {
  const { owner, sidecar } = dashboard;
  const digest = async () => {
    const [row] = await sidecar.sql(
      "SELECT max(id)::int AS last, md5(string_agg(e::text, ',' ORDER BY id)) AS digest FROM byo.audit_events e WHERE id <= $1",
      [last],
    );
    return row;
  };
  const [{ last = 0 } = {}] = await sidecar.sql<{ last: number }>(
    "SELECT max(id)::int AS last FROM byo.audit_events WHERE collapse_key IS NULL",
  );
  const before = await digest();
  for (const call of ["log/list", "log/export", "sessions/timeline", "sessions/export"] as const) {
    await owner.call(call, { format: "json", userId: "x", id: String(last), event: "Edited", actor: "me" });
  }
  for (const method of ["POST", "DELETE"] as const) {
    expect(
      (await raw("/dashboard-api/log/list", { method, headers: { "sec-fetch-site": "same-origin" } })).status,
    ).toBe(404);
  }
  expect(await digest()).toEqual(before);
});
