import type { Database } from "../engine/db/database.ts";
import { createTurns } from "./turns.ts";

/** Most of a replica's connections belong to the applications: a search in the dashboard must not take them all. */
const CONNECTIONS = 3;
const MAX_WAITING = 200;

/** The same database for searches and charts: a few run at once, the others wait. */
export function boundedDatabase(db: Database): Database {
  const inTurn = createTurns(CONNECTIONS, MAX_WAITING);
  return {
    ...db,
    query: (statement, values) => inTurn(() => db.query(statement, values)),
    transaction: (work) => inTurn(() => db.transaction(work)),
  };
}
