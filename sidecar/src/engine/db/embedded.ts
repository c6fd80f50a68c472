import { setTimeout as sleep } from "node:timers/promises";
import { PGlite } from "@electric-sql/pglite";
import { type Database, DatabaseUnavailable, type Statement } from "./database.ts";
import type { Connection } from "./embedded/connection.ts";
import { claimFolder, DataDirError } from "./embedded/folder.ts";
import { connectionTo } from "./embedded/pglite-connection.ts";
import { expectSpace } from "./embedded/space.ts";
import { openThreaded } from "./embedded/threaded-connection.ts";
import { createPermits } from "./server/permits.ts";
import { isRead, isUnavailableCode } from "./server/statements.ts";
import { CONNECT_TIMEOUT_MS, QUERY_TIMEOUT_MS } from "./server/time-limits.ts";

export interface EmbeddedOptions {
  /** The folder of the database, created if missing. Undefined: in memory, lost at the end. */
  dataDir?: string;
  /** A dump by `PGlite.dumpDataDir` to start an in-memory database from; without it an empty one is created. */
  snapshot?: Blob;
  /** Called when another process has taken over the folder, or the database has ended: this process must end too. */
  onLost: (reason: Error) => void;
  /**
   * How many times, a second apart, a folder in use is tried again. After a crash the old lock goes stale in ten
   * seconds. Default: 12.
   */
  lockRetries?: number;
}

/**
 * Opens the embedded database, which is PostgreSQL in this process. It has one connection: statements run one after the
 * other. That of a folder runs in a thread of its own.
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<Database> {
  const { dataDir, snapshot, onLost, lockRetries = 12 } = options;
  if (dataDir === undefined) {
    const connection = connectionTo(await PGlite.create({ loadDataDir: snapshot }));
    return databaseOn(connection, { close: () => connection.close() });
  }
  let closing = false;
  // A heartbeat that runs while the lock is released finds it gone, although nobody has taken it over.
  const lost = (reason: Error) => closing || onLost(reason);
  const release = await claimFolder(dataDir, { onLost: lost, retries: lockRetries });
  const connection = await openThreaded({ dataDir, onLost: lost }).catch(async (error: unknown) => {
    await release();
    throw new DataDirError(dataDir, error);
  });
  return databaseOn(connection, {
    expectSpace: () => onFailure(() => expectSpace(dataDir)),
    async close() {
      closing = true;
      await connection.close();
      await release();
    },
  });
}

/** One connection for everyone, who take turns: a statement each, or a transaction. */
function databaseOn(connection: Connection, around: Pick<Database, "expectSpace" | "close">): Database {
  let isOpen = true;
  const turns = createPermits(1, CONNECT_TIMEOUT_MS + QUERY_TIMEOUT_MS);
  const command = (text: string) => connection.query(text, [], { writes: false });

  async function run<Row>(statement: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    return onFailure(async () => {
      const rows = await connection.query(statement.text, values, { writes: !isRead(statement) });
      return rows as Row[];
    });
  }

  /** The next has its turn when this has really ended, however long its caller waits for it. */
  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const giveBack = await turns.take();
    return work().finally(giveBack);
  }

  async function commit<T>(work: () => Promise<T>): Promise<T> {
    await onFailure(() => command("BEGIN"));
    try {
      const result = await work();
      await onFailure(() => command("COMMIT"));
      return result;
    } catch (error) {
      await command("ROLLBACK").catch(() => {});
      throw error;
    }
  }

  const query: Database["query"] = (statement, values) => inTime(inTurn(() => run(statement, values)));

  return {
    kind: "embedded",
    query,
    transaction: (work) =>
      inTurn(() => commit(() => work({ query: (statement, values) => inTime(run(statement, values)) }))),
    maintenance: (work) =>
      inTurn(() => commit(() => work({ query: run, script: (sql) => onFailure(() => connection.script(sql)) }))),
    async listen(channels, { onTold }) {
      const ends = await Promise.all(
        channels.map((channel) => inTurn(() => connection.listen(channel, (payload) => onTold(channel, payload)))),
      );
      return {
        query,
        async close() {
          if (isOpen) await Promise.all(ends.map((end) => inTurn(end)));
        },
      };
    },
    expectSpace: around.expectSpace,
    async close() {
      isOpen = false;
      await around.close();
    },
  };
}

/** Turns a failure of the database, other than one of the statement, into `DatabaseUnavailable`. */
async function onFailure<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { name, code } = Object(error);
    const isOurs = name === "DiskFull" || isUnavailableCode(String(code));
    throw isOurs ? new DatabaseUnavailable("the embedded database cannot be used", { cause: error }) : error;
  }
}

/** A statement that takes too long goes on, but nobody waits for it. */
async function inTime<T>(answer: Promise<T>): Promise<T> {
  const waiting = new AbortController();
  const late = sleep(CONNECT_TIMEOUT_MS + QUERY_TIMEOUT_MS, undefined, { signal: waiting.signal, ref: false }).then(
    () => Promise.reject(new DatabaseUnavailable("the embedded database did not answer")),
    () => answer,
  );
  try {
    return await Promise.race([answer, late]);
  } finally {
    waiting.abort();
  }
}
