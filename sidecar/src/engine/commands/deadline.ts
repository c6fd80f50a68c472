/** The work took too long. It may still be running, but nobody waits for it. */
export class DeadlinePassed extends Error {
  override readonly name = "DeadlinePassed";
}

/** Waits for work, at most until the deadline. */
export type WithinDeadline = <T>(work: Promise<T>) => Promise<T>;

/** How late a deadline may fire. */
const GRAIN_MS = 100;

interface Waiter {
  readonly endMs: number;
  /** Undefined when the work is done. */
  pass: (() => void) | undefined;
}

/**
 * Limits work to `limitMs`. One timer serves all: a timer each would cost more than the commands that they watch. All
 * have the same limit, so the oldest work expires first.
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
