import type { Queryable, Statement } from "../../db/database.ts";
import type { SessionRow } from "../session.ts";
import { applyLatestUse, type KnownUses } from "./latest-use.ts";

// date_part gives a float8; extract gives a numeric, which costs ten times as much here.
const ms = (column: string) => `(date_part('epoch', ${column}) * 1000)`;

/** What every statement selects that reads whole sessions. */
export const COLUMNS = `id, user_id AS "userId", tags, metadata, ${ms("created_at")} AS "createdAt", ${ms("expires_at")} AS "expiresAt",
  ${ms("last_activity_at")} AS "lastActivityAt", ip_address AS "ipAddress", user_agent AS "userAgent",
  last_ip_address AS "lastIpAddress", salt, gen, cur_hash AS "curHash", next_hash AS "nextHash", ${ms("since")} AS since,
  ${ms("prev_until")} AS "prevUntil", rotation_asked AS "rotationAsked", ${ms("pending_since")} AS "pendingSince",
  pending_count AS "pendingCount", confirmed_ip AS "confirmedIp", confirmed_user_agent AS "confirmedUserAgent",
  client_pair AS "clientPair", other_pair AS "otherPair", device_thumbprint AS "deviceThumbprint",
  end_reason AS "endReason", ${ms("replaced_at")} AS "replacedAt", ${ms("adopted_at")} AS "adoptedAt",
  ${ms("byo.now()")} AS now`;

const READ: Statement = { name: "session-read", text: `SELECT ${COLUMNS} FROM byo.sessions WHERE id = $1` };
const READ_FOR_UPDATE: Statement = {
  name: "session-read-for-update",
  text: `SELECT ${COLUMNS} FROM byo.sessions WHERE id = $1 FOR NO KEY UPDATE`,
};
// Looks up each id by the primary key. `= ANY($1)` with few ids is planned at each execution, which costs more than the
// lookup, and a plan kept from when the table was small reads the whole table.
const READ_MANY: Statement = {
  name: "session-read-many",
  text: `SELECT found.* FROM string_to_table($1, ' ') AS asked (id)
         CROSS JOIN LATERAL (SELECT ${COLUMNS} FROM byo.sessions WHERE id = asked.id::uuid LIMIT 1) AS found`,
};

/** Reads sessions by a statement that selects `COLUMNS`. */
export async function readRows<Row extends SessionRow = SessionRow>(
  db: Queryable,
  uses: KnownUses,
  statement: Statement,
  values: readonly unknown[],
): Promise<Row[]> {
  const rows = await db.query<Row>(statement, values);
  for (const row of rows) applyLatestUse(row, uses);
  return rows;
}

export async function readSession(db: Queryable, uses: KnownUses, id: string): Promise<SessionRow | undefined> {
  return (await readRows(db, uses, READ, [id]))[0];
}

/** Reads a session and holds its row until the end of the transaction. */
export async function readForUpdate(tx: Queryable, uses: KnownUses, id: string): Promise<SessionRow | undefined> {
  return (await readRows(tx, uses, READ_FOR_UPDATE, [id]))[0];
}

/**
 * Reads sessions by their ids in one statement, as the database has them. The rows are in the order of the ids, and
 * each caller gets its own copy.
 */
export async function readStoredSessions(db: Queryable, ids: readonly string[]): Promise<(SessionRow | undefined)[]> {
  const different = [...new Set(ids)];
  // The statement for one id is cheaper when only one is asked for.
  const rows =
    different.length === 1
      ? await db.query<SessionRow>(READ, different)
      : await db.query<SessionRow>(READ_MANY, [different.join(" ")]);
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => {
    const row = byId.get(id);
    return row && different.length < ids.length ? { ...row } : row;
  });
}
