import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { freePort } from "./free-port.ts";
import { stopAfterFile } from "./leftovers.ts";
import { createLogCollector } from "./log-lines.ts";
import { PROGRAM_ENV } from "./program-env.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TSC = join(ROOT, "node_modules/typescript/bin/tsc");
/** Next bundles the published files, so the built ones. */
const PACKAGES = ["core", "browser", "middleware-next"];
/** Next 15 calls an application that listens on 127.0.0.1 localhost in some places, and so takes it for another one. */
export const HOST = "localhost";
const START_LIMIT_MS = 60_000;
const BUILD_LIMIT_MS = 240_000;

const run = promisify(execFile);

export interface NextApp {
  readonly url: string;
  /** What it has written so far. */
  output(): string;
  stop(): Promise<void>;
}

/**
 * Builds an app of Next in its folder, unless nothing has changed since: several test files start the same one, and at
 * once. `sources` are further folders that it is made of. Paths are from the root of the repository.
 */
export async function buildNextApp(folder: string, sources: readonly string[] = []): Promise<void> {
  const unlock = await lock(join(ROOT, folder, ".next.lock"));
  try {
    await run(process.execPath, [TSC, "-b", ...PACKAGES], { cwd: ROOT });
    const inputs = [folder, ...sources, ...PACKAGES.map((name) => `${name}/dist`)];
    const changed = Math.max(...(await Promise.all(inputs.map((input) => newestChange(join(ROOT, input))))));
    const built = await stat(join(ROOT, folder, ".next/BUILD_ID")).catch(() => undefined);
    if (built && built.mtimeMs > changed) return;
    await run(process.execPath, [nextOf(folder), "build"], { cwd: join(ROOT, folder), env: nextEnvironment() });
  } finally {
    await unlock();
  }
}

/** Starts a built app by `next start`, or by a server of its own that says when it is ready in the same way. */
export async function startNextApp(
  folder: string,
  variables: Record<string, string> = {},
  server?: string,
): Promise<NextApp> {
  const command = server ? [server] : [nextOf(folder), "start", "--hostname", HOST];
  return startNextServer(join(ROOT, folder), command, variables);
}

/** Starts a program of Next that serves an app, such as `next dev` or the server of a standalone build. */
export async function startNextServer(
  cwd: string,
  command: readonly string[],
  variables: Record<string, string> = {},
): Promise<NextApp> {
  const port = String(await freePort());
  const url = `http://${HOST}:${port}`;
  const child = spawn(process.execPath, [...command], {
    cwd,
    env: nextEnvironment({
      ...{ PORT: port, HOSTNAME: HOST, PUBLIC_URL: url, NODE_OPTIONS: "--dns-result-order=ipv4first" },
      ...variables,
    }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const log = createLogCollector();
  child.stdout.pipe(log.stream, { end: false });
  child.stderr.pipe(log.stream, { end: false });
  const exit = once(child, "exit");
  const stop = stopAfterFile(async () => {
    // `next dev` serves by a process of its own, which it ends when it can.
    child.kill(command.includes("dev") ? "SIGTERM" : "SIGKILL");
    await exit;
  });
  for (const deadline = Date.now() + START_LIMIT_MS; !log.text().includes("Ready in"); await sleep(50)) {
    if (child.exitCode === null && Date.now() < deadline) continue;
    throw new Error(`the app in ${cwd} did not start. It wrote:\n${log.text()}`);
  }
  return { url, output: log.text, stop };
}

export function nextEnvironment(variables: Record<string, string> = {}): NodeJS.ProcessEnv {
  const { HOME } = process.env;
  return { ...PROGRAM_ENV, HOME, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1", ...variables };
}

/** The Next that the app itself would find. */
function nextOf(folder: string): string {
  return createRequire(join(ROOT, folder, "package.json")).resolve("next/dist/bin/next");
}

/** The time of the last change below a path, without what is built or installed there. */
async function newestChange(path: string): Promise<number> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !/[\\/](\.next|node_modules)[\\/.]/.test(file));
  return Math.max(0, ...(await Promise.all(files.map(async (file) => (await stat(file)).mtimeMs))));
}

async function lock(path: string): Promise<() => Promise<void>> {
  for (const deadline = Date.now() + BUILD_LIMIT_MS; Date.now() < deadline; await sleep(200)) {
    try {
      await mkdir(path);
      return () => rm(path, { recursive: true });
    } catch {
      // Another test file builds it; or one that was killed has left the folder behind.
      const since = await stat(path).catch(() => undefined);
      if (since && Date.now() - since.mtimeMs > BUILD_LIMIT_MS) await rm(path, { recursive: true, force: true });
    }
  }
  throw new Error(`${path} is held by another process: remove it if there is none`);
}
