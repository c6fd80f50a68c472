import type { Logger } from "pino";
import { errorForLog } from "../log-error.ts";
import type { SessionDependencies } from "../sessions/dependencies.ts";
import { createOverdue } from "./overdue.ts";
import { createProgressStore } from "./progress-store.ts";
import { createStepRunner } from "./run-step.ts";
import type { CollectionStep } from "./step.ts";
import { collectionSteps } from "./steps.ts";

export interface CollectionMetrics {
  collected(step: string, count: number): void;
  failed(step: string): void;
  /** Once. `ages` is read whenever the metrics are: seconds since each step was last done with everything. */
  steps(names: readonly string[], ages: () => ReadonlyMap<string, number>): void;
}

export interface GarbageCollectorOptions {
  deps: SessionDependencies;
  /** What else to collect, beside sessions and what belongs to them. */
  moreSteps?: readonly CollectionStep[];
  metrics: CollectionMetrics;
  log: Pick<Logger, "warn" | "error">;
  intervalSecs: () => number;
}

/** After a round in which a step had more to do than its time allowed. */
const SOON_MS = 1000;

/**
 * Marks sessions that have ended by time and deletes what is past its retention: in small batches, each on one replica at
 * a time, and in steps that fail and take their time independently. The first round comes after one interval. The returned function stops it.
 */
export function startGarbageCollection(options: GarbageCollectorOptions): () => Promise<void> {
  const { deps, moreSteps = [], metrics, log, intervalSecs } = options;
  const steps = [...collectionSteps(deps), ...moreSteps];
  const progress = createProgressStore(deps.db);
  const overdue = createOverdue({
    steps,
    intervalSecs,
    nowMs: () => performance.now(),
    warn: (message) => log.warn(message),
  });
  const names = steps.map(({ name }) => name);
  metrics.steps(names, overdue.ages);
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<unknown> = Promise.resolve();
  let stopped = false;
  const runner = createStepRunner({
    audit: deps.audit,
    activity: deps.activity,
    onCollected: metrics.collected,
    isStopping: () => stopped,
  });

  /** True if no step has more to do right away. */
  async function round(): Promise<boolean> {
    let isDone = true;
    for (const step of steps) {
      if (stopped) return true;
      try {
        if ((await runner.run(step)) === "unfinished") isDone = false;
      } catch (error) {
        metrics.failed(step.name);
        log.error({ err: error, step: step.name }, "a step of the garbage collection failed; it is tried again");
        // Only the message, as in the log. If this write fails too, the log has both.
        await progress.failed(step.name, errorForLog(error).message).catch(() => {});
      }
    }
    overdue.update(await progress.ages(names));
    return isDone;
  }

  function schedule(inMs: number): void {
    if (stopped) return;
    timer = setTimeout(() => {
      running = round()
        .catch((error: unknown) => {
          log.error({ err: error }, "the state of the garbage collection could not be read");
          return true;
        })
        .then((isDone) => {
          overdue.check();
          schedule(isDone ? intervalSecs() * 1000 : Math.min(SOON_MS, intervalSecs() * 1000));
        });
    }, inMs).unref();
  }

  schedule(intervalSecs() * 1000);
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await running;
  };
}
