import { AsyncLocalStorage } from "node:async_hooks";
import type { Database, Queryable } from "../../engine/db/database.ts";

/** Where the time of one request went, for the header Server-Timing, which browsers show beside the request. */
export interface RequestTiming {
  readonly startedAt: number;
  databaseMs: number;
  queries: number;
}

const current = new AsyncLocalStorage<RequestTiming>();

export function startTiming(): RequestTiming {
  return { startedAt: performance.now(), databaseMs: 0, queries: 0 };
}

/** Counts the queries of this work as the request's. */
export function timed<T>(timing: RequestTiming, work: () => T): T {
  return current.run(timing, work);
}

export function serverTiming({ startedAt, databaseMs, queries }: RequestTiming): string {
  const ms = (time: number) => time.toFixed(1);
  return `db;dur=${ms(databaseMs)};desc="${queries} queries", total;dur=${ms(performance.now() - startedAt)}`;
}

/** The same database; the time of its queries counts for the request that asks. */
export function timedDatabase(db: Database): Database {
  const measuring = (queryable: Queryable): Queryable["query"] => {
    return async (statement, values) => {
      const timing = current.getStore();
      const start = performance.now();
      try {
        return await queryable.query(statement, values);
      } finally {
        if (timing) {
          timing.databaseMs += performance.now() - start;
          timing.queries++;
        }
      }
    };
  };
  return {
    ...db,
    query: measuring(db),
    transaction: (work) => db.transaction((tx) => work({ query: measuring(tx) })),
  };
}
