import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stopAfterFile } from "./leftovers.ts";
import { createLogCollector } from "./log-lines.ts";

export interface DebianProgram {
  /** The program, which Debian's package of this name installs. */
  name: string;
  /** Its configuration; `folder` is its own, for sockets and lists of users. */
  files: (folder: string) => Record<string, string>;
  args: (folder: string) => string[];
  /** It listens here once it has started. */
  port: number;
}

export interface RunningProgram {
  /** Kills it (kill -9). */
  kill(): Promise<void>;
  /** Starts it again after `kill`, on the same port. */
  start(): Promise<void>;
}

/** Starts a server program as a user without rights. It stops after the file; if it is not installed, the test fails. */
export async function startDebianProgram({ name, files, args, port }: DebianProgram): Promise<RunningProgram> {
  const folder = await mkdtemp(join(tmpdir(), `byo-${name}-`));
  const user = process.getuid?.() === 0 ? { uid: idOf("-u"), gid: idOf("-g") } : {};
  await chmod(folder, 0o700);
  for (const [file, content] of Object.entries(files(folder))) {
    await writeFile(join(folder, file), content, { mode: 0o600 });
    if (user.uid !== undefined) await chown(join(folder, file), user.uid, user.gid);
  }
  if (user.uid !== undefined) await chown(folder, user.uid, user.gid);
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin` };
  let kill = async () => {};
  async function start(): Promise<void> {
    const child = spawn(name, args(folder), { ...user, cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
    const log = createLogCollector();
    child.stdout.pipe(log.stream, { end: false });
    child.stderr.pipe(log.stream, { end: false });
    const exit = once(child, "exit").catch((error: Error) => {
      throw new Error(`${name} cannot be started: install Debian's package ${name}`, { cause: error });
    });
    kill = async () => {
      child.kill("SIGKILL");
      await exit.catch(() => {});
    };
    const started = untilItListens(port, () => child.exitCode === null);
    await Promise.race([started, exit]);
    if (child.exitCode !== null || !(await started)) throw new Error(`${name} did not start. It wrote:\n${log.text()}`);
  }
  stopAfterFile(async () => {
    await kill();
    await rm(folder, { recursive: true, force: true });
  });
  await start();
  return { kill: () => kill(), start };
}

async function untilItListens(port: number, isAlive: () => boolean): Promise<boolean> {
  for (const endMs = Date.now() + 10_000; Date.now() < endMs && isAlive(); await sleep(20)) {
    const socket = createConnection({ port, host: "127.0.0.1" });
    const isOpen = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return true;
  }
  return false;
}

function idOf(flag: "-u" | "-g"): number {
  return Number.parseInt(execFileSync("id", [flag, "nobody"], { encoding: "utf8" }), 10);
}
