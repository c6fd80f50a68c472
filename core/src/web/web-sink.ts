import { addChange } from "../answers/response-headers.ts";
import { storeOf } from "../answers/web-response.ts";
import type { ResponseSink } from "../credentials/credential-response.ts";
import { createPendingChange } from "../credentials/pending-change.ts";

/** Keeps the changes for the browser until there is a `Response` that can carry them. */
export interface WebSink extends ResponseSink {
  /** Whether something has been written. */
  readonly hasChange: boolean;
  /** Drops what has been written. */
  discard(): void;
  /** Writes it into the response's headers; without headers it is lost. Accepts nothing more afterwards. */
  finish(headers?: Headers): void;
}

/** `signal`: the request's, if the host aborts it when the client disconnects. */
export function createWebSink(keepsToken = false, signal?: () => AbortSignal): WebSink {
  let pending = createPendingChange();
  let isFinished = false;
  const losses: (() => void)[] = [];
  const answered: (() => void)[] = [];

  function end(callbacks: readonly (() => void)[]): void {
    if (isFinished) return;
    isFinished = true;
    for (const callback of callbacks) callback();
  }

  const lose = () => end([...answered, ...losses]);

  return {
    keepsToken,
    get canWrite() {
      return !isFinished && signal?.().aborted !== true;
    },
    whenLost(callback) {
      losses.push(callback);
      signal?.().addEventListener("abort", lose, { once: true });
    },
    whenAnswered(callback) {
      if (isFinished) callback();
      else answered.push(callback);
    },
    whenClosed(callback) {
      if (signal?.().aborted) callback();
      else signal?.().addEventListener("abort", callback, { once: true });
    },
    get hasChange() {
      return pending.due() !== undefined;
    },
    write(change) {
      pending.set(change);
    },
    discard() {
      pending = createPendingChange();
    },
    finish(headers) {
      if (!headers) return lose();
      end(answered);
      const change = pending.due();
      if (change) addChange(storeOf(headers), change);
    },
  };
}
