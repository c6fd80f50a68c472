import { setTimeout as sleep } from "node:timers/promises";
import type { AuditLog } from "../audit/audit-log.ts";
import type { KnownUses } from "../sessions/read/latest-use.ts";
import { createProgressStore } from "./progress-store.ts";
import type { BatchResult, CollectionStep } from "./step.ts";
import { createCollectorStore } from "./store.ts";

export interface StepRunner {
  /**
   * Works on a step until nothing is left or its time is up; the next run continues there. `searching`: its time is up
   * and it has found nothing so far. `elsewhere`: another replica is collecting.
   */
  run(step: CollectionStep): Promise<"done" | "unfinished" | "searching" | "elsewhere">;
}

export interface StepRunnerDependencies {
  audit: Pick<AuditLog, "transaction">;
  activity: KnownUses;
  onCollected: (step: string, count: number) => void;
  isStopping: () => boolean;
}

/** The time of one step in one round, without its pauses. */
const BUDGET_MS = 10_000;
const MAX_BATCH = 2000;
const MIN_BATCH = 20;

export function createStepRunner({ audit, activity, onCollected, isStopping }: StepRunnerDependencies): StepRunner {
  /** A batch that is too much for the database within the time of a statement is tried in smaller parts next time. */
  const sizes = new Map<string, number>();

  /** Undefined while another replica collects. */
  function runBatch(step: CollectionStep, size: number): Promise<BatchResult | undefined> {
    return audit.transaction(async (tx, record) => {
      if (!(await createCollectorStore(tx, activity).tryLock())) return undefined;
      const progress = createProgressStore(tx);
      const from = await progress.position(step.name);
      const result = await step.batch({ tx, record, from, size });
      await progress.move(step.name, result.next);
      return result;
    });
  }

  return {
    async run(step) {
      let workedMs = 0;
      let total = 0;
      while (workedMs < BUDGET_MS && !isStopping()) {
        const size = sizes.get(step.name) ?? MAX_BATCH;
        const startMs = performance.now();
        sizes.set(step.name, Math.max(MIN_BATCH, size / 2));
        const result = await runBatch(step, Math.ceil(size));
        if (!result) return "elsewhere";
        sizes.set(step.name, Math.min(MAX_BATCH, size * 2));
        result.committed?.();
        total += result.count;
        if (result.count > 0) onCollected(step.name, result.count);
        if (result.next === null) return "done";
        const batchMs = performance.now() - startMs;
        workedMs += batchMs;
        // As long as the work took, so that requests get at least half of the time.
        await sleep(batchMs);
      }
      return total > 0 ? "unfinished" : "searching";
    },
  };
}
