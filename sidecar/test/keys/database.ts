import type { Database } from "../../src/engine/db/database.ts";
import { openMemoryDatabase } from "../../src/engine/db/memory.ts";

/** An empty embedded database in memory, from the cluster that the sidecar brings along. */
export const openTestDatabase = (): Promise<Database> => openMemoryDatabase();

/** Moves the database's clock. */
export async function moveClock(db: Database, secs: number): Promise<void> {
  await db.query({
    name: `move-clock-${secs}`,
    text: `CREATE OR REPLACE FUNCTION byo.now() RETURNS timestamptz LANGUAGE sql VOLATILE
      AS 'SELECT clock_timestamp() + interval ''${secs} seconds'''`,
  });
}

export interface AuditedKeyEvent {
  event: string;
  actor: string;
  details: { keyId: string; name: string };
}

/** The events of the audit trail, oldest first. */
export function auditTrail(db: Database): Promise<AuditedKeyEvent[]> {
  return db.query({ name: "audit-trail", text: "SELECT event, actor, details FROM byo.audit_events ORDER BY id" });
}
