import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import {
  type Database,
  DatabaseUnavailable,
  type Queryable,
  type Statement,
} from "../../../sidecar/src/engine/db/database.ts";
import { type RequestContext, requestContext } from "./replica.ts";

/**
 * Decides the order in which overlapping requests reach the database: each statement and each commit of a request waits
 * for its turn, and the test picks whose turn is next. What the database makes of that order is up to Postgres: a
 * statement that finds its row locked waits there, and is looked at again after the other one's commit.
 */
export interface Interleaving {
  /** A database whose statements wait for their turn where they belong to a request. */
  over(database: Database): Database;
  /** Gives the turn to one of those that wait; false if none waits. */
  step(pick: number): Promise<boolean>;
  /** How many statements had to wait for a lock. */
  readonly locked: () => number;
  /** The order so far, for a person. */
  trace(): string[];
}

interface Waiting {
  label: string;
  /** In a transaction of its own: another one's lock can hold it up, its own cannot. */
  inTransaction: boolean;
  start(): void;
  done: Promise<void>;
}

/** Long enough for a statement on loopback that is not held up by a lock. */
const LOCKED_AFTER_MS = 5;
/** Written beside the requests, by timers. */
const UNORDERED = new Set(["session-touch", "audit-insert"]);

export function createInterleaving(): Interleaving {
  let waiting: Waiting[] = [];
  const running = new Set<Promise<void>>();
  const beginning = new Set<Promise<void>>();
  let openTransactions = 0;
  let locked = 0;
  const trace: string[] = [];

  async function turn(context: RequestContext, name: string, inTransaction: boolean): Promise<() => void> {
    const turnCame = Promise.withResolvers<void>();
    const finished = Promise.withResolvers<void>();
    const label = `${context.label} ${name}`;
    waiting.push({ label, inTransaction, start: turnCame.resolve, done: finished.promise });
    await turnCame.promise;
    const when = breaksNow(context);
    if (when === "before") {
      finished.resolve();
      throw new DatabaseUnavailable("broken by the test before the step");
    }
    return () => {
      finished.resolve();
      if (when === "after") throw new DatabaseUnavailable("broken by the test after the step");
    };
  }

  async function ordered<Row>(
    query: Queryable["query"],
    statement: Statement,
    values: readonly unknown[] | undefined,
    inTransaction: boolean,
  ): Promise<Row[]> {
    const context = requestContext.getStore();
    if (!context || (!inTransaction && UNORDERED.has(statement.name))) return query<Row>(statement, values);
    const done = await turn(context, statement.name, inTransaction);
    const [result] = await Promise.allSettled([query<Row>(statement, values)]);
    done();
    if (result.status === "rejected") throw result.reason;
    return result.value;
  }

  async function orderedTransaction<T>(database: Database, work: (tx: Queryable) => Promise<T>): Promise<T> {
    const context = requestContext.getStore();
    if (!context) return database.transaction(work);
    let done = () => {};
    const begun = Promise.withResolvers<void>();
    beginning.add(begun.promise);
    openTransactions++;
    const [result] = await Promise.allSettled([
      database.transaction(async (tx) => {
        begun.resolve();
        const answer = await work({ query: (statement, values) => ordered(tx.query, statement, values, true) });
        done = await turn(context, "commit", true);
        return answer;
      }),
    ]);
    openTransactions--;
    begun.resolve();
    done();
    if (result.status === "rejected") throw result.reason;
    return result.value;
  }

  /** Until all that runs has finished, or can only be waiting for the lock of a transaction that waits for its turn. */
  async function quiet(): Promise<void> {
    const all = Promise.all(running);
    if (openTransactions > 0 && running.size > 0) await Promise.race([all, sleep(LOCKED_AFTER_MS)]);
    else await all;
    // What follows from an answer of the database comes to its next step before this returns. Twice, for reads that are
    // gathered until a turn of the event loop is over.
    await setImmediate();
    await setImmediate();
    while (beginning.size > 0) {
      await Promise.all([...beginning].map((begun) => begun.then(() => beginning.delete(begun))));
      await setImmediate();
    }
  }

  return {
    over: (database) => ({
      ...database,
      query: (statement, values) => ordered(database.query, statement, values, false),
      transaction: (work) => orderedTransaction(database, work),
    }),
    async step(pick) {
      await quiet();
      if (waiting.length === 0) return running.size > 0;
      const next = waiting[pick % waiting.length];
      if (!next) return false;
      waiting = waiting.filter((other) => other !== next);
      trace.push(next.label);
      const done = next.done.then(() => void running.delete(done));
      running.add(done);
      const others = openTransactions - (next.inTransaction ? 1 : 0);
      next.start();
      if (others === 0) await done;
      await quiet();
      if (running.has(done)) locked++;
      return true;
    },
    locked: () => locked,
    trace: () => trace,
  };
}

function breaksNow(context: RequestContext): "before" | "after" | undefined {
  if (!context.breakAt) return undefined;
  const { step, when } = context.breakAt;
  context.breakAt = step === 0 ? undefined : { step: step - 1, when };
  return step === 0 ? when : undefined;
}
