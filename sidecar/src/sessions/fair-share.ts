/** Too many requests of one session or user wait already. */
export class TooBusy extends Error {
  override readonly name = "TooBusy";
}

const SLOTS = 2;
const LONGEST_QUEUE = 2000;

/** Runs work for a key, two at a time: one session or user under fire must not take every connection of the pool. */
export type FairShare = <T>(key: string, work: () => Promise<T>) => Promise<T>;

export function createFairShare(): FairShare {
  const queues = new Map<string, { running: number; waiting: (() => void)[] }>();

  return async (key, work) => {
    const queue = queues.get(key) ?? { running: 0, waiting: [] };
    queues.set(key, queue);
    if (queue.running < SLOTS) {
      queue.running++;
    } else {
      if (queue.waiting.length >= LONGEST_QUEUE) throw new TooBusy("too many requests of one session wait already");
      // The one that finishes hands its slot over, so nobody can slip in between.
      await new Promise<void>((resolve) => queue.waiting.push(resolve));
    }
    try {
      return await work();
    } finally {
      const next = queue.waiting.shift();
      if (next) next();
      else if (--queue.running === 0) queues.delete(key);
    }
  };
}
