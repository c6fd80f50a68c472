import { createBatch } from "../../db/batch.ts";
import type { Queryable } from "../../db/database.ts";
import type { SessionRow } from "../session.ts";
import type { SessionReader } from "./reader.ts";
import { readStoredSessions } from "./store.ts";

/** Two, so that the database works on one while the other's answer is read. Measured: more make smaller batches. */
const MAX_RUNNING = 2;
const MAX_BATCH = 500;

/** Reads the sessions that one turn of the event loop asks for together, and remembers none. */
export function createBatchedReader(db: Queryable, onBatch: (size: number) => void): SessionReader {
  const read = createBatch<string, SessionRow | undefined>({
    run(ids) {
      onBatch(ids.length);
      return readStoredSessions(db, ids);
    },
    maxRunning: MAX_RUNNING,
    maxItems: MAX_BATCH,
  });
  return { read, remembered: () => undefined };
}
