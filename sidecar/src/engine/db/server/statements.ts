import pg from "pg";
import { DatabaseUnavailable, type Statement } from "../database.ts";

/**
 * Runs a statement on a connection. Where each transaction may run on another backend, it is not prepared under its
 * name: another backend would not know it, or have it from another client.
 */
export async function runStatement<Row>(
  client: pg.ClientBase,
  { name, text }: Statement,
  values: readonly unknown[] = [],
  { isPrepared }: { isPrepared: boolean },
): Promise<Row[]> {
  const query = { text, values: [...values], ...(isPrepared && { name }) };
  const result = await answered(client.query(query));
  return result.rows as Row[];
}

/** Rejects with `DatabaseUnavailable` if the failure comes from the server or the way to it, not from the statement. */
export async function answered<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (isUnavailable(error)) throw new DatabaseUnavailable("the database did not answer", { cause: error });
    throw error;
  }
}

/** Whether a statement on its own needs no commit. One that only mentions a change is taken for a write. */
export function isRead(statement: Statement): boolean {
  const known = reads.get(statement) ?? looksLikeRead(statement);
  reads.set(statement, known);
  return known;
}

/** Statements are constants, and there are few. */
const reads = new WeakMap<Statement, boolean>();

/** A comment may be in front: a traced statement has one. */
function looksLikeRead({ text, changes }: Statement): boolean {
  return (
    changes === undefined &&
    /^\s*(\/\*[^*]*\*\/\s*)?(SELECT|WITH)\b/i.test(text) &&
    !/\b(INSERT|UPDATE|DELETE|SHARE)\b/i.test(text)
  );
}

// Classes of SQLSTATE: 08 connection, 53 resources, 57 operator intervention (shutdown, cancelled by a time limit), 58
// the system below Postgres; 25006 the server accepts no writes, 25P03 and 25P04 the transaction was idle or open for too
// long; 26000 and 42P05 a pooler gave a backend on which others prepare statements; 55P03 lock timeout; 40001 and 40P01
// another transaction won. All of these may succeed on another try, perhaps elsewhere.
const UNAVAILABLE_CODES = /^(08|53|57|58|25006|25P0[34]|26000|42P05|55P03|40001|40P01)/;

/** Whether an SQLSTATE says that the server is at fault, not the statement. */
export function isUnavailableCode(code: string | undefined): boolean {
  return UNAVAILABLE_CODES.test(code ?? "");
}

function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof DatabaseUnavailable) return false;
  if (error instanceof pg.DatabaseError) return isUnavailableCode(error.code);
  // Any error without an SQLSTATE comes from the network or the pool (ECONNREFUSED, a closed socket, a timeout).
  return !(error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError);
}
