import type { Database } from "../engine/db/database.ts";
import { createTurns } from "./turns.ts";

/** Of the connections that a replica has, most are for the applications: no search of a person may take them all. */
const CONNECTIONS = 3;
const MAX_WAITING = 200;

/** The same database, for searches and charts: a few at one time, the others wait. */
export function boundedDatabase(db: Database): Database {
  const inTurn = createTurns(CONNECTIONS, MAX_WAITING);
  return {
    ...db,
    query: (statement, values) => inTurn(() => db.query(statement, values)),
    transaction: (work) => inTurn(() => db.transaction(work)),
  };
}
