import { DatabaseUnavailable } from "../database.ts";

/** Gives a permit back. Calling it again does nothing. */
export type GiveBack = () => void;

export interface Permits {
  take(): Promise<GiveBack>;
  /** How many wait for one. */
  readonly waiting: number;
}

/** A number of permits; who gets none waits for one, in order, up to `waitMs`. */
export function createPermits(count: number, waitMs: number): Permits {
  const waiting = new Set<() => void>();
  let free = count;

  function permit(): GiveBack {
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      const [next] = waiting;
      if (next) next();
      else free++;
    };
  }

  function take(): Promise<GiveBack> {
    return new Promise((resolve, reject) => {
      if (free > 0) {
        free--;
        resolve(permit());
        return;
      }
      const timer = setTimeout(() => {
        waiting.delete(proceed);
        reject(new DatabaseUnavailable("no connection became free in time"));
      }, waitMs);
      function proceed(): void {
        waiting.delete(proceed);
        clearTimeout(timer);
        resolve(permit());
      }
      waiting.add(proceed);
    });
  }

  return {
    take,
    get waiting() {
      return waiting.size;
    },
  };
}
