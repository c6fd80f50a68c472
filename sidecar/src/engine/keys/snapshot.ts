/** Gives a value that is read again when it becomes old. */
export type Snapshot<T> = () => Promise<T>;

export interface SnapshotOptions<T> {
  read: () => Promise<T>;
  /** An older value is never given: its reader waits, and fails where reading fails. */
  maxAgeMs: number;
  /** A clock that only goes forward. */
  nowMs: () => number;
}

/**
 * Keeps the last value read. All who ask at one time share one read; a value past half of its age is renewed beside the
 * requests that use it, so that a busy process never waits.
 */
export function createSnapshot<T>({ read, maxAgeMs, nowMs }: SnapshotOptions<T>): Snapshot<T> {
  let held: { value: T; readAtMs: number } | undefined;
  let reading: Promise<T> | undefined;

  const readAgain = async () => {
    // Before the read: what changes while it is under way may not be in it.
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
    // Who needs a fresh value later asks again, and is told of the failure then.
    reading.catch(() => {});
    return held.value;
  };
}
