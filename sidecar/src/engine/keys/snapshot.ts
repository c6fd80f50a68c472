/** Returns a value that is read again when it gets old. */
export type Snapshot<T> = () => Promise<T>;

export interface SnapshotOptions<T> {
  read: () => Promise<T>;
  /** An older value is never returned: the caller waits for the read, and fails if it fails. */
  maxAgeMs: number;
  /** A monotonic clock. */
  nowMs: () => number;
}

/**
 * Keeps the last value read. Concurrent callers share one read; a value past half of its age is renewed in the
 * background, so that a busy process never waits.
 */
export function createSnapshot<T>({ read, maxAgeMs, nowMs }: SnapshotOptions<T>): Snapshot<T> {
  let held: { value: T; readAtMs: number } | undefined;
  let reading: Promise<T> | undefined;

  const readAgain = async () => {
    // Taken before the read, which may miss changes made while it runs.
    const readAtMs = nowMs();
    try {
      const value = await read();
      held = { value, readAtMs };
      return value;
    } finally {
      reading = undefined;
    }
  };

  return async () => {
    const ageMs = held ? nowMs() - held.readAtMs : Number.POSITIVE_INFINITY;
    if (held && ageMs <= maxAgeMs / 2) return held.value;
    reading ??= readAgain();
    if (!held || ageMs > maxAgeMs) return reading;
    // The next caller that needs a fresh value reads again, and gets the failure then.
    reading.catch(() => {});
    return held.value;
  };
}
