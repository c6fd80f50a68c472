import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./free-port.ts";
import { stopAfterFile } from "./leftovers.ts";
import { createLogCollector } from "./log-lines.ts";
import { PROGRAM_ENV } from "./program-env.ts";
import { prepareSidecarEnvironment, type TestSidecarOptions } from "./sidecar-environment.ts";
import { type SidecarVersion, THIS_VERSION } from "./sidecar-version.ts";
import { reachSidecar, type TestSidecar } from "./test-sidecar.ts";

export interface ProcessEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface SpawnedSidecar extends TestSidecar {
  readonly pid: number;
  /** Sends a signal and waits for the end. */
  kill(signal: NodeJS.Signals): Promise<ProcessEnd>;
  /** How the process ended, once it has. */
  readonly ended: Promise<ProcessEnd>;
}

export interface SpawnOptions extends TestSidecarOptions {
  /** Default: this one. */
  version?: SidecarVersion;
}

const START_LIMIT_MS = 60_000;

/**
 * Starts the sidecar as a separate process: for what only a process can show, such as signals, a crash, or two of them
 * racing. On the embedded database its `sql` works only while the process is not running.
 */
export async function spawnTestSidecar(options: SpawnOptions = {}): Promise<SpawnedSidecar> {
  const spawned = await launchSidecar(options);
  const deadline = Date.now() + START_LIMIT_MS;
  let end: ProcessEnd | undefined;
  void spawned.ended.then((how) => {
    end = how;
  });
  while (!(await isReady(spawned))) {
    if (end || Date.now() > deadline) {
      await spawned.stop();
      throw new Error(`The sidecar did not become ready (${JSON.stringify(end)}). It wrote:\n${spawned.logText()}`);
    }
    await sleep(50);
  }
  return spawned;
}

/** Like `spawnTestSidecar`, without waiting: for a sidecar that must refuse to start. */
export async function launchSidecar({
  version = THIS_VERSION,
  ...options
}: SpawnOptions = {}): Promise<SpawnedSidecar> {
  const port = String(await freePort());
  const prepared = await prepareSidecarEnvironment({ ...options, env: { PORT: port, ...options.env } });
  const { env } = prepared;
  const child = spawn(process.execPath, ["--conditions=@byo-session/source", join(version.folder, "main.ts")], {
    env: { ...PROGRAM_ENV, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const log = createLogCollector();
  child.stdout.pipe(log.stream, { end: false });
  child.stderr.pipe(log.stream, { end: false });
  const ended = once(child, "exit").then(([code, signal]): ProcessEnd => ({ code, signal }));
  const kill = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return ended;
  };
  return {
    ...reachSidecar(`http://127.0.0.1:${env.PORT}`, prepared, log),
    dashboardUrl: `http://127.0.0.1:${env.DASHBOARD_PORT ?? env.PORT}`,
    pid: child.pid ?? -1,
    kill,
    ended,
    stop: stopAfterFile(async () => void (await kill("SIGKILL"))),
  };
}

async function isReady(sidecar: SpawnedSidecar): Promise<boolean> {
  try {
    return (await sidecar.get("/readyz")).status === 200;
  } catch {
    return false;
  }
}
