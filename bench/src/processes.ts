import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface App {
  port: number;
  pid: number;
  stop(): Promise<void>;
}

/** Starts one of the apps as a process of its own, as it would run in production. */
export async function startApp(file: string, env: Record<string, string>): Promise<App> {
  const child = fork(fileURLToPath(new URL(`apps/${file}`, import.meta.url)), {
    env: { PATH: process.env.PATH, NODE_ENV: "bench", ...env },
    execArgv: ["--conditions=@byo-session/source"],
  });
  const [port] = await Promise.race([
    once(child, "message"),
    once(child, "exit").then(([code]) => {
      throw new Error(`${file} ended with code ${code} before it listened`);
    }),
  ]);
  return { port, pid: child.pid ?? 0, stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  await exit;
}

/** User and system time of a process in seconds, with that of the children it has waited for. */
function cpuOf(pid: number): number {
  const fields = statOf(pid);
  const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index] ?? 0), 0);
  return ticks / TICKS_PER_SEC;
}

/** The same of a process and everything below it. */
export function cpuOfTree(root: number): number {
  const children = readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && Number(statOf(pid)[1]) === root);
  return children.reduce((sum, pid) => sum + cpuOfTree(pid), cpuOf(root));
}

/** proc(5): the fields after the name, which may itself hold spaces and parentheses. */
function statOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}

/** The share of the machine's time that other machines on the same host have taken, between two readings. */
export function stolenTime(): { total: number; stolen: number } {
  const [, ...ticks] = (readFileSync("/proc/stat", "utf8").split("\n")[0] ?? "").split(/\s+/).map(Number);
  return { total: ticks.reduce((sum, value) => sum + value, 0), stolen: ticks[7] ?? 0 };
}

const TICKS_PER_SEC = 100;
