/** The work took too long. It may still go on, and nobody waits for it. */
export class DeadlinePassed extends Error {
  override readonly name = "DeadlinePassed";
}

/** Waits for work until its time is over. */
export type WithinDeadline = <T>(work: Promise<T>) => Promise<T>;

/** How much later than asked a deadline may pass. */
const GRAIN_MS = 100;

interface Waiter {
  readonly endMs: number;
  /** Undefined when the work is done. */
  pass: (() => void) | undefined;
}

/**
 * Gives work so many milliseconds. One timer serves all: with one for each, timers cost more than the commands that they
 * watch. All have the same time, so those that began first are over first.
 */
export function createDeadline(limitMs: number): WithinDeadline {
  let waiting: Waiter[] = [];
  let isWatched = false;

  function watch(): void {
    isWatched = waiting.length > 0;
    if (isWatched) setTimeout(sweep, GRAIN_MS);
  }

  function sweep(): void {
    const nowMs = performance.now();
    for (const waiter of waiting) {
      if (waiter.endMs > nowMs) break;
      waiter.pass?.();
      waiter.pass = undefined;
    }
    waiting = waiting.filter(({ pass }) => pass !== undefined);
    watch();
  }

  return (work) =>
    new Promise((resolve, reject) => {
      const waiter: Waiter = { endMs: performance.now() + limitMs, pass: () => reject(new DeadlinePassed()) };
      waiting.push(waiter);
      if (!isWatched) watch();
      work.then(
        (result) => {
          waiter.pass = undefined;
          resolve(result);
        },
        (error: unknown) => {
          waiter.pass = undefined;
          reject(error);
        },
      );
    });
}
