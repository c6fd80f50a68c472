import type { Database, Queryable, Statement } from "../../db/database.ts";

/**
 * A database that reports which sessions this replica changes before the caller gets an answer: notifications come a
 * moment later. It also reports failed changes, because a commit may have happened although its answer was lost.
 */
export function watchSessions(db: Database, onChanged: (id: string) => void): Database {
  return {
    ...db,
    async query(statement, values) {
      try {
        return await db.query(statement, values);
      } finally {
        for (const id of changedBy(statement, values)) onChanged(id);
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
    for (const id of changedBy(statement, values)) changed.add(id);
    return tx.query(statement, values);
  };
}

function changedBy({ changes }: Statement, [ids]: readonly unknown[] = []): string[] {
  return changes === "session" ? [ids].flat().filter((id) => typeof id === "string") : [];
}
