/** Too many requests of one session or user wait already. */
export class TooBusy extends Error {
  override readonly name = "TooBusy";
}

const SLOTS = 2;
const MAX_QUEUE = 2000;
/**
 * A map to which much is added and taken away again gets a new table now and then, and in V8 the old table leads to the
 * new one: once one of them has grown old, all that come after it, and all that was in them, live until the next full
 * collection. A new map has nothing before it.
 */
const RENEWED_AFTER = 512;

/** Runs work for a key, two at a time: one session or user under fire must not take every connection of the pool. */
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
      if (queue.waiting.length >= MAX_QUEUE) throw new TooBusy("too many requests of one session wait already");
      // The one that finishes hands its slot over, so nobody can slip in between.
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
