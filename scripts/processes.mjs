import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

// npm and npx are scripts on Windows, which only a shell can start.
const shell = process.platform === "win32";
const FROM_SOURCES = "--conditions=@byo-session/source";
// A process that does not end when asked is killed: the sidecar promises to end within 10 seconds.
const STOP_LIMIT_MS = 12_000;
const PARENT_CHECK_MS = 500;

/** Runs a program to its end, with its output on this terminal. Throws when it fails. */
export function run(program, args, options = {}) {
  const { status, error } = spawnSync(program, args, { cwd: ROOT, stdio: "inherit", shell, ...options });
  if (error) throw new Error(`${program} could not be started: ${error.message}`);
  if (status !== 0) throw new Error(`${[program, ...args].join(" ")} failed, see above.`);
}

/** Like `run`, but several can run at once. */
export async function runBeside(program, args, options = {}) {
  const child = spawn(program, args, { cwd: ROOT, stdio: "inherit", shell, ...options });
  const [status] = await once(child, "exit");
  if (status !== 0) throw new Error(`${[program, ...args].join(" ")} failed, see above.`);
}

/** Like `run`, but returns whether it succeeded instead of throwing. */
export function succeeds(program, args, options = {}) {
  return spawnSync(program, args, { cwd: ROOT, stdio: "inherit", shell, ...options }).status === 0;
}

/** Starts a TypeScript file of the repository from its sources. */
export function spawnNode(args, options = {}) {
  // The `node` in PATH, which may be newer than the one that runs this script. It gets its own process group: Ctrl-C
  // in a terminal signals a whole group, and a program that gets two stop signals cannot shut down cleanly.
  return spawn("node", [FROM_SOURCES, ...args], { cwd: ROOT, stdio: "inherit", detached: !shell, ...options });
}

/** Runs a TypeScript file until it or this process ends; true if it succeeded. */
export function runNode(args) {
  return untilEnd(spawnNode(args));
}

/** Like `runNode`, for a program of the installed packages. */
export function runTool(name, args, options = {}) {
  return untilEnd(spawn("npx", ["--no-install", name, ...args], { cwd: ROOT, stdio: "inherit", shell, ...options }));
}

async function untilEnd(child) {
  const stopForwarding = forwardSignals(() => stopAll([child]));
  const [code] = await once(child, "exit");
  stopForwarding();
  return code === 0;
}

/** Calls `stop` on the first Ctrl-C or SIGTERM, and when npm is gone. Returns a function that ends this. */
export function forwardSignals(stop) {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  let stopping = false;
  // Keep listening: a second signal, such as npm passing on the terminal's, must not end us early.
  const listener = () => {
    if (!stopping) stop();
    stopping = true;
  };
  for (const signal of signals) process.on(signal, listener);
  const stopWatching = process.env.npm_lifecycle_event === undefined ? () => {} : watchParent(listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
    stopWatching();
  };
}

/** npm runs scripts in a shell. When npm gets a signal to end, that shell dies and does not pass the signal on. */
function watchParent(onGone) {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== parent) onGone();
  }, PARENT_CHECK_MS);
  return () => clearInterval(timer);
}

/** Asks processes to end and waits for them; true if all succeeded. */
export async function stopAll(children) {
  const ends = children.map(async (child) => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode === 0;
    const exit = once(child, "exit");
    child.kill("SIGTERM");
    const limit = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
    const [code] = await exit;
    clearTimeout(limit);
    return code === 0;
  });
  return (await Promise.all(ends)).every(Boolean);
}
