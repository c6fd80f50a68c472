/** What a log may hold of an error: fields of which none is taken from a row or a request. */
export interface LoggedError {
  type: string;
  message: string;
  stack?: string;
  /** The SQLSTATE, or the system's code. */
  code?: string;
  /** Of the database's schema. */
  table?: string;
  constraint?: string;
  routine?: string;
  cause?: LoggedError;
}

/**
 * Picks what may be logged. Postgres quotes whole rows in `detail` and `where` ("Failing row contains …"), and a logger
 * writes every field that an error has.
 */
export function errorForLog(error: unknown): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: "something was thrown that is no error" };
  const message = quotesValues(error) ? "not shown, it quotes a value" : error.message;
  return {
    type: error.name,
    message,
    ...(error.stack && { stack: error.stack.replace(error.message, () => message) }),
    ...textFields(error, "code", "table", "constraint", "routine"),
    ...(error.cause !== undefined && { cause: errorForLog(error.cause) }),
  };
}

/** SQLSTATE class 22: data that does not fit; P0001: raised by a trigger, whose author may have put a row into it. */
function quotesValues(error: Error): boolean {
  return "severity" in error && "code" in error && /^(22|P0)/.test(String(error.code));
}

function textFields<K extends string>(error: Error, ...names: K[]): Partial<Record<K, string>> {
  const fields: Partial<Record<K, string>> = {};
  for (const name of names) {
    const value: unknown = Reflect.get(error, name);
    if (typeof value === "string") fields[name] = value;
  }
  return fields;
}
