import { explain } from "../../causes/explain.ts";

export interface Outage {
  /** A connection was opened. */
  connected(): void;
  /** The pool got no connection. */
  failed(error: unknown): void;
}

type Log = { info(details: object, message: string): void; warn(details: object, message: string): void };

const REPEAT_MS = 60_000;

/** Says in the log why a running sidecar gets no connection, once a minute, and when it does again. A start says it itself. */
export function createOutage(log: Log | undefined): Outage {
  let hasBegun = false;
  let toldAtMs = Number.NEGATIVE_INFINITY;
  let isTold = false;

  return {
    connected() {
      hasBegun = true;
      if (isTold) log?.info({}, "the database can be reached again");
      isTold = false;
    },
    failed(error) {
      if (!hasBegun || performance.now() - toldAtMs < REPEAT_MS) return;
      toldAtMs = performance.now();
      isTold = true;
      log?.warn({}, explain(error).message);
    },
  };
}
