import type pg from "pg";
import { NO_CONNECTION_LEFT } from "../../causes/database-causes.ts";
import { factsOf } from "../../causes/facts.ts";

export interface ConnectingOptions {
  pool: pg.Pool;
  /** Takes a free connection of the pool, or opens one. */
  connect: () => Promise<pg.PoolClient>;
  /** Called when the server refuses one while there are others, at most once a minute. */
  onRefused: (error: unknown) => void;
  /** Called when there is no connection in the end. */
  onFailed: (error: unknown) => void;
}

/** After this time the server is asked for more connections again. */
const SMALL_FOR_MS = 5000;
const REPORT_MS = 60_000;

/**
 * A server may allow fewer connections than the pool wants. Then the pool gets as small as that for a while, and those who
 * were refused wait for a connection like everyone else.
 */
export function connecting({ pool, connect, onRefused, onFailed }: ConnectingOptions): () => Promise<pg.PoolClient> {
  const { max } = pool.options;
  // Not the pool's own count, in which those are that are only about to be opened.
  let open = 0;
  pool.on("connect", () => open++);
  pool.on("remove", () => open--);
  let growsAtMs = 0;
  let reportedAtMs = Number.NEGATIVE_INFINITY;

  function shrink(error: unknown): void {
    const nowMs = performance.now();
    pool.options.max = open;
    growsAtMs = nowMs + SMALL_FOR_MS;
    if (nowMs - reportedAtMs < REPORT_MS) return;
    reportedAtMs = nowMs;
    onRefused(error);
  }

  async function inPatience(): Promise<pg.PoolClient> {
    try {
      return await connect();
    } catch (error) {
      if (open === 0 || !NO_CONNECTION_LEFT.is(factsOf(error))) throw error;
      shrink(error);
      return connect();
    }
  }

  return async () => {
    if (pool.options.max < max && performance.now() > growsAtMs) pool.options.max = max;
    try {
      return await inPatience();
    } catch (error) {
      onFailed(error);
      throw error;
    }
  };
}
