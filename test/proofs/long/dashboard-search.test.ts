import { afterAll, beforeAll, expect, it } from "vitest";
import type { CallName } from "../../../sidecar/src/dashboard/calls.ts";
import { EXPORT_MAX_ROWS } from "../../../sidecar/src/dashboard/contract/sessions.ts";
import type { SessionFilter } from "../../../sidecar/src/dashboard/sessions/filter-input.ts";
import { type DashboardClient, startDashboard } from "../../behaviour/dashboard/api/dashboard-client.ts";
import { insertEvents } from "../../behaviour/dashboard/api/many-events.ts";
import { insertSessions } from "../../behaviour/dashboard/api/many-sessions.ts";
import { type ResultRow, resultTable, writeResults } from "../../harness/result-table.ts";

const SESSIONS = 1_000_000;
const LIMIT_MS = 300;
const RUNS = 5;
const DAY_SECS = 86_400;
const now = Math.floor(Date.now() / 1000);
const daysAgo = (days: number) => now - days * DAY_SECS;

const FILTERS: readonly [name: string, filter: SessionFilter][] = [
  ["none", {}],
  ["active", { state: "active" }],
  ["ended", { state: "ended" }],
  ["user", { userId: "user-77" }],
  ["unknown user", { userId: "nobody" }],
  ["address", { ip: "10.247.142.90" }],
  ["unknown address", { ip: "10.7.7.7" }],
  ["/24", { ip: "10.247.142.0/24" }],
  ["network of nearly all", { ip: "10.0.0.0/8" }],
  ["network of none", { ip: "192.0.2.0/24" }],
  ["network of last uses", { ip: "172.16.0.0/16" }],
  ["address of events alone", { ip: "172.30.5.1" }],
  ["/24 of events alone", { ip: "172.30.5.0/24" }],
  ["network of 20,000 events", { ip: "172.30.0.0/16" }],
  ["address with 100,000 events", { ip: "198.18.0.99" }],
  ["browser of 400 events", { browser: "Lynx" }],
  ["browser of 16,000 events", { browser: "Vivaldi" }],
  ["address, browser of events", { ip: "172.30.0.0/16", browser: "Vivaldi" }],
  ["browser without such a system", { browser: "Lynx", os: "Windows" }],
  ["refused from a network", { event: "refused", ip: "172.30.0.0/16", eventFrom: daysAgo(30), eventTo: now }],
  ["new device in a month", { event: "newDevice", eventFrom: daysAgo(30), eventTo: now }],
  ["refused today", { event: "refused" }],
  ["tag", { tag: ["org:5"] }],
  ["tag of half", { tag: ["type:common"] }],
  ["tag of 50", { tag: ["type:rare"] }],
  ["ended with a tag", { state: "ended", tag: ["type:rare"] }],
  ["ended of a user", { state: "ended", userId: "user-77" }],
  ["two tags", { tag: ["org:5", "type:rare"] }],
  ["unknown tag", { tag: ["org:none"] }],
  ["browser", { browser: "Chrome" }],
  ["rare browser", { browser: "Opera" }],
  ["unknown browser", { browser: "Mosaic" }],
  ["rare system, kind", { os: "Chrome OS", deviceType: "Desktop" }],
  ["kind of device", { deviceType: "Tablet" }],
  ["unknown kind", { deviceType: "Unknown" }],
  ["bound to a device", { bound: true }],
  ["device key", { deviceKey: "thumbprint" }],
  ["unknown device key", { deviceKey: "none" }],
  ["suspicious", { flag: "any" }],
  ["shared and active", { flag: "shared", state: "active" }],
  ["wrong proof", { flag: "wrongProof" }],
  ["shared today", { event: "shared" }],
  ["reason", { endReason: "LoggedOut" }],
  ["rare reason", { endReason: "TokenReused" }],
  ["reason, browser", { endReason: "UserAgentChanged", browser: "Firefox" }],
  ["reason of active ones", { state: "active", endReason: "LoggedOut" }],
  ["login on one day", { createdFrom: daysAgo(20), createdTo: daysAgo(19) }],
  ["ended on one day", { endedFrom: daysAgo(4), endedTo: daysAgo(3) }],
  ["lived at a time", { activeAt: daysAgo(20) }],
  ["browser, tag, active, network", { browser: "Firefox", tag: ["org:5"], state: "active", ip: "10.0.0.0/9" }],
  [
    "user, browser, network, time",
    { userId: "user-77", browser: "Chrome", ip: "10.0.0.0/8", createdFrom: daysAgo(28) },
  ],
];

const rows: ResultRow[] = [];
let owner: DashboardClient;

beforeAll(async () => {
  // With one short timeout any living session could have lapsed.
  const dashboard = await startDashboard({ config: { tags: [{ tag: "type:short", inactivity_timeout_secs: 600 }] } });
  owner = dashboard.owner;
  await insertSessions(dashboard.sidecar, SESSIONS);
  await insertEvents(dashboard.sidecar);
}, 1_800_000);

async function timed<T>(work: () => Promise<T>): Promise<[answer: T, ms: number]> {
  const start = performance.now();
  const answer = await work();
  return [answer, performance.now() - start];
}

it.each(FILTERS)(`shows the first page of ${SESSIONS} sessions within ${LIMIT_MS} ms: %s`, async (name, filter) => {
  const firstPages: number[] = [];
  const secondPages: number[] = [];
  let found = 0;
  for (let run = 0; run < RUNS; run++) {
    const [{ items, next }, ms] = await timed(() => owner.get("sessions/list", filter));
    found = items.length;
    firstPages.push(ms);
    if (next !== null)
      secondPages.push((await timed(() => owner.get("sessions/list", { ...filter, cursor: next })))[1]);
  }
  // The first run may read from disk what a busy server has in memory.
  const [cold = 0, ...warm] = firstPages;
  rows.push({
    "filtered by": name,
    rows: found,
    "first run ms": Math.round(cold),
    "slowest later ms": Math.round(Math.max(...warm)),
    "next page ms": secondPages.length === 0 ? "" : Math.round(Math.max(...secondPages.slice(1))),
  });
  expect(Math.min(...firstPages)).toBeLessThan(LIMIT_MS);
});

const CALLS: readonly [call: CallName, input: () => object | Promise<object>][] = [
  ["sessions/count", () => ({})],
  ["sessions/count", () => ({ state: "ended" })],
  ["sessions/count", () => ({ ip: "172.30.0.0/16" })],
  ["sessions/count", () => ({ ip: "172.30.0.0/16", state: "ended" })],
  ["sessions/count", () => ({ browser: "Vivaldi" })],
  ["sessions/count", () => ({ event: "refused", eventFrom: daysAgo(30), eventTo: now })],
  ["sessions/detail", async () => ({ sessionId: await oneSession() })],
  ["sessions/timeline", async () => ({ sessionId: await oneSession() })],
  ["sessions/timeline", () => ({ userId: "user-77" })],
  ["sessions/timeline", () => hammered()],
  ["app-users/lanes", async () => ({ ...(await hammered()), from: daysAgo(30), to: now })],
  ["app-users/lanes", () => ({ userId: "user-77", from: daysAgo(90), to: now })],
  ["app-users/limits", () => ({ userId: "user-77" })],
  ["devices/of-user", async () => ({ userId: await userOfDevice() })],
  ["devices/users", () => ({ thumbprint: "thumbprint" })],
  ["log/list", () => ({})],
  ["log/list", () => ({ actor: "person-7" })],
  ["log/list", () => ({ actor: "nobody" })],
  ["search/find", () => ({ text: "USER-7" })],
  ["search/find", () => ({ text: "user-77" })],
  ["search/find", () => ({ text: "nobody" })],
  ["search/find", () => ({ text: "ab12cd34" })],
  ["search/find", () => ({ text: "type:common" })],
  ["search/find", () => ({ text: "thumbprint" })],
  ["incidents/attention", () => ({})],
  ["incidents/sessions", () => ({ ip: "198.18.0.99" })],
  ["incidents/sessions", () => ({ ip: "172.30.0.0/16" })],
  ["incidents/sessions", () => ({ flag: "shared" })],
  ["incidents/sessions", () => ({ browser: "Vivaldi" })],
  ["overview/top-tags", () => ({})],
  ["overview/series", () => ({ from: daysAgo(30), to: now })],
  ["overview/health", () => ({})],
];

async function oneSession(): Promise<string | undefined> {
  return (await owner.get("sessions/list", { ip: "198.18.0.99" })).items[0]?.sessionId;
}

/** The user with the most events: a hundred thousand at one address, over ten such users. */
async function hammered(): Promise<{ userId: string | undefined }> {
  return { userId: (await owner.get("sessions/list", { ip: "198.18.0.99" })).items[0]?.userId };
}

async function userOfDevice(): Promise<string | undefined> {
  return (await owner.get("sessions/list", { bound: true })).items[0]?.userId;
}

it.each(CALLS)(`answers what else a page asks for within ${LIMIT_MS} ms: %s`, async (call, inputOf) => {
  const input = await inputOf();
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const [{ status }, ms] = await timed(() => owner.call(call, input));
    expect(status).toBe(200);
    times.push(ms);
  }
  const [cold = 0, ...warm] = times;
  rows.push({
    "filtered by": `${call} ${Object.values(input).join(", ")}`.trim(),
    rows: "",
    "first run ms": Math.round(cold),
    "slowest later ms": Math.round(Math.max(...warm)),
    "next page ms": "",
  });
  expect(Math.min(...times)).toBeLessThan(LIMIT_MS);
});

it("exports as many as there may be, and says that there are more", async () => {
  const { status, text } = await owner.call("sessions/export", { format: "csv" });
  const lines = text.trimEnd().split("\n");
  expect([status, lines.length]).toEqual([200, 1 + EXPORT_MAX_ROWS + 1]);
  expect(lines.at(-1)).toMatch(/^"There are more rows than the 100000/);
}, 120_000);

afterAll(async () => {
  const later = (row: ResultRow) => Number(row["slowest later ms"]);
  const [slowest] = rows.toSorted((a, b) => later(b) - later(a));
  await writeResults("dashboard-search", "The dashboard's search on a million sessions and five million events", [
    `The first page (50 rows) of each filter, over HTTP, asked ${RUNS} times one after the other on a million sessions of a ` +
      `busy month, 300,000 of them active, and five million events. Every one has to be there within ${LIMIT_MS} ms. The ` +
      "last lines are what the pages ask for besides the list. PostgreSQL 18 has 64 MB of shared buffers.",
    slowest ? `The slowest, once its data was in memory: ${slowest["filtered by"]}, ${later(slowest)} ms.` : "",
    resultTable(rows),
  ]);
});
