import { DatabaseUnavailable } from "../database.ts";

/** Gives a permit back. Calling it again does nothing. */
export type GiveBack = () => void;

/** A number of permits; who gets none waits for one, in order, up to `waitMs`. */
export function createPermits(count: number, waitMs: number): () => Promise<GiveBack> {
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

  return () =>
    new Promise((resolve, reject) => {
      if (free > 0) {
        free--;
        resolve(permit());
        return;
      }
      const timer = setTimeout(() => {
        waiting.delete(take);
        reject(new DatabaseUnavailable("no connection became free in time"));
      }, waitMs);
      function take(): void {
        waiting.delete(take);
        clearTimeout(timer);
        resolve(permit());
      }
      waiting.add(take);
    });
}
