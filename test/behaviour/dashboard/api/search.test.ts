import { beforeAll, expect, it } from "vitest";
import { TEST_INTEGRATION_KEY } from "../../../harness/sidecar-environment.ts";
import { type Login, logIn } from "../../sidecar/login.ts";
import { type DashboardClient, startDashboard, type TestDashboard } from "./dashboard-client.ts";

const THUMBPRINT = "Zk3mQ0b9_7v5xYc1wT8aPq2RsD4uFgHjKlNoMeIiUy0";

let dashboard: TestDashboard;
let ada: Login;
beforeAll(async () => {
  dashboard = await startDashboard({ config: { tags: [{ tag: "plan:unused" }] } });
  const { sidecar } = dashboard;
  for (const userId of ["Ada", "ada", "ada.lovelace", "grace", "100%", "x".repeat(1000)]) {
    const login = await logIn(sidecar, { userId, tags: ["org:acme"] });
    if (userId === "ada") ada = login;
  }
  await sidecar.sql("UPDATE byo.sessions SET device_thumbprint = $1 WHERE user_id = 'grace'", [THUMBPRINT]);
});

const find = async (text: string, by: DashboardClient = dashboard.owner) =>
  (await by.get("search/find", { text })).hits.map(({ kind, text, isExact }) => [kind, text, isExact]);

it("finds users by the beginning of their id, in any case, the exact one first", async () => {
  expect(await find("ada")).toEqual([
    ["user", "ada", true],
    ["user", "Ada", false],
    ["user", "ada.lovelace", false],
  ]);
  expect(await find("ADA.L")).toEqual([["user", "ada.lovelace", false]]);
  expect(await find("  Grace ")).toEqual([["user", "grace", false]]);
  // No pattern, and longer than an entry of the index.
  expect(await find("10%")).toEqual([]);
  expect(await find("100%")).toEqual([["user", "100%", true]]);
  expect(await find("X".repeat(900))).toEqual([["user", "x".repeat(1000), false]]);
  expect(await find(`${"x".repeat(900)}y`)).toEqual([]);
});

it("finds a session by its id or the beginning of it", async () => {
  const { sessionId } = ada;
  expect(await find(sessionId)).toEqual([["session", sessionId, true]]);
  expect(await find(sessionId.toUpperCase())).toEqual([["session", sessionId, true]]);
  expect(await find(sessionId.slice(0, 20))).toEqual([["session", sessionId, false]]);
  expect(await find(crypto.randomUUID())).toEqual([]);
});

it("finds addresses, networks, tags and device keys", async () => {
  expect(await find("203.0.113.7")).toEqual([["address", "203.0.113.7", true]]);
  expect(await find("2001:db8::/32")).toEqual([["address", "2001:db8::/32", true]]);
  expect(await find("ACME")).toEqual([["tag", "org:acme", false]]);
  expect(await find("org:acme")).toEqual([["tag", "org:acme", true]]);
  expect(await find("plan:un")).toEqual([["tag", "plan:unused", false]]);
  expect(await find(THUMBPRINT)).toEqual([["device", THUMBPRINT, true]]);
  expect(await find(THUMBPRINT.slice(0, 8))).toEqual([["device", THUMBPRINT, false]]);
  const { items } = await dashboard.owner.get("sessions/list", { deviceKey: THUMBPRINT });
  expect(items.map(({ userId }) => userId)).toEqual(["grace"]);
});

it("finds the name of a key for those who may see keys, and never the key", async () => {
  const reader = await dashboard.person("ReadOnly");
  const [key] = (await dashboard.owner.get("settings/integration-keys", {})).items;
  const name = key?.name ?? "";
  expect(await find(name)).toContainEqual(["key", name, true]);
  expect(await find(name, reader)).toEqual([]);
  expect(await find(TEST_INTEGRATION_KEY)).toEqual([]);
});
