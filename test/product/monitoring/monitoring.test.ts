import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { describeMetrics } from "../docs/metrics-table.ts";

interface Rule {
  alert: string;
  expr: string;
  annotations: { summary: string; runbook: string };
}

interface Panel {
  title: string;
  type: string;
  description?: string;
  targets?: { expr: string }[];
}

const read = (file: string) => readFile(file, "utf8");
const alerts: { groups: { rules: Rule[] }[] } = parse(await read("sidecar/monitoring/alerts.yaml"));
const rules = alerts.groups.flatMap((group) => group.rules);
const dashboard: { panels: Panel[] } = JSON.parse(await read("sidecar/monitoring/grafana.json"));
const panels = dashboard.panels.filter(({ type }) => type !== "row");
const known = new Set((await describeMetrics()).map(({ name }) => name));

/** The metrics of our own in an expression; a histogram has its own suffixes. */
function metricsIn(expr: string): string[] {
  return [...expr.matchAll(/\bbyo_\w+/g)].map(([name]) => name.replace(/_(bucket|count|sum)$/, ""));
}

describe.each(rules)("the alert $alert", ({ alert, expr, annotations }) => {
  it("looks at metrics that exist", () => {
    for (const name of metricsIn(expr)) expect(known).toContain(name);
  });

  it("has its section in the runbook, and a test", async () => {
    const [file = "", anchor] = annotations.runbook.split("#");
    expect(anchor).toBe(alert.toLowerCase());
    expect(await read(file)).toMatch(new RegExp(`^### ${alert}\\n\\n\\w`, "m"));
    expect(await read("sidecar/monitoring/alert-tests.yaml")).toContain(`alertname: ${alert},`);
  });
});

it("the runbook has no section without an alert", async () => {
  const sections = [...(await read("docs/observability.md")).matchAll(/^### (Byo\w+)$/gm)].map(([, name]) => name);
  expect(sections).toEqual(rules.map(({ alert }) => alert));
});

it.each(panels)("the panel $title looks at metrics that exist, and says what it shows", ({ description, targets }) => {
  expect(description).toBeTruthy();
  const names = targets?.flatMap(({ expr }) => metricsIn(expr)) ?? [];
  for (const name of names) expect(known).toContain(name);
});

it("dashboard and alerts together look at every metric that says that something is wrong", () => {
  const used = new Set(
    [...rules.map(({ expr }) => expr), ...panels.flatMap((p) => p.targets ?? []).map((t) => t.expr)].flatMap(metricsIn),
  );
  const telling = [...known].filter((name) => /(_age_|_up$|_failures_|_refusals_|_stale$|_waiting$|_busy_)/.test(name));
  for (const name of telling) expect(used).toContain(name);
});
