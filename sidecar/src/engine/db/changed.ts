import type { Queryable, Statement } from "./database.ts";

/** Runs a statement that changes rows; false when no row met its conditions. */
export async function changed(db: Queryable, statement: Statement, ...values: unknown[]): Promise<boolean> {
  return (await db.query(statement, values)).length > 0;
}
