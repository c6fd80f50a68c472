import type { Database, Queryable } from "../db/database.ts";

/** They change nothing. Any other statement of one session does, also one that is added later. */
const READS: ReadonlySet<string> = new Set(["session-read", "session-read-for-update"]);

/**
 * A database that says which sessions this replica changes, before whoever changes them is answered: a notification comes
 * a moment later. It says so whether the change went well or not, since a commit whose answer is lost may have happened.
 */
export function watchSessions(db: Database, onChanged: (id: string) => void): Database {
  return {
    ...db,
    async query(statement, values) {
      try {
        return await db.query(statement, values);
      } finally {
        const id = changedBy(statement, values);
        if (id !== undefined) onChanged(id);
      }
    },
    async transaction(work) {
      const changed = new Set<string>();
      try {
        return await db.transaction((tx) => work({ query: noting(tx, changed) }));
      } finally {
        for (const id of changed) onChanged(id);
      }
    },
  };
}

function noting(tx: Queryable, changed: Set<string>): Queryable["query"] {
  return (statement, values) => {
    const id = changedBy(statement, values);
    if (id !== undefined) changed.add(id);
    return tx.query(statement, values);
  };
}

/** Statements of one session are named `session-…` and take its id first. */
function changedBy({ name }: { name: string }, values: readonly unknown[] = []): string | undefined {
  const [id] = values;
  return name.startsWith("session-") && !READS.has(name) && typeof id === "string" ? id : undefined;
}
