/** Too many requests of one session or user are waiting. */
export class TooBusy extends Error {
  override readonly name = "TooBusy";
}

const SLOTS = 2;
const MAX_QUEUE = 2000;
/**
 * A map with many additions and deletions gets a new table now and then, and V8 links each old table to the next one:
 * once a table reaches the old generation, all later tables and their contents live until the next full collection. A
 * new map breaks the chain.
 */
const RENEWED_AFTER = 512;

/** Runs work for a key, two at a time, so that one busy session or user cannot take every connection of the pool. */
export type FairShare = <T>(key: string, work: () => Promise<T>) => Promise<T>;

export function createFairShare(): FairShare {
  let queues = new Map<string, { running: number; waiting: (() => void)[] }>();
  let ended = 0;

  function end(key: string): void {
    queues.delete(key);
    if (++ended % RENEWED_AFTER === 0) queues = new Map(queues);
  }

  return async (key, work) => {
    const queue = queues.get(key) ?? { running: 0, waiting: [] };
    queues.set(key, queue);
    if (queue.running < SLOTS) {
      queue.running++;
    } else {
      if (queue.waiting.length >= MAX_QUEUE) throw new TooBusy("too many requests of one session or user are waiting");
      // Finished work hands over its slot, so nothing can slip in between.
      await new Promise<void>((resolve) => queue.waiting.push(resolve));
    }
    try {
      return await work();
    } finally {
      const next = queue.waiting.shift();
      if (next) next();
      else if (--queue.running === 0) end(key);
    }
  };
}
