import { createMetrics } from "../../../sidecar/src/engine/metrics/metrics.ts";

/** The document with the table of the sidecar's own metrics, as a scrape describes them. */
export async function withMetrics(text: string): Promise<string> {
  const rows = (await describeMetrics()).map(({ name, type, help }) => `| \`${name}\` | ${type} | ${help} |`);
  const table = ["| metric | type | what it says |", "| --- | --- | --- |", ...rows].join("\n");
  return text.replace(/(<!-- metrics -->\n\n)(?:\|.*\n)*/, `$1${table}\n`);
}

/** Every metric that a sidecar on a Postgres server has. */
export async function describeMetrics(): Promise<DescribedMetric[]> {
  const metrics = createMetrics({ version: "", database: "" });
  metrics.observe({
    databaseAnswers: async () => true,
    load: () => ({ connections: 0, idle: 0, waiting: 0, abandoned: 0, abandonedTotal: 0 }),
    activeSessions: async () => 0,
    staleSettings: () => ({ configuration: false, policies: false, certificate: false }),
  });
  const { text } = await metrics.exposition();
  return readDescriptions(text);
}

export interface DescribedMetric {
  name: string;
  type: string;
  help: string;
}

/** The metrics of our own in a scrape. */
export function readDescriptions(scrape: string): DescribedMetric[] {
  return [...scrape.matchAll(/^# HELP (byo_\w+) (.*)\n# TYPE \w+ (\w+)$/gm)]
    .map(([, name = "", help = "", type = ""]) => ({ name, type, help }))
    .sort((a, b) => a.name.localeCompare(b.name));
}
