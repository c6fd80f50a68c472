import { createBatch } from "../../db/batch.ts";
import type { Queryable } from "../../db/database.ts";
import type { SessionRow } from "../session.ts";
import { applyLatestUse, type KnownUses } from "./latest-use.ts";
import type { SessionReader } from "./reader.ts";
import { readStoredSessions } from "./store.ts";

/** Two, so that the database works on one while the other's answer is read. Measured: more make smaller batches. */
const MAX_RUNNING = 2;
const MAX_BATCH = 500;

/** Reads the sessions that one turn of the event loop asks for together. Without `uses`: as the database has them. */
export function createBatchedRead(
  db: Queryable,
  onBatch: (size: number) => void,
  uses?: KnownUses,
): SessionReader["read"] {
  return createBatch<string, SessionRow | undefined>({
    async run(ids) {
      onBatch(ids.length);
      const rows = await readStoredSessions(db, ids);
      if (uses) for (const row of rows) if (row) applyLatestUse(row, uses);
      return rows;
    },
    maxRunning: MAX_RUNNING,
    maxItems: MAX_BATCH,
  });
}
