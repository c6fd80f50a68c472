import type { CollectionStep } from "./step.ts";

export interface OverdueOptions {
  steps: readonly Pick<CollectionStep, "name" | "mayTakeSecs">[];
  intervalSecs: () => number;
  nowMs: () => number;
  warn: (message: string) => void;
}

export interface Overdue {
  /** Takes how long ago, in milliseconds, each step was last done; a step that never was counts from this start. */
  update(agesMs: ReadonlyMap<string, number>): void;
  /** Seconds since each step was last done. */
  ages(): ReadonlyMap<string, number>;
  /** Warns of steps that have not been done for long, at the second check and then once an hour. */
  check(): void;
}

const HOUR_MS = 3_600_000;
/** Rounds that a step may miss. */
const MISSED_ROUNDS = 12;

/** Knows how old the last complete run of each step is, also while the database does not answer. */
export function createOverdue({ steps, intervalSecs, nowMs, warn }: OverdueOptions): Overdue {
  const doneAtMs = new Map(steps.map(({ name }) => [name, nowMs()]));
  /** The late steps, with when they were last warned of; at first never, as another replica may just be working on them. */
  const late = new Map<string, number>();

  return {
    update(agesMs) {
      for (const [step, ageMs] of agesMs) doneAtMs.set(step, nowMs() - ageMs);
    },
    ages: () => new Map([...doneAtMs].map(([step, atMs]) => [step, (nowMs() - atMs) / 1000])),
    check() {
      const usualSecs = Math.max(HOUR_MS / 1000, MISSED_ROUNDS * intervalSecs());
      const told: string[] = [];
      for (const { name: step, mayTakeSecs = usualSecs } of steps) {
        const atMs = doneAtMs.get(step) ?? nowMs();
        const limitMs = mayTakeSecs * 1000;
        const warnedAtMs = late.get(step);
        if (nowMs() - atMs <= limitMs) late.delete(step);
        else if (warnedAtMs === undefined) late.set(step, Number.NEGATIVE_INFINITY);
        else if (nowMs() - warnedAtMs >= HOUR_MS) {
          late.set(step, nowMs());
          told.push(`${step} since ${new Date(Date.now() - (nowMs() - atMs)).toISOString()}`);
        }
      }
      if (told.length === 0) return;
      warn(
        `the garbage collection is behind, so retention has not been applied: ${told.join(", ")}. The errors before this ` +
          "one say why; without any, the database is too slow for the amount of data",
      );
    },
  };
}
