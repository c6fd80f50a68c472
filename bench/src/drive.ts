import { setTimeout as sleep } from "node:timers/promises";
import { createClient, type SidecarClient } from "@byo-session/core";
import { cpuOfTrees } from "./processes.ts";
import type { Server, Servers } from "./servers.ts";

/** A client in this process, as an application has one. */
export function clientOf(sidecar: Server, servers: Servers): SidecarClient {
  return createClient({ url: sidecar.url, integrationKey: servers.integrationKey, timeoutMs: 5000 });
}

/** Does all the work, so much of it at once. */
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

/** Does work again and again for so long, and gives how often a second. */
export async function repeatFor(secs: number, atOnce: number, work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  let done = 0;
  const worker = async () => {
    for (; performance.now() - start < secs * 1000; done++) await work();
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return done / ((performance.now() - start) / 1000);
}

/** Starts work at a steady rate, whether earlier work is done or not. Gives how long each took, in milliseconds. */
export async function repeatAt(perSec: number, secs: number, work: () => Promise<unknown>): Promise<number[]> {
  const tookMs: number[] = [];
  // Only what is under way: all of it would be moved about by each garbage collection, and be measured.
  const underWay = new Set<Promise<void>>();
  const start = performance.now();
  for (let started = 0; started < perSec * secs; await sleep(1)) {
    const due = Math.min(perSec * secs, ((performance.now() - start) / 1000) * perSec);
    for (; started < due; started++) {
      // From when it should have started: what waits here has waited for the one before.
      const dueAt = start + (started / perSec) * 1000;
      const ended = work().then(() => {
        tookMs.push(performance.now() - dueAt);
        underWay.delete(ended);
      });
      underWay.add(ended);
    }
  }
  await Promise.all(underWay);
  return tookMs;
}

export interface Cpu {
  sidecarUs: number;
  postgresUs: number;
}

/** CPU per piece of work, of a sidecar and of Postgres. */
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
