// Not the global one, which the fake timers of a test replace.
import { setImmediate } from "node:timers";

/**
 * Resolves when everything that has arrived by this turn of the event loop has been read: once for all who ask in it.
 *
 * Requests that need nothing but memory go on then, one right after the other, so that each runs code which the one before
 * has brought into the processor's caches. If each is answered before the next one is read, the code of the whole server
 * and of the system runs in between: docs/adr/0044-requests-that-arrive-together-go-on-together.md.
 */
export function createEndOfTick(): () => Promise<undefined> {
  let pending: Promise<undefined> | undefined;
  return () => {
    pending ??= new Promise((resolve) => {
      setImmediate(() => {
        pending = undefined;
        resolve(undefined);
      });
    });
    return pending;
  };
}
