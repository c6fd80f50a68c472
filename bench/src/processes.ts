import { type ChildProcess, execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { InMemoryLoad } from "./apps/in-memory.ts";

export interface App {
  url: string;
  pid: number;
  /** How long each batch of these requests took, in microseconds per request. */
  drive(load: InMemoryLoad): Promise<number[]>;
  stop(): Promise<void>;
}

/** Starts one of the apps as a separate process, as in production. */
export async function startApp(
  file: string,
  env: Record<string, string>,
  profile: { folder: string | undefined; name: string },
): Promise<App> {
  const child = fork(fileURLToPath(new URL(`apps/${file}`, import.meta.url)), {
    env: { PATH: process.env.PATH, NODE_ENV: "production", ...env },
    execArgv: ["--conditions=@byo-session/source", ...profileFlags(profile.folder, `app, ${profile.name}`)],
  });
  const [port] = await Promise.race([
    once(child, "message"),
    once(child, "exit").then(([code]) => {
      throw new Error(`${file} ended with code ${code} before it listened`);
    }),
  ]);
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    async drive(load) {
      child.send(load);
      const [took] = await once(child, "message");
      return took;
    },
    stop: () => stop(child),
  };
}

async function stop(child: ChildProcess): Promise<void> {
  const exit = once(child, "exit");
  // A process that is asked to exit this way still writes its profile.
  child.disconnect();
  await exit;
}

export function profileFlags(folder: string | undefined, name: string): string[] {
  return folder === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${name}.cpuprofile`];
}

export function isInstalled(program: string): boolean {
  try {
    execFileSync("which", [program], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** The user and system time of each process and its descendants, in seconds, from one look at all processes. */
export function cpuOfTrees(roots: readonly number[]): number[] {
  const children = new Map<number, number[]>();
  const ticks = new Map<number, number>();
  for (const pid of readdirSync("/proc").map(Number).filter(Boolean)) {
    const fields = statOf(pid);
    const parent = Number(fields[1]);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
    // Includes finished children: a closed connection has still cost something.
    ticks.set(
      pid,
      [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index] ?? 0), 0),
    );
  }
  const ofTree = (pid: number): number =>
    (children.get(pid) ?? []).reduce((sum, child) => sum + ofTree(child), ticks.get(pid) ?? 0);
  return roots.map((root) => ofTree(root) / TICKS_PER_SEC);
}

/** The resident memory of a process, in MiB. */
export function residentMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
}

/** proc(5): the fields after the name, which may itself contain spaces and parentheses. */
function statOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}

/** The share of the machine's time that other machines on the same host took between two readings. */
export function stolenTime(): { total: number; stolen: number } {
  const [, ...ticks] = (readFileSync("/proc/stat", "utf8").split("\n")[0] ?? "").split(/\s+/).map(Number);
  return { total: ticks.reduce((sum, value) => sum + value, 0), stolen: ticks[7] ?? 0 };
}

const TICKS_PER_SEC = 100;
