import { randomUUID } from "node:crypto";
import { insertAuditRows } from "../audit/store.ts";
import type { Database } from "../db/database.ts";
import { hashOfUser } from "../devices/store.ts";
import { type ErasedRows, eraseRows } from "./store.ts";

/**
 * Anonymises all data of a user, completely or not at all. Sessions end; they and audit events get an unlinkable
 * pseudonym and lose addresses, user agents, tags and metadata. Remembered devices are forgotten. What happened and
 * when stays. Log lines that were collected elsewhere are not changed.
 */
export async function eraseUser(db: Database, userId: string): Promise<ErasedRows> {
  const pseudonym = `erased-${randomUUID()}`;
  const userHash = hashOfUser(userId);
  return db.maintenance(async (connection) => {
    const erased = await eraseRows(connection, { userId, userHash, pseudonym });
    await insertAuditRows(connection, [
      { event: "UserErased", actor: "operator", details: { target: pseudonym, ...erased } },
    ]);
    return erased;
  });
}
