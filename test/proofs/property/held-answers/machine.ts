import { createElapsedClock } from "@byo-session/core/frames";
import type { Random } from "./random.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** What a process runs on: it can be stopped, and its machine can sleep, while the world goes on. */
export interface Machine {
  readonly nowMs: () => number;
  /** Runs what arrives from a source now, or when the machine runs again: in order for each source, in any between them. */
  run(source: string, work: () => void): void;
  /** A timer of this process. */
  after(ms: number, callback: () => void): () => void;
  /** As by SIGSTOP: clocks go on. `sleeps`: the steady clock stands still. */
  stop(ms: number, sleeps: boolean): void;
}

export function createMachine(time: VirtualTime, random: Random, trustsSteadyClock: boolean): Machine {
  let sleptMs = 0;
  let asleepSinceMs: number | undefined;
  let isStopped = false;
  const queues = new Map<string, (() => void)[]>();
  const steadyMs = () => (asleepSinceMs ?? time.nowMs) - sleptMs;
  const nowMs = trustsSteadyClock ? steadyMs : createElapsedClock(steadyMs, () => Math.floor(time.nowMs));

  function drain(): void {
    if (isStopped || queues.size === 0) return;
    const source = random.pick([...queues.keys()]);
    const [work, ...rest] = queues.get(source) ?? [];
    if (rest.length > 0) queues.set(source, rest);
    else queues.delete(source);
    work?.();
    if (queues.size > 0) time.after(0.01, drain);
  }

  function run(source: string, work: () => void): void {
    if (!isStopped && queues.size === 0) {
      work();
      return;
    }
    queues.set(source, [...(queues.get(source) ?? []), work]);
  }

  return {
    nowMs,
    run,
    after: (ms, callback) => {
      let isOff = false;
      const cancel = time.after(ms, () =>
        run("timers", () => {
          if (!isOff) callback();
        }),
      );
      return () => {
        isOff = true;
        cancel();
      };
    },
    stop(ms, sleeps) {
      if (isStopped) return;
      isStopped = true;
      if (sleeps) asleepSinceMs = time.nowMs;
      time.after(ms, () => {
        if (asleepSinceMs !== undefined) sleptMs += time.nowMs - asleepSinceMs;
        asleepSinceMs = undefined;
        isStopped = false;
        drain();
      });
    },
  };
}
