import { beforeAll, expect, it } from "vitest";
import { callUrl } from "../../sidecar/src/dashboard/contract/query.ts";
import type { SessionFilter } from "../../sidecar/src/dashboard/contract/sessions.ts";
import { type DashboardClient, startDashboard } from "../dashboard/api/dashboard-client.ts";
import { insertSessions } from "../dashboard/api/many-sessions.ts";

const SESSIONS = 1_000_000;
const LIMIT_MS = 300;

let owner: DashboardClient;
let now: number;

beforeAll(async () => {
  const dashboard = await startDashboard();
  owner = dashboard.owner;
  await insertSessions(dashboard.sidecar, SESSIONS);
  now = Math.floor(Date.now() / 1000);
}, 600_000);

const day = 86_400;
const FILTERS: (() => SessionFilter)[] = [
  () => ({}),
  () => ({ state: "active" }),
  () => ({ state: "ended" }),
  () => ({ userId: "user-77" }),
  () => ({ userId: "nobody" }),
  () => ({ ip: "10.7.7.7" }),
  () => ({ ip: "10.7.7.0/24" }),
  () => ({ ip: "10.0.0.0/8" }),
  () => ({ ip: "192.0.2.0/24" }),
  () => ({ ip: "172.16.0.0/16" }),
  () => ({ tag: ["org:5"] }),
  () => ({ tag: ["type:common"] }),
  () => ({ tag: ["type:rare"] }),
  () => ({ tag: ["org:5", "type:rare"] }),
  () => ({ tag: ["org:none"] }),
  () => ({ browser: "Chrome" }),
  () => ({ browser: "Opera" }),
  () => ({ browser: "Lynx" }),
  () => ({ os: "Chrome OS", deviceType: "Desktop" }),
  () => ({ deviceType: "Tablet" }),
  () => ({ bound: true }),
  () => ({ endReason: "LoggedOut" }),
  () => ({ endReason: "TokenReused" }),
  () => ({ endReason: "UserAgentChanged", browser: "Firefox" }),
  () => ({ createdFrom: now - 30 * day, createdTo: now - 29 * day }),
  () => ({ endedFrom: now - 2 * day, endedTo: now - day }),
  () => ({ activeAt: now - 20 * day }),
  () => ({ browser: "Firefox", tag: ["org:5"], state: "active", ip: "10.0.0.0/9" }),
  () => ({ userId: "user-77", browser: "Chrome", ip: "10.0.0.0/8", createdFrom: now - 60 * day, state: "all" }),
];

it.each(FILTERS.map((filter) => [filter.toString().slice(6), filter] as const))(
  `shows the first page of ${SESSIONS} sessions in ${LIMIT_MS} ms: %s`,
  async (_name, filter) => {
    const timesMs: number[] = [];
    for (let run = 0; run < 3; run++) {
      const start = performance.now();
      const page = await owner.get("sessions/list", filter());
      timesMs.push(performance.now() - start);
      const { next } = page;
      if (next !== null) await owner.get("sessions/list", { ...filter(), cursor: next });
    }
    console.log(callUrl("sessions/list", filter()).slice(28), timesMs.map(Math.round).join(" "), "ms");
    // The first run may read from disk what a busy server has in memory.
    expect(Math.min(...timesMs)).toBeLessThan(LIMIT_MS);
  },
);

it("counts and draws a million sessions", async () => {
  for (const call of ["sessions/count", "overview/top-tags", "overview/series"] as const) {
    const start = performance.now();
    const input = call === "overview/series" ? { from: now - 30 * day, to: now } : {};
    expect((await owner.call(call, input)).status).toBe(200);
    expect(performance.now() - start).toBeLessThan(2_000);
  }
});
