import type { SessionMetrics } from "../../engine/sessions/dependencies.ts";

export interface Counters {
  /** The same metrics, also counted for the charts. */
  counting(metrics: SessionMetrics): SessionMetrics;
  flush(): Promise<void>;
  close(): Promise<void>;
}

const FLUSH_MS = 5_000;
const CHALLENGES = new Set(["DeviceVerificationRequired", "NewDeviceChallengeRequired"]);

/** Gathers counts for the charts: counting the audit trail of a busy month would take minutes. */
export function createCounters(
  add: (counts: ReadonlyMap<string, number>) => Promise<void>,
  onError: (error: unknown) => void,
): Counters {
  let gathered = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;

  function count(name: string, by = 1): void {
    gathered.set(name, (gathered.get(name) ?? 0) + by);
    timer ??= setTimeout(() => void flush(), FLUSH_MS).unref();
  }

  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const counts = gathered;
    if (counts.size === 0) return;
    gathered = new Map();
    try {
      await add(counts);
    } catch (error) {
      // Kept for the next flush. There are few names, so this stays small even if the database is down for long.
      for (const [name, by] of counts) count(name, by);
      onError(error);
    }
  }

  return {
    counting: (metrics) => ({
      ...metrics,
      created() {
        metrics.created();
        count("created");
      },
      ended(reason, by = 1) {
        metrics.ended(reason, by);
        count(`ended:${reason}`, by);
      },
      refused(reason) {
        metrics.refused(reason);
        // Tokens that were never issued belong to no session: only the metrics count them.
        if (reason === "NotFound") return;
        count("refused");
        if (CHALLENGES.has(reason)) count("challenged");
      },
      rotation(step) {
        metrics.rotation(step);
        if (step === "confirmed") count("rotated");
      },
    }),
    flush,
    async close() {
      await flush();
      clearTimeout(timer);
    },
  };
}
