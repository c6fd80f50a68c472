import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { request } from "undici";
import { freePort } from "./free-port.ts";
import { stopAfterFile } from "./leftovers.ts";
import { createLogCollector } from "./log-lines.ts";

export interface Prometheus {
  /** The names of the alerts that fire now. */
  firing(): Promise<string[]>;
}

const START_LIMIT_MS = 20_000;
/** Everything that takes a minute in an alert takes a second here; a threshold of an hour is a minute. */
const inSeconds = (rules: string) =>
  rules
    .replace(/\b(\d+)m\b/g, "$1s")
    .replace(/\b1h\b/g, "60s")
    .replace(/\b3600\b/g, "60");

/** Starts a Prometheus that scrapes a sidecar every second, with the rules of this file sped up sixtyfold. */
export async function startPrometheus(sidecarUrl: string, rulesFile: string): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), "byo-prometheus-"));
  const port = await freePort();
  await writeFile(join(folder, "alerts.yaml"), inSeconds(await readFile(rulesFile, "utf8")));
  await writeFile(
    join(folder, "prometheus.yaml"),
    JSON.stringify({
      global: { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" },
      rule_files: ["alerts.yaml"],
      scrape_configs: [{ job_name: "byo-sidecar", static_configs: [{ targets: [new URL(sidecarUrl).host] }] }],
    }),
  );
  const flags = [
    `--config.file=${folder}/prometheus.yaml`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const child = spawn("prometheus", flags, { stdio: ["ignore", "ignore", "pipe"] });
  const log = createLogCollector();
  child.stderr.pipe(log.stream, { end: false });
  const exit = once(child, "exit");
  stopAfterFile(async () => {
    child.kill("SIGTERM");
    await exit;
    await rm(folder, { recursive: true, force: true });
  });

  const url = `http://127.0.0.1:${port}`;
  for (const deadline = Date.now() + START_LIMIT_MS; !(await isReady(url)); await sleep(100)) {
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`Prometheus did not start. It wrote:\n${log.text()}`);
  }
  return {
    async firing() {
      const { body } = await request(`${url}/api/v1/alerts`);
      const { data } = (await body.json()) as { data: { alerts: { state: string; labels: { alertname: string } }[] } };
      return data.alerts.filter(({ state }) => state === "firing").map(({ labels }) => labels.alertname);
    },
  };
}

async function isReady(url: string): Promise<boolean> {
  try {
    const { statusCode, body } = await request(`${url}/-/ready`);
    await body.dump();
    return statusCode === 200;
  } catch {
    return false;
  }
}
