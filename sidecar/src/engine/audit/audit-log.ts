import type { Database, Queryable } from "../db/database.ts";
import { requestNames } from "../requests/request.ts";
import type { AuditEvent } from "./event.ts";
import { createRefusals } from "./refusals.ts";
import { type AuditRow, insertAuditRows } from "./store.ts";

/** As in the other lines of the log. */
const INFO = 30;

export interface AuditLog {
  /**
   * Runs the work in one transaction and writes the events that it records in the same one: a change and its trace are
   * stored together or not at all. The lines on stdout follow the commit. Events with the same `collapseKey` share one
   * row, which adds up their counts.
   */
  transaction<T>(work: (tx: Queryable, record: (event: AuditRow) => void) => Promise<T>): Promise<T>;
  /** Writes one event that does not belong to a change in the database. */
  write(event: AuditEvent): Promise<void>;
  /**
   * Notes a refusal. Repeated refusals of a session share one row per event, address and minute, with a count. `atMs`
   * is the database's time of the decision, if known.
   */
  refused(event: AuditEvent, atMs?: number): void;
  /** Writes what `refused` has gathered. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface AuditLogDependencies {
  db: Database;
  /** Receives one line of JSON, without a line break. */
  writeLine: (line: string) => void;
  onFlushError: (error: unknown) => void;
  /** Milliseconds since 1970, used in lines only: rows have the database's time. */
  clock: () => number;
}

export function createAuditLog({ db, writeLine, onFlushError, clock }: AuditLogDependencies): AuditLog {
  const refusals = createRefusals({
    insert: (rows) => insertAuditRows(db, rows),
    writeLine: (event, time) => writeLine(lineOf(event, time)),
    onFlushError,
  });

  async function transaction<T>(work: (tx: Queryable, record: (event: AuditRow) => void) => Promise<T>): Promise<T> {
    const events: AuditRow[] = [];
    let times: string[] = [];
    const result = await db.transaction(async (tx) => {
      const done = await work(tx, (event) => events.push(inRequest(event)));
      if (events.length > 0) times = await insertAuditRows(tx, events);
      return done;
    });
    for (const [index, event] of events.entries()) writeLine(lineOf(event, times[index] ?? ""));
    return result;
  }

  return {
    transaction,
    write: (event) => transaction(async (_tx, record) => record(event)),
    refused: (event, atMs = clock()) => refusals.note(inRequest(event), atMs),
    flush: refusals.flush,
    close: refusals.close,
  };
}

/** Names the request, unless that was done where the event happened: a shared transaction belongs to no request. */
export function inRequest<E extends AuditEvent>(event: E): E {
  return event.requestId === undefined ? { ...event, ...requestNames() } : event;
}

/** Always one line: JSON does not escape U+2028, U+2029, DEL and the C1 controls, but terminals act on them. */
function lineOf({ collapseKey: _, ...event }: AuditRow, time: string): string {
  return JSON.stringify({ level: INFO, time, ...event, msg: event.event }).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
