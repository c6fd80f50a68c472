import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse } from "yaml";
import { createConfigFolder } from "../../../behaviour/sidecar/config-folder.ts";
import { logIn, validate } from "../../../behaviour/sidecar/login.ts";
import { type Prometheus, startPrometheus } from "../../../harness/prometheus.ts";
import { createProxiedDatabase } from "../../../harness/proxied-database.ts";
import { type ResultRow, resultTable, writeResults } from "../../../harness/result-table.ts";
import { type SpawnedSidecar, spawnTestSidecar } from "../../../harness/spawned-sidecar.ts";
import type { TcpProxy } from "../../../harness/tcp-proxy.ts";
import { FAULTS, type Faulty } from "./faults.ts";

const RULES = "sidecar/monitoring/alerts.yaml";
/** Two versions cannot run in this test, and two days cannot pass; promtool tests these alerts. */
const WITHOUT_FAULT = ["ByoVersionsDiffer", "ByoWebhooksGivenUp"];
const QUIET_SECS = 15;
const FIRES = { timeout: 120_000, interval: 500 };

const rows: ResultRow[] = [];
let sidecar: SpawnedSidecar;
let proxy: TcpProxy;
let prometheus: Prometheus;
let writeConfig: Faulty["writeConfig"];

beforeAll(async () => {
  const { database, ...proxied } = await createProxiedDatabase();
  proxy = proxied.proxy;
  const folder = await createConfigFolder({
    "session_config.jsonc": {},
    "system_config.jsonc": { job_run_intervals: { session_garbage_collection: 1 } },
  });
  const env = { ...folder.env, ...proxied.env, SESSION_CACHE: "on" };
  sidecar = await spawnTestSidecar({ database, env });
  writeConfig = (content) => folder.write("session_config.jsonc", content);
  prometheus = await startPrometheus(sidecar.url, RULES);
});

afterAll(async () => {
  const title = "Alerts, fired by real faults";
  const about =
    "A Prometheus scrapes a sidecar every second, with the alert rules of the package sped up sixtyfold: a minute in a rule is " +
    "a second. Before the first fault no alert fired. The last column says when, after the end of a fault, none fired any more.";
  await writeResults("alerts", title, [about, resultTable(rows)]);
});

it("no alert fires while all is well", { timeout: 60_000 }, async () => {
  const { token } = await logIn(sidecar);
  for (let i = 0; i < QUIET_SECS * 10; i++) {
    await validate(sidecar, token);
    await sleep(100);
  }
  expect(await prometheus.firing()).toEqual([]);
});

it.each(FAULTS)("$name", { timeout: 400_000 }, async ({ name, alerts, cause, end, isFinal }) => {
  const faulty = { sidecar, proxy, writeConfig };
  const ending = new AbortController();
  const startMs = performance.now();
  const secs = (sinceMs: number) => Math.round((performance.now() - sinceMs) / 1000);
  const causing = cause(faulty, ending.signal);
  const fired: [alert: string, afterSecs: number][] = [];
  try {
    await Promise.all(
      alerts.map(async (alert) => {
        await expect.poll(() => prometheus.firing(), FIRES).toContain(alert);
        fired.push([alert, secs(startMs)]);
      }),
    );
  } finally {
    ending.abort();
    await causing;
    await end?.(faulty);
  }
  const endedMs = performance.now();
  if (!isFinal) await expect.poll(() => prometheus.firing(), FIRES).toEqual([]);
  const quiet = isFinal ? "" : secs(endedMs);
  for (const [alert, after] of fired)
    rows.push({ fault: name, alert, "fires after (s)": after, "all quiet (s)": quiet });
});

it("every alert has its fault", async () => {
  const { groups }: { groups: { rules: { alert: string }[] }[] } = parse(await readFile(RULES, "utf8"));
  const all = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
  expect([...FAULTS.flatMap(({ alerts }) => alerts), ...WITHOUT_FAULT].sort()).toEqual(all.sort());
});
