import type { Database, Queryable, Statement } from "../../db/database.ts";

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

function changedBy({ changes }: Statement, [id]: readonly unknown[] = []): string | undefined {
  return changes === "session" && typeof id === "string" ? id : undefined;
}
