/** What the thread of the embedded database is asked to do, and what it says. */
export type Task =
  | { kind: "query"; text: string; values: readonly unknown[]; writes: boolean }
  | { kind: "script"; text: string }
  | { kind: "listen"; channel: string }
  | { kind: "unlisten"; channel: string }
  | { kind: "close" };

export type Asked = Task & { id: number };

/** An error on its way between threads, where only plain values survive. */
export interface SentError {
  name: string;
  message: string;
  /** The SQLSTATE or the system's code, and the other fields of an error of Postgres. */
  fields: Record<string, string>;
}

export type Said =
  | { kind: "done"; id: number; rows: Record<string, unknown>[] }
  | { kind: "failed"; id: number; error: SentError }
  | { kind: "told"; channel: string; payload: string };

export function sent(error: unknown): SentError {
  if (!(error instanceof Error)) return { name: "Error", message: String(error), fields: {} };
  const texts = Object.entries(error).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return { name: error.name, message: error.message, fields: Object.fromEntries(texts) };
}

export function received({ name, message, fields }: SentError): Error {
  return Object.assign(new Error(message), fields, { name });
}
