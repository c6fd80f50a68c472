/**
 * Writes that nobody waits for any more although the server may still work on them. A COMMIT that waits for a lost
 * synchronous standby ends at no time limit, and Postgres does not notice that its client has gone. So each keeps its
 * connection, or a server without its standby would get more and more of them.
 */
export interface Abandoned {
  /** How many there are. */
  readonly size: number;
  /** How many there have been. */
  readonly total: number;
  /** `free` is called once, when the backend is known to have ended its work. */
  add(pid: number, free: () => void): void;
  /** Frees all of them. */
  close(): void;
}

export interface AbandonedOptions {
  /** Which of these backends are still at work. */
  stillAtWork: (pids: readonly number[]) => Promise<readonly number[]>;
  onFirst: () => void;
}

const CHECK_MS = 250;

export function createAbandoned({ stillAtWork, onFirst }: AbandonedOptions): Abandoned {
  const waiting = new Map<() => void, number>();
  let total = 0;
  let timer: NodeJS.Timeout | undefined;

  function free(done: () => void): void {
    if (waiting.delete(done)) done();
  }

  async function check(): Promise<void> {
    const checked = [...waiting];
    try {
      const atWork = await stillAtWork(checked.map(([, pid]) => pid));
      for (const [done, pid] of checked) if (!atWork.includes(pid)) free(done);
    } catch {
      // The database is away: then nothing is known of them.
    }
    timer = undefined;
    watch();
  }

  function watch(): void {
    if (waiting.size > 0) timer ??= setTimeout(() => void check(), CHECK_MS).unref();
  }

  return {
    get size() {
      return waiting.size;
    },
    get total() {
      return total;
    },
    add(pid, done) {
      total++;
      if (waiting.size === 0) onFirst();
      waiting.set(done, pid);
      watch();
    },
    close() {
      for (const done of waiting.keys()) free(done);
      clearTimeout(timer);
    },
  };
}
