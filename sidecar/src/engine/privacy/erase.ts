import { createHash, randomUUID } from "node:crypto";
import { insertAuditRows } from "../audit/store.ts";
import type { Database } from "../db/database.ts";
import { type ErasedRows, eraseRows } from "./store.ts";

/**
 * Makes everything that is kept of a user anonymous, all of it or nothing: sessions, which end, and audit events get a
 * pseudonym that leads nowhere and lose addresses, user agents, tags and metadata; remembered devices are forgotten. What
 * happened and when stays. Lines that a log collector has are not reached.
 */
export async function eraseUser(db: Database, userId: string): Promise<ErasedRows> {
  const pseudonym = `erased-${randomUUID()}`;
  const userHash = createHash("sha256").update(userId).digest();
  return db.maintenance(async (connection) => {
    const erased = await eraseRows(connection, { userId, userHash, pseudonym });
    await insertAuditRows(connection, [
      { event: "UserErased", actor: "operator", details: { target: pseudonym, ...erased } },
    ]);
    return erased;
  });
}
