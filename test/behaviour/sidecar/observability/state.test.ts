import { readFile } from "node:fs/promises";
import { beforeAll, expect, inject, it } from "vitest";
import { startTestSidecar, type TestSidecar } from "../../../harness/test-sidecar.ts";
import { readDescriptions } from "../../../product/docs/metrics-table.ts";
import { createConfigFolder } from "../config-folder.ts";
import { logIn } from "../login.ts";

const embedded = inject("database").kind === "embedded";
let sidecar: TestSidecar;

beforeAll(async () => {
  sidecar = await startTestSidecar({ env: { SESSION_CACHE: "on" } });
});

const value = async (series: string) => (await sidecar.metrics()).get(series);

it("the table in docs/observability.md has each metric of a real sidecar, and no other", async () => {
  const document = await readFile("docs/observability.md", "utf8");
  const inDocument = [...document.matchAll(/^\| `(byo_\w+)` \|/gm)].map(([, name]) => name);
  const { text } = await sidecar.get("/metrics");
  const scraped = readDescriptions(text).map(({ name }) => name);
  // The embedded database has no pool.
  const ofPool = /^byo_database_(connections|waiting|abandoned)/;
  expect(scraped).toEqual(embedded ? inDocument.filter((name = "") => !ofPool.test(name)) : inDocument);
});

it("process metrics have their usual names", async () => {
  const { text } = await sidecar.get("/metrics");
  for (const name of ["process_cpu_seconds_total", "process_resident_memory_bytes", "nodejs_eventloop_lag_p99_seconds"])
    expect(text).toMatch(new RegExp(`^${name} [\\d.e-]+$`, "m"));
});

it("says what runs, and that its database answers", async () => {
  const kind = embedded ? "embedded" : "postgres";
  expect((await sidecar.get("/metrics")).text).toMatch(
    new RegExp(`^byo_build_info\\{version="\\d+\\.\\d+\\.\\d+",database="${kind}"\\} 1$`, "m"),
  );
  expect(await value("byo_database_up")).toBe(1);
});

it.skipIf(embedded)("says how the pool is used (the embedded database has none)", async () => {
  const metrics = await sidecar.metrics();
  expect(metrics.get("byo_database_connections")).toBeGreaterThan(0);
  expect(metrics.get("byo_database_connections_idle")).toBeGreaterThan(0);
  expect(metrics.get("byo_database_waiting")).toBe(0);
});

it("counts the living sessions", async () => {
  const other = await startTestSidecar();
  for (let i = 0; i < 3; i++) await logIn(other);
  expect((await other.metrics()).get("byo_sessions_active")).toBe(3);
});

it("says how old the newest news of changed sessions are", async () => {
  await expect.poll(() => value("byo_session_notifications_heard")).toBe(1);
  expect(await value("byo_session_notifications_age_seconds")).toBeLessThan(1);
  const without = await startTestSidecar({ env: { SESSION_CACHE: "off" } });
  expect((await without.metrics()).get("byo_session_notifications_age_seconds")).toBeNaN();
});

it("says how long ago the last collection succeeded, and how many failed", async () => {
  const { env } = await createConfigFolder({
    "system_config.jsonc": { job_run_intervals: { session_garbage_collection: 1 } },
  });
  const collecting = await startTestSidecar({ env });
  const of = async (metric: string) =>
    (await collecting.metrics()).get(`byo_collection_${metric}{step="delete_upgrade_tickets"}`) ?? Number.NaN;
  await expect.poll(() => of("age_seconds")).toBeLessThan(3);
  expect(await of("failures_total")).toBe(0);
  await collecting.sql("ALTER TABLE byo.upgrade_tickets RENAME TO no_tickets");
  await expect.poll(() => of("failures_total")).toBeGreaterThan(0);
  await expect.poll(() => of("age_seconds")).toBeGreaterThan(2);
});

it("shows a refused change of the settings until it is repaired", async () => {
  const stale = () => value('byo_settings_stale{settings="configuration"}');
  expect(await stale()).toBe(0);
  await sidecar.writeConfig("{ broken");
  await expect.poll(stale).toBe(1);
  expect(await value('byo_settings_refused_total{settings="configuration"}')).toBe(1);
  await sidecar.writeConfig({ max_sessions: 7 }, "system_config.jsonc");
  await expect.poll(() => value('byo_settings_refused_total{settings="configuration"}')).toBe(2);
  expect(await stale()).toBe(1);
  await sidecar.writeConfig({});
  await sidecar.writeConfig({}, "system_config.jsonc");
  await expect.poll(stale).toBe(0);
});
