/** The fields of an error that may be logged: none contains values of a row or a request. */
export interface LoggedError {
  type: string;
  message: string;
  stack?: string;
  /** The SQLSTATE, or the system's code. */
  code?: string;
  /** Names from the database's schema. */
  table?: string;
  constraint?: string;
  routine?: string;
  cause?: LoggedError;
}

/**
 * Picks the fields that may be logged. Postgres quotes whole rows in `detail` and `where` ("Failing row contains …"),
 * and loggers write every field of an error.
 */
export function errorForLog(error: unknown): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: "a value was thrown that is not an Error" };
  const message = quotesValues(error) ? "hidden, because it quotes a value" : error.message;
  return {
    type: error.name,
    message,
    ...(error.stack && { stack: error.stack.replace(error.message, () => message) }),
    ...textFields(error, "code", "table", "constraint", "routine"),
    ...(error.cause !== undefined && { cause: errorForLog(error.cause) }),
  };
}

/** SQLSTATE class 22 is invalid data; P0001 comes from a trigger, whose message may contain a row. */
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
