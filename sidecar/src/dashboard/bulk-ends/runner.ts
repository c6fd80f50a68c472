import { type BulkEndDependencies, endBatch } from "./batch.ts";
import { createBulkEndStore } from "./store.ts";

/** Works on the ends of many sessions that anyone has started, on every replica. */
export interface BulkEndRunner {
  /** Looks for work now instead of at the next poll. */
  wake(): void;
  close(): Promise<void>;
}

/** How soon another replica continues what one has left behind. */
const POLL_MS = 2_000;

export function startBulkEnds(deps: BulkEndDependencies, onError: (error: unknown) => void): BulkEndRunner {
  const store = createBulkEndStore(deps.db);
  let isClosed = false;
  let isWoken = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<unknown> | undefined;

  function failed(error: unknown): false {
    onError(error);
    return false;
  }

  /** A batch of each in turn, so that a long one delays no other. True: something was done. */
  async function round(): Promise<boolean> {
    let hasProgress = false;
    for (const row of await store.running()) {
      if (isClosed) return false;
      // One that fails must not keep the others from their turn. It is tried again at the next poll.
      hasProgress = (await endBatch(row, deps).catch(failed)) || hasProgress;
    }
    return hasProgress;
  }

  async function work(): Promise<void> {
    do {
      isWoken = false;
      while ((await round()) && !isClosed) {}
    } while (isWoken && !isClosed);
  }

  function schedule(): void {
    running = undefined;
    if (!isClosed) timer = setTimeout(start, isWoken ? 0 : POLL_MS).unref();
  }

  function start(): void {
    clearTimeout(timer);
    running = work().catch(onError).then(schedule);
  }

  schedule();
  return {
    wake() {
      isWoken = true;
      if (!running && !isClosed) start();
    },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await running;
    },
  };
}
