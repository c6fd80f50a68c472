import { createHash } from "node:crypto";
import type { AuditEvent } from "./event.ts";
import type { AuditRow } from "./store.ts";

export interface Refusals {
  note(event: AuditEvent, atMs: number): void;
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface RefusalsDependencies {
  insert: (rows: readonly AuditRow[]) => Promise<unknown>;
  writeLine: (event: AuditEvent, time: string) => void;
  onFlushError: (error: unknown) => void;
}

const FLUSH_MS = 1000;
const MINUTE_MS = 60_000;
/** Rows per session and minute. Clients can invent addresses: those beyond the limit share one row. */
const ADDRESSES_PER_MINUTE = 20;
/**
 * Refusals kept until the next flush. Beyond it only a total is kept, since memory is bounded while the database is
 * away.
 */
const MAX_GATHERED = 10_000;

/** Gathers refusals, so that no flood can fill the disk or bury a timeline. */
export function createRefusals({ insert, writeLine, onFlushError }: RefusalsDependencies): Refusals {
  let gathered = new Map<string, AuditRow>();
  let timer: NodeJS.Timeout | undefined;
  let flushing: Promise<void> = Promise.resolve();
  let minute = 0;
  let addresses = new Map<string, Set<string>>();
  let lined = new Set<string>();

  function addressKey(event: AuditEvent): string {
    const session = subjectOf(event);
    const known = addresses.get(session) ?? new Set();
    if (addresses.size < MAX_GATHERED) addresses.set(session, known);
    const address = event.ipAddress ?? "";
    if (known.size >= ADDRESSES_PER_MINUTE && !known.has(address)) return "*";
    known.add(address);
    return address;
  }

  function note(event: AuditEvent, atMs: number): void {
    const now = Math.floor(atMs / MINUTE_MS);
    if (now !== minute) {
      minute = now;
      addresses = new Map();
      lined = new Set();
    }
    const address = addressKey(event);
    const collapseKey = keyOf([subjectOf(event), event.event, event.reason, address, now]);
    const known = gathered.get(collapseKey);
    if (known) {
      known.count = (known.count ?? 1) + 1;
      return;
    }
    if (gathered.size >= MAX_GATHERED) return;
    const time = new Date(atMs).toISOString();
    const subject = address === "*" ? { ...event, ipAddress: undefined } : event;
    gathered.set(collapseKey, { ...subject, time, collapseKey, count: 1 });
    if (!lined.has(collapseKey) && lined.size < MAX_GATHERED) {
      lined.add(collapseKey);
      writeLine(event, time);
    }
    timer ??= setTimeout(() => void flush(), FLUSH_MS).unref();
  }

  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const rows = gathered;
    if (rows.size === 0) return flushing;
    gathered = new Map();
    flushing = flushing
      .then(() => insert([...rows.values()]))
      .then(
        () => undefined,
        (error: unknown) => {
          keep(rows);
          onFlushError(error);
        },
      );
    return flushing;
  }

  /** Puts back what could not be written, for the next flush. */
  function keep(rows: Map<string, AuditRow>): void {
    for (const [key, row] of rows) {
      const newer = gathered.get(key);
      if (newer) newer.count = (newer.count ?? 1) + (row.count ?? 1);
      else if (gathered.size < MAX_GATHERED) gathered.set(key, row);
    }
    timer ??= setTimeout(() => void flush(), FLUSH_MS).unref();
  }

  return {
    note,
    flush,
    async close() {
      await flush();
      clearTimeout(timer);
    },
  };
}

/** A hash, since the ids in it come from outside: they can be too long for an index and contain any character. */
function keyOf(parts: unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
}

/** A refused login has no session yet, so its user, or the dashboard's account, takes the session's place. */
function subjectOf(event: AuditEvent): string {
  return event.sessionId ?? (event.userId === undefined ? `actor:${event.actor ?? ""}` : `user:${event.userId}`);
}
