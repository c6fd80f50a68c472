import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parse } from "jsonc-parser";
import { freePort } from "./free-port.ts";
import { stopAfterFile } from "./leftovers.ts";
import { PROGRAM_ENV } from "./program-env.ts";
import { startTestSidecar, type TestSidecar } from "./test-sidecar.ts";

export interface ExampleApp {
  url: string;
  sidecar: TestSidecar;
}

const START_LIMIT_MS = 30_000;

/** Starts an example as its readers do, against a sidecar with the example's own configuration, and `defaults` over it. */
export async function startExampleApp(
  name: string,
  variables: Record<string, string> = {},
  defaults: Record<string, number> = {},
): Promise<ExampleApp> {
  const folder = new URL(`../../examples/${name}/`, import.meta.url);
  const config = parse(await readFile(new URL("configs/session_config.jsonc", folder), "utf8"));
  const sidecar = await startTestSidecar({ config: { ...config, defaults: { ...config.defaults, ...defaults } } });
  const port = String(await freePort());
  const env = {
    ...PROGRAM_ENV,
    PORT: port,
    BYO_URL: sidecar.url,
    BYO_INTEGRATION_KEY: sidecar.integrationKey,
    ...variables,
  };
  const args = ["--conditions=@byo-session/source", fileURLToPath(new URL("src/server.ts", folder))];
  const app = spawn(process.execPath, args, { env, stdio: ["ignore", "inherit", "inherit"] });
  stopAfterFile(async () => {
    if (app.exitCode !== null || app.signalCode !== null) return;
    const exit = once(app, "exit");
    app.kill("SIGKILL");
    await exit;
  });
  const url = `http://localhost:${port}`;
  for (const deadline = Date.now() + START_LIMIT_MS; ; await sleep(50)) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return { url, sidecar };
    if (app.exitCode !== null || Date.now() > deadline) throw new Error(`the example ${name} did not start`);
  }
}
