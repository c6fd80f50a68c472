import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { freePort } from "../../harness/free-port.ts";
import { PROGRAM_ENV } from "../../harness/program-env.ts";
import type { PackedExample, PackedWorkspace } from "./packed-workspace.ts";

export interface PackedProcess {
  url: string;
  /** Asks it to end; gives its exit code, null where it had to be killed. */
  stop(): Promise<number | null>;
}

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 12_000;

export const PACKED_KEY = "api_packed-q3V8mZ1tKx7Rb0Wc5Yh2Nj9LdS4gPfEa";

interface Program {
  node: string;
  args: string[];
  cwd: string;
  env: Record<string, string | undefined>;
  /** What answers 200 once it is ready. */
  path: string;
}

async function startProcess({ node, args, cwd, env, path }: Program): Promise<PackedProcess> {
  const port = String(await freePort());
  const child = spawn(node, args, {
    cwd,
    env: { ...PROGRAM_ENV, HOME: process.env.HOME, PORT: port, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let told = "";
  child.stderr.on("data", (chunk: Buffer) => {
    told += chunk.toString();
  });
  const ended = once(child, "exit");
  const url = `http://localhost:${port}`;
  const stop = async () => {
    child.kill("SIGTERM");
    const limit = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
    const [code] = await ended;
    clearTimeout(limit);
    return code as number | null;
  };
  for (
    const deadline = Date.now() + START_LIMIT_MS;
    Date.now() < deadline && child.exitCode === null;
    await sleep(50)
  ) {
    const answer = await fetch(url + path).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok) return { url, stop };
  }
  const code = await stop();
  throw new Error(`${args.join(" ")} did not answer at ${path} (exit code ${code}). It wrote:\n${told}`);
}

/** Starts the sidecar by its command, on an empty embedded database. */
export async function startPackedSidecar({ folder, packages }: PackedWorkspace, node: string): Promise<PackedProcess> {
  const sidecar = packages.find(({ manifest }) => manifest.bin?.["byo-sidecar"]);
  if (!sidecar) throw new Error("no packed package has the command byo-sidecar");
  const dataDir = await mkdtemp(join(tmpdir(), "byo-packed-data-"));
  const running = await startProcess({
    node,
    args: [join(sidecar.folder, sidecar.manifest.bin?.["byo-sidecar"] ?? "")],
    cwd: folder,
    env: { DATA_DIR: dataDir, INITIAL_INTEGRATION_KEY: PACKED_KEY },
    path: "/readyz",
  });
  return {
    url: running.url,
    async stop() {
      const code = await running.stop();
      await rm(dataDir, { recursive: true, force: true });
      return code;
    },
  };
}

/** Starts an example as its readers do; one of Next has to be built before. */
export function startPackedExample(
  example: PackedExample,
  sidecar: PackedProcess,
  node: string,
): Promise<PackedProcess> {
  return startProcess({
    node,
    args: needsBuild(example) ? [nextOf(example), "start"] : ["src/server.ts"],
    cwd: example.folder,
    env: connectionTo(sidecar),
    path: "/",
  });
}

export function needsBuild({ manifest }: PackedExample): boolean {
  return manifest.scripts?.build !== undefined;
}

export async function buildPackedExample(example: PackedExample, sidecar: PackedProcess, node: string): Promise<void> {
  const env = {
    ...PROGRAM_ENV,
    HOME: process.env.HOME,
    NEXT_TELEMETRY_DISABLED: "1",
    ...connectionTo(sidecar),
  };
  await promisify(execFile)(node, [nextOf(example), "build"], { cwd: example.folder, env });
}

function connectionTo({ url }: PackedProcess) {
  return { BYO_URL: url, BYO_INTEGRATION_KEY: PACKED_KEY };
}

function nextOf({ folder }: PackedExample): string {
  return createRequire(join(folder, "package.json")).resolve("next/dist/bin/next");
}
