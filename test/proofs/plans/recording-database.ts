import type { Database, Queryable, Statement } from "../../../sidecar/src/engine/db/database.ts";

/** A statement as it was sent. */
export interface Sent {
  readonly statement: Statement;
  readonly values: readonly unknown[];
}

export interface RecordingDatabase {
  readonly db: Database;
  /** Every different statement with the values that were sent with it last. */
  sent(): Sent[];
}

/** The same database, which keeps what is sent to it. */
export function recordingDatabase(db: Database): RecordingDatabase {
  const byText = new Map<string, Sent>();

  function recorded<Q extends Queryable>(queryable: Q): Q {
    const query: Queryable["query"] = (statement, values = []) => {
      byText.set(statement.text, { statement, values });
      return queryable.query(statement, values);
    };
    return { ...queryable, query };
  }

  return {
    db: {
      ...recorded(db),
      transaction: (work) => db.transaction((tx) => work(recorded(tx))),
      maintenance: (work) => db.maintenance((connection) => work(recorded(connection))),
      listen: async (channels, events) => recorded(await db.listen(channels, events)),
    },
    sent: () => [...byText.values()],
  };
}
