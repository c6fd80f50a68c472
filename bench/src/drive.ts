import { setTimeout as sleep } from "node:timers/promises";
import { createClient, type SidecarClient } from "@byo-session/core";
import { cpuOfTrees } from "./processes.ts";
import type { Server, Servers } from "./servers.ts";

/** A client in this process, as an application has one. */
export function clientOf(sidecar: Server, servers: Servers): SidecarClient {
  return createClient({ url: sidecar.url, integrationKey: servers.integrationKey, timeoutMs: 5000 });
}

/** Does all the work, with this much concurrency. */
export async function doAll<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** Repeats work for this long, and returns the rate per second. */
export async function repeatFor(secs: number, atOnce: number, work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  let done = 0;
  const worker = async () => {
    for (; performance.now() - start < secs * 1000; done++) await work();
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return done / ((performance.now() - start) / 1000);
}

/** Starts work at a steady rate, whether or not earlier work is done. Returns how long each took, in milliseconds. */
export async function repeatAt(perSec: number, secs: number, work: () => Promise<unknown>): Promise<number[]> {
  const tookMs: number[] = [];
  const { promise: allEnded, resolve, reject } = Promise.withResolvers<void>();
  // Not a set of what is under way: its garbage would stop this process for longer than what it measures.
  let underWay = 1;
  const ended = () => {
    if (--underWay === 0) resolve();
  };
  const start = performance.now();
  for (let started = 0; started < perSec * secs; await sleep(1)) {
    const due = Math.min(perSec * secs, ((performance.now() - start) / 1000) * perSec);
    for (; started < due; started++) {
      // Counted from the planned start: work that starts late has waited for earlier work.
      const dueAt = start + (started / perSec) * 1000;
      underWay++;
      work().then(() => {
        tookMs.push(performance.now() - dueAt);
        ended();
      }, reject);
    }
  }
  ended();
  await allEnded;
  return tookMs;
}

export interface Cpu {
  sidecarUs: number;
  postgresUs: number;
}

/** CPU per unit of work, in a sidecar and in Postgres. */
export async function cpuOfEach(
  pieces: number,
  sidecar: Server,
  { postgres }: Servers,
  work: () => Promise<void>,
): Promise<Cpu> {
  const pids = [sidecar.pid, postgres.pid];
  const before = cpuOfTrees(pids);
  await work();
  const [sidecarUs = 0, postgresUs = 0] = cpuOfTrees(pids).map(
    (secs, index) => ((secs - (before[index] ?? 0)) * 1e6) / pieces,
  );
  return { sidecarUs, postgresUs };
}
